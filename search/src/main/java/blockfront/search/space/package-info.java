/** What a study may try, and how genes become networks. */
@NullMarked
package blockfront.search.space;

import org.jspecify.annotations.NullMarked;
