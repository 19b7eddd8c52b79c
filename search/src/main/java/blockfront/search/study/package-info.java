/** A search over networks: its plan, its trials, its front, and the service that drives it. */
@NullMarked
package blockfront.search.study;

import org.jspecify.annotations.NullMarked;
