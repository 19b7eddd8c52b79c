/**
 * The vocabulary that networks are described in: symbolic tensors over a sealed set of operations.
 */
@NullMarked
package blockfront.blocks.graph;

import org.jspecify.annotations.NullMarked;
