/**
 * Loops over native memory with the Vector API, single-threaded and deterministic.
 *
 * <p>Arrays are dense, float32, outermost axis first. No kernel reads what it has not been given or
 * relies on what its output held before.
 */
@NullMarked
package blockfront.search.train.kernel;

import org.jspecify.annotations.NullMarked;
