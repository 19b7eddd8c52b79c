/** The one place that knows all modules: starting, wiring, the frame around the pages. */
@NullMarked
package blockfront.web.app;

import org.jspecify.annotations.NullMarked;
