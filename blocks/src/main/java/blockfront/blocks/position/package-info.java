/** Positions: how tokens are told where they are. */
@NullMarked
package blockfront.blocks.position;

import org.jspecify.annotations.NullMarked;
