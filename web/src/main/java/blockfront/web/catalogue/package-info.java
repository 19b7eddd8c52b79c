/** The page of the blocks. */
@NullMarked
package blockfront.web.catalogue;

import org.jspecify.annotations.NullMarked;
