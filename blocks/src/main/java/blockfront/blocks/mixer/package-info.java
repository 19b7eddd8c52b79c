/** Token mixers: how tokens exchange information. */
@NullMarked
package blockfront.blocks.mixer;

import org.jspecify.annotations.NullMarked;
