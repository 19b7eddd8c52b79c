/** Heads: the answer read off the tokens. */
@NullMarked
package blockfront.blocks.head;

import org.jspecify.annotations.NullMarked;
