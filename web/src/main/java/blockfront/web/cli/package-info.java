/** The command line; only {@code serve} starts the web server. */
@NullMarked
package blockfront.web.cli;

import org.jspecify.annotations.NullMarked;
