/** Tables of finished trainings as benchmarks of search strategies. */
@NullMarked
package blockfront.search.bench;

import org.jspecify.annotations.NullMarked;
