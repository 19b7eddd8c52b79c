package blockfront.blocks.spi;

/**
 * A block of the catalogue, by id, and how it is set.
 *
 * @param id as {@link Block#id()}
 */
public record Choice(String id, Setting setting) {

  public static Choice of(String id) {
    return new Choice(id, Setting.STANDARD);
  }

  public <T extends Comparable<T>> Choice with(Knob<T> knob, T value) {
    return new Choice(id, setting.with(knob, value));
  }
}
