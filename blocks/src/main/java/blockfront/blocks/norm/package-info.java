/** Norms: activations brought to a standard size. */
@NullMarked
package blockfront.blocks.norm;

import org.jspecify.annotations.NullMarked;
