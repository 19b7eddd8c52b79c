package blockfront.blocks.graph;

import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * The first values of parameters.
 *
 * <p>What a parameter starts with depends on the seed and on its name alone, not on what else the
 * network holds.
 */
public final class Initialiser {

  /** Draws of a truncated normal lie within this magnitude. */
  private static final double CUT = 2;

  private final long seed;
  private final Start start;

  /** With the deviations that are published. */
  public Initialiser(long seed) {
    this(seed, Start.PUBLISHED);
  }

  public Initialiser(long seed, Start start) {
    this.seed = seed;
    this.start = start;
  }

  /**
   * First values, outermost axis first.
   *
   * @param name of the parameter, as in {@link Parameters}
   * @param parameter made by {@link Op.Parameter} or {@link Op.Statistic}
   */
  public float[] values(String name, Tensor parameter) {
    Init init =
        switch (parameter.op()) {
          case Op.Parameter(String _, Init.TruncatedNormal usual, boolean decays)
              when decays
                  && usual.equals(Init.TRUNCATED_NORMAL_002)
                  && parameter.shape().rank() > 1 ->
              new Init.TruncatedNormal(start.deviation(usual.deviation(), parameter.shape()));
          case Op.Parameter(String _, Init given, boolean _) -> given;
          case Op.Statistic(String _, Init given) -> given;
          case Op.Leaf _, Op.Forward _, Op.Backward _ ->
              throw new IllegalArgumentException(
                  "Only parameters have first values, not " + parameter);
        };
    int size = Math.toIntExact(parameter.shape().elements());
    if (init instanceof Init.Given(Values given) && given.size() != size) {
      throw new IllegalArgumentException(
          "Parameter '%s' of shape %s needs %d first values, got %d"
              .formatted(name, parameter.shape(), size, given.size()));
    }
    var random = new SplittableRandom(seed ^ hash(name));
    var values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] =
          (float)
              switch (init) {
                case Init.Constant(double value) -> value;
                case Init.Normal(double deviation) -> deviation * random.nextGaussian();
                case Init.TruncatedNormal(double deviation) -> truncated(random, deviation);
                case Init.Uniform(double bound) -> bound * (2 * random.nextDouble() - 1);
                // from above 0: its logarithm is wanted
                case Init.LogOfUniform(double bound) -> Math.log(bound * (1 - random.nextDouble()));
                case Init.LogUniformSoftplus(double least, double greatest) -> {
                  double share = random.nextDouble();
                  double softplus = least * Math.pow(greatest / least, share);
                  yield Math.log(Math.expm1(softplus));
                }
                case Init.Given(Values given) -> given.at(i);
              };
    }
    return values;
  }

  private static double truncated(RandomGenerator random, double deviation) {
    double draw = deviation * random.nextGaussian();
    while (Math.abs(draw) > CUT) {
      draw = deviation * random.nextGaussian();
    }
    return draw;
  }

  /** FNV-1a over the characters: the same in every process, which {@code hashCode} need not be. */
  private static long hash(String name) {
    long hash = 0xcbf29ce484222325L;
    for (int i = 0; i < name.length(); i++) {
      hash = (hash ^ name.charAt(i)) * 0x100000001b3L;
    }
    return hash;
  }
}
