/** Whole networks as data: which block where, and how set. */
@NullMarked
package blockfront.blocks.network;

import org.jspecify.annotations.NullMarked;
