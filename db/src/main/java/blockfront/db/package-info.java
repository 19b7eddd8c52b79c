/** Studies in an H2 file database under one data directory. */
@NullMarked
package blockfront.db;

import org.jspecify.annotations.NullMarked;
