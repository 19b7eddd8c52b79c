package blockfront.search.train.kernel;

import static blockfront.search.train.kernel.Lanes.WIDTH;
import static blockfront.search.train.kernel.Lanes.load;
import static blockfront.search.train.kernel.Lanes.rest;
import static blockfront.search.train.kernel.Lanes.store;
import static blockfront.search.train.kernel.Lanes.vector;

import blockfront.blocks.graph.Function;
import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/** Functions of one element, and their derivatives. */
public final class Pointwise {

  private static final float TANH_FACTOR = (float) Math.sqrt(2 / Math.PI);
  private static final float TANH_CUBE = 0.044715f;
  private static final float DENSITY = (float) (1 / Math.sqrt(2 * Math.PI));

  private Pointwise() {}

  /** {@code y = f(x)}. */
  public static void apply(Function function, MemorySegment x, MemorySegment y, long count) {
    long i = 0;
    for (; i <= count - WIDTH; i += WIDTH) {
      store(value(function, load(x, i)), y, i);
    }
    if (i < count) {
      VectorMask<Float> rest = rest(i, count);
      store(value(function, load(x, i, rest)), y, i, rest);
    }
  }

  /** {@code dx = f'(x) dy}. */
  public static void gradient(
      Function function, MemorySegment x, MemorySegment dy, MemorySegment dx, long count) {
    long i = 0;
    for (; i <= count - WIDTH; i += WIDTH) {
      store(derivative(function, load(x, i)).mul(load(dy, i)), dx, i);
    }
    if (i < count) {
      VectorMask<Float> rest = rest(i, count);
      store(derivative(function, load(x, i, rest)).mul(load(dy, i, rest)), dx, i, rest);
    }
  }

  /** {@code y = scale x + shift}. */
  public static void affine(
      float scale, float shift, MemorySegment x, MemorySegment y, long count) {
    FloatVector offset = vector(shift);
    FloatVector factor = vector(scale);
    long i = 0;
    for (; i <= count - WIDTH; i += WIDTH) {
      store(load(x, i).fma(factor, offset), y, i);
    }
    if (i < count) {
      VectorMask<Float> rest = rest(i, count);
      store(load(x, i, rest).fma(factor, offset), y, i, rest);
    }
  }

  private static FloatVector value(Function function, FloatVector x) {
    return switch (function) {
      case GELU -> x.mul(Lanes.normal(x));
      case GELU_TANH -> x.mul(Lanes.sigmoid(tanhArgument(x).mul(2)));
      case SILU -> x.mul(Lanes.sigmoid(x));
      case RELU -> x.max(0);
      case SIGMOID -> Lanes.sigmoid(x);
      case TANH -> Lanes.tanh(x);
      case EXP -> Lanes.exp(x);
      case LOG -> Lanes.log(x);
      case SQRT -> x.sqrt();
      case SQUARE -> x.mul(x);
      case ABS -> x.abs();
      case STEP -> Lanes.zero().blend(1, x.compare(VectorOperators.GT, 0));
    };
  }

  private static FloatVector derivative(Function function, FloatVector x) {
    return switch (function) {
      case GELU -> {
        FloatVector density = Lanes.exp(x.mul(x).mul(-0.5f)).mul(DENSITY);
        yield x.fma(density, Lanes.normal(x));
      }
      case GELU_TANH -> {
        FloatVector s = Lanes.sigmoid(tanhArgument(x).mul(2));
        FloatVector inner = x.mul(x).mul(3 * TANH_CUBE).add(1).mul(2 * TANH_FACTOR);
        yield s.mul(vector(1).sub(s)).mul(x).fma(inner, s);
      }
      case SILU -> {
        FloatVector s = Lanes.sigmoid(x);
        yield s.mul(vector(1).sub(s)).fma(x, s);
      }
      case RELU -> Lanes.zero().blend(1, x.compare(VectorOperators.GT, 0));
      case SIGMOID -> {
        FloatVector s = Lanes.sigmoid(x);
        yield s.mul(vector(1).sub(s));
      }
      case TANH -> {
        FloatVector t = Lanes.tanh(x);
        yield vector(1).sub(t.mul(t));
      }
      case EXP -> Lanes.exp(x);
      case LOG -> vector(1).div(x);
      case SQRT -> vector(0.5f).div(x.sqrt());
      case SQUARE -> x.add(x);
      case ABS ->
          Lanes.zero()
              .blend(1, x.compare(VectorOperators.GT, 0))
              .blend(-1, x.compare(VectorOperators.LT, 0));
      case STEP -> Lanes.zero();
    };
  }

  private static FloatVector tanhArgument(FloatVector x) {
    return x.mul(x).mul(TANH_CUBE).add(1).mul(x).mul(TANH_FACTOR);
  }
}
