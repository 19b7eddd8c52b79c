/** Wrappers: how mixers, norms and residuals make a layer. */
@NullMarked
package blockfront.blocks.wrapper;

import org.jspecify.annotations.NullMarked;
