/** What a network costs, counted operation by operation. */
@NullMarked
package blockfront.blocks.cost;

import org.jspecify.annotations.NullMarked;
