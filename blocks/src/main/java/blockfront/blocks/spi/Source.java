package blockfront.blocks.spi;

/**
 * Where a block comes from.
 *
 * @param title of the paper
 * @param authors as cited, "Yu et al."
 * @param year of the first public version
 * @param address of the paper
 */
public record Source(String title, String authors, int year, String address) {}
