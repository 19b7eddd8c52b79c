/** Training: descriptions compiled to steps over native memory, and what is done with them. */
@NullMarked
package blockfront.search.train;

import org.jspecify.annotations.NullMarked;
