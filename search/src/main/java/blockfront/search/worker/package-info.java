/** Child processes that train: what is said over their pipes, both ends of it. */
@NullMarked
package blockfront.search.worker;

import org.jspecify.annotations.NullMarked;
