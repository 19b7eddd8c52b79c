/** Measurements of finished networks beyond accuracy and cost. */
@NullMarked
package blockfront.search.probe;

import org.jspecify.annotations.NullMarked;
