/** One training run of one network: what is asked, what is seen meanwhile, how it ended. */
@NullMarked
package blockfront.search.trial;

import org.jspecify.annotations.NullMarked;
