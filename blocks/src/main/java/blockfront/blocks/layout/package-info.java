/** Layouts: how the layers of a stage are put together. */
@NullMarked
package blockfront.blocks.layout;

import org.jspecify.annotations.NullMarked;
