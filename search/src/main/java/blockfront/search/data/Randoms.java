package blockfront.search.data;

/** A stream of random numbers of {@link Draw}; the same on every machine and JDK. */
final class Randoms {

  private static final double STEP = 0x1p-53;

  private final long seed;
  private final long stream;
  private long at;

  Randoms(long seed, long stream) {
    this.seed = seed;
    this.stream = stream;
  }

  int below(int bound) {
    return Draw.below(bound, next());
  }

  /** In [0, 1). */
  double uniform() {
    return (next() >>> 11) * STEP;
  }

  /** Of mean 0 and variance 1 (Box and Muller, 1958). */
  double gaussian() {
    double radius = StrictMath.sqrt(-2 * StrictMath.log(1 - uniform()));
    return radius * StrictMath.cos(2 * StrictMath.PI * uniform());
  }

  /** Different numbers of {@code [0, bound)}, in random order. */
  int[] distinct(int count, int bound) {
    var all = new int[bound];
    for (int i = 0; i < bound; i++) {
      all[i] = i;
    }
    var chosen = new int[count];
    for (int i = 0; i < count; i++) {
      int from = i + below(bound - i);
      chosen[i] = all[from];
      all[from] = all[i];
    }
    return chosen;
  }

  private long next() {
    return Draw.bits(seed, stream, at++);
  }
}
