package blockfront.search.data;

/**
 * Random numbers as a function of where they are used, so that they depend neither on the order of
 * the calls nor on the thread.
 *
 * <p>The mixing function is that of Steele, Lea and Flood, "Fast splittable pseudorandom number
 * generators" (2014). It is written out because the JDK promises no algorithm for its own.
 */
final class Draw {

  private static final long GOLDEN_GAMMA = 0x9E3779B97F4A7C15L;

  private Draw() {}

  /** 64 bits that are the same for the same arguments, on every machine and JDK. */
  static long bits(long seed, long first, long second) {
    long state = mix(seed + GOLDEN_GAMMA);
    state = mix(state + GOLDEN_GAMMA * (first + 1));
    return mix(state + GOLDEN_GAMMA * (second + 1));
  }

  /** An integer of {@code [0, bound)} made of 64 bits. */
  static int below(int bound, long bits) {
    return (int) Math.unsignedMultiplyHigh(bits, bound);
  }

  /** Brings indices into an order that depends on the seed, the stream and their number only. */
  static void shuffle(int[] indices, long seed, long stream) {
    for (int last = indices.length - 1; last > 0; last--) {
      int chosen = below(last + 1, bits(seed, stream, last));
      int kept = indices[last];
      indices[last] = indices[chosen];
      indices[chosen] = kept;
    }
  }

  private static long mix(long bits) {
    long mixed = (bits ^ (bits >>> 30)) * 0xBF58476D1CE4E5B9L;
    mixed = (mixed ^ (mixed >>> 27)) * 0x94D049BB133111EBL;
    return mixed ^ (mixed >>> 31);
  }
}
