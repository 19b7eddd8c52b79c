/** Published networks, ready to use. */
@NullMarked
package blockfront.blocks.preset;

import org.jspecify.annotations.NullMarked;
