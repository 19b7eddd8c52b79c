/** The page of the best networks over all studies. */
@NullMarked
package blockfront.web.leaderboard;

import org.jspecify.annotations.NullMarked;
