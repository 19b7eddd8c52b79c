/** What to try next, knowing how the trials so far ended. */
@NullMarked
package blockfront.search.strategy;

import org.jspecify.annotations.NullMarked;
