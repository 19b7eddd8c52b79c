/**
 * Kernels of training beside plain loops that do the same, at the sizes of a small network: 4096
 * rows (64 examples of 64 tokens) of 64 channels, 256 where an MLP has them.
 */
@NullMarked
package blockfront.search.bench.kernel;

import org.jspecify.annotations.NullMarked;
