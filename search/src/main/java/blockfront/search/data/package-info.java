/** Labelled images to train on: built-in sets, folders in three formats, fixed splits, batches. */
@NullMarked
package blockfront.search.data;

import org.jspecify.annotations.NullMarked;
