/** All blocks there are, found at run time. */
@NullMarked
package blockfront.blocks.catalogue;

import org.jspecify.annotations.NullMarked;
