/** The pages of studies: the list, a new one, one of them. */
@NullMarked
package blockfront.web.study;

import org.jspecify.annotations.NullMarked;
