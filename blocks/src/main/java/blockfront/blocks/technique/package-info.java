/** What is done with networks beyond describing their parts. */
@NullMarked
package blockfront.blocks.technique;

import org.jspecify.annotations.NullMarked;
