package blockfront.search.train.kernel;

import static blockfront.search.train.kernel.Lanes.SPECIES;
import static blockfront.search.train.kernel.Lanes.WIDTH;
import static blockfront.search.train.kernel.Lanes.rest;
import static blockfront.search.train.kernel.Lanes.store;
import static blockfront.search.train.kernel.Lanes.vector;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** Random masks, each element by a hash of the seed and its index: in any order the same. */
public final class Masks {

  private static final VectorSpecies<Integer> INTS =
      VectorSpecies.of(int.class, SPECIES.vectorShape());
  private static final IntVector LANES = IntVector.zero(INTS).addIndex(1);
  private static final int SIGN = Integer.MIN_VALUE;

  // a mixing of 32 bits with little bias: https://nullprogram.com/blog/2018/07/31/
  private static final int FIRST = 0x7feb352d;
  private static final int SECOND = 0x846ca68b;

  private Masks() {}

  /** 0 with probability {@code rate}, and {@code 1 / (1 - rate)} else. */
  public static void draw(long seed, double rate, MemorySegment mask, long count) {
    int low = mix((int) seed);
    int key = mix(low ^ (int) (seed >>> 32));
    // unsigned comparison, as signed ones of shifted numbers
    int limit = (int) Math.round(rate * 0x1p32) ^ SIGN;
    FloatVector kept = vector((float) (1 / (1 - rate)));
    for (long i = 0; i < count; i += WIDTH) {
      IntVector hash = mix(LANES.add((int) i).lanewise(VectorOperators.XOR, key));
      IntVector drawn = mix(hash.add(low)).lanewise(VectorOperators.XOR, SIGN);
      VectorMask<Float> dropped = drawn.compare(VectorOperators.LT, limit).cast(SPECIES);
      store(kept.blend(0, dropped), mask, i, rest(i, count));
    }
  }

  static int mix(int x) {
    int y = (x ^ (x >>> 16)) * FIRST;
    y = (y ^ (y >>> 15)) * SECOND;
    return y ^ (y >>> 16);
  }

  private static IntVector mix(IntVector x) {
    IntVector y = folded(x, 16).mul(FIRST);
    return folded(folded(y, 15).mul(SECOND), 16);
  }

  private static IntVector folded(IntVector x, int by) {
    return x.lanewise(VectorOperators.XOR, x.lanewise(VectorOperators.LSHR, by));
  }
}
