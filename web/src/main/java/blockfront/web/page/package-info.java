/** What the pages share: figures, parts of pages, refreshing while something runs. */
@NullMarked
package blockfront.web.page;

import org.jspecify.annotations.NullMarked;
