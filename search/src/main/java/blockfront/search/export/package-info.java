/** What leaves Blockfront: files of studies, and networks for other programs. */
@NullMarked
package blockfront.search.export;

import org.jspecify.annotations.NullMarked;
