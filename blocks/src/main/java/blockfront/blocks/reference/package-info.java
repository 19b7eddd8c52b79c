/** Every operation read in plain double precision: slow, obviously right, the oracle of tests. */
@NullMarked
package blockfront.blocks.reference;

import org.jspecify.annotations.NullMarked;
