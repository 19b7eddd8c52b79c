/** What tests of blocks share. */
@NullMarked
package blockfront.blocks.testing;

import org.jspecify.annotations.NullMarked;
