/** The page of one network. */
@NullMarked
package blockfront.web.architecture;

import org.jspecify.annotations.NullMarked;
