/** Charts. */
@NullMarked
package blockfront.web.front;

import org.jspecify.annotations.NullMarked;
