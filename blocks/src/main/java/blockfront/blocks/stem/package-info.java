/** Stems and downsampling: from an image to tokens, and from many tokens to fewer. */
@NullMarked
package blockfront.blocks.stem;

import org.jspecify.annotations.NullMarked;
