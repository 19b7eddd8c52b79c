package blockfront.search.bench.kernel;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;

/** The same random numbers for a kernel and for the loop beside it. */
final class Numbers {

  static final int ROWS = 4096;
  static final int CHANNELS = 64;

  private static final Arena ARENA = Arena.ofAuto();

  private Numbers() {}

  /** From -2 to 2, none close to 0. */
  static float[] array(int count) {
    var random = new SplittableRandom(count);
    var values = new float[count];
    for (int i = 0; i < count; i++) {
      float draw = (float) random.nextDouble(0.05, 2);
      values[i] = random.nextBoolean() ? draw : -draw;
    }
    return values;
  }

  static MemorySegment memory(int count) {
    MemorySegment memory = ARENA.allocate((long) count << 2, 64);
    MemorySegment.copy(array(count), 0, memory, ValueLayout.JAVA_FLOAT, 0, count);
    return memory;
  }
}
