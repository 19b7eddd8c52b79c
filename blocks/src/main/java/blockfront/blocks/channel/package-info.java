/** Channel mixers: what happens to each token alone. */
@NullMarked
package blockfront.blocks.channel;

import org.jspecify.annotations.NullMarked;
