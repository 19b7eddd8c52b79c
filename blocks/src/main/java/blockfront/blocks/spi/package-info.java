/** What every block of the catalogue implements: one interface a category, one file a family. */
@NullMarked
package blockfront.blocks.spi;

import org.jspecify.annotations.NullMarked;
