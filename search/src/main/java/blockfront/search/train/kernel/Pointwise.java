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
  private static final FloatVector DENSITY = vector((float) (1 / Math.sqrt(2 * Math.PI)));

  private Pointwise() {}

  /** {@code y = f(x)}. */
  public static void apply(Function function, MemorySegment x, MemorySegment y, long count) {
    activate(function, x, false, y, Math.toIntExact(count));
  }

  /** {@code y = f(x)}, and {@code x} becomes {@code f'(x)}. */
  public static void applyWithSlope(
      Function function, MemorySegment x, MemorySegment y, long count) {
    activate(function, x, true, y, Math.toIntExact(count));
  }

  /** {@code out = x y}. */
  public static void multiply(MemorySegment x, MemorySegment y, MemorySegment out, long count) {
    long i = 0;
    for (; i <= count - WIDTH; i += WIDTH) {
      store(load(x, i).mul(load(y, i)), out, i);
    }
    if (i < count) {
      VectorMask<Float> rest = rest(i, count);
      store(load(x, i, rest).mul(load(y, i, rest)), out, i, rest);
    }
  }

  private static void activate(
      Function function, MemorySegment x, boolean slope, MemorySegment y, int count) {
    // a method for each function that networks spend time in: the compiler takes no more
    switch (function) {
      case GELU -> {
        if (slope) {
          geluWithSlope(x, y, count);
        } else {
          gelu(x, y, count);
        }
      }
      case GELU_TANH -> {
        if (slope) {
          geluTanhWithSlope(x, y, count);
        } else {
          geluTanh(x, y, count);
        }
      }
      case SILU -> {
        if (slope) {
          siluWithSlope(x, y, count);
        } else {
          silu(x, y, count);
        }
      }
      case RELU, SIGMOID, TANH, EXP, LOG, SQRT, SQUARE, ABS, STEP, SPIKE_SIGMOID, SPIKE_ARCTAN ->
          any(function, x, slope, y, 0, count);
    }
  }

  private static void gelu(MemorySegment x, MemorySegment y, int count) {
    int i = 0;
    for (; i <= count - WIDTH; i += WIDTH) {
      FloatVector h = load(x, i);
      FloatVector bell = Lanes.bell(h);
      FloatVector normal = Lanes.normal(h, bell);
      store(h.mul(normal), y, i);
    }
    any(Function.GELU, x, false, y, i, count);
  }

  private static void geluWithSlope(MemorySegment x, MemorySegment y, int count) {
    int i = 0;
    for (; i <= count - WIDTH; i += WIDTH) {
      FloatVector h = load(x, i);
      FloatVector bell = Lanes.bell(h);
      FloatVector normal = Lanes.normal(h, bell);
      store(h.mul(normal), y, i);
      store(h.fma(bell.mul(DENSITY), normal), x, i);
    }
    any(Function.GELU, x, true, y, i, count);
  }

  private static void geluTanh(MemorySegment x, MemorySegment y, int count) {
    int i = 0;
    for (; i <= count - WIDTH; i += WIDTH) {
      FloatVector h = load(x, i);
      FloatVector s = Lanes.sigmoid(tanhArgument(h).mul(2));
      store(h.mul(s), y, i);
    }
    any(Function.GELU_TANH, x, false, y, i, count);
  }

  private static void geluTanhWithSlope(MemorySegment x, MemorySegment y, int count) {
    int i = 0;
    for (; i <= count - WIDTH; i += WIDTH) {
      FloatVector h = load(x, i);
      FloatVector s = Lanes.sigmoid(tanhArgument(h).mul(2));
      store(h.mul(s), y, i);
      FloatVector inner = h.mul(h).mul(3 * TANH_CUBE).add(1).mul(2 * TANH_FACTOR);
      store(s.mul(vector(1).sub(s)).mul(h).fma(inner, s), x, i);
    }
    any(Function.GELU_TANH, x, true, y, i, count);
  }

  private static void silu(MemorySegment x, MemorySegment y, int count) {
    int i = 0;
    for (; i <= count - WIDTH; i += WIDTH) {
      FloatVector h = load(x, i);
      FloatVector s = Lanes.sigmoid(h);
      store(h.mul(s), y, i);
    }
    any(Function.SILU, x, false, y, i, count);
  }

  private static void siluWithSlope(MemorySegment x, MemorySegment y, int count) {
    int i = 0;
    for (; i <= count - WIDTH; i += WIDTH) {
      FloatVector h = load(x, i);
      FloatVector s = Lanes.sigmoid(h);
      store(h.mul(s), y, i);
      store(s.mul(vector(1).sub(s)).fma(h, s), x, i);
    }
    any(Function.SILU, x, true, y, i, count);
  }

  private static void any(
      Function function, MemorySegment x, boolean slope, MemorySegment y, int from, int count) {
    for (int i = from; i < count; i += WIDTH) {
      VectorMask<Float> rest = rest(i, count);
      FloatVector h = load(x, i, rest);
      store(value(function, h), y, i, rest);
      if (slope) {
        store(derivative(function, h), x, i, rest);
      }
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
      case GELU -> x.mul(Lanes.normal(x, Lanes.bell(x)));
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
      case SPIKE_SIGMOID, SPIKE_ARCTAN -> Lanes.zero().blend(1, x.compare(VectorOperators.GE, 0));
    };
  }

  private static FloatVector derivative(Function function, FloatVector x) {
    return switch (function) {
      case GELU -> {
        FloatVector bell = Lanes.bell(x);
        yield x.fma(bell.mul(DENSITY), Lanes.normal(x, bell));
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
      case SPIKE_SIGMOID -> {
        FloatVector s = Lanes.sigmoid(x.mul(4));
        yield s.mul(vector(1).sub(s)).mul(4);
      }
      case SPIKE_ARCTAN -> {
        FloatVector turn = x.mul((float) Math.PI);
        yield vector(1).div(turn.fma(turn, vector(1)));
      }
    };
  }

  private static FloatVector tanhArgument(FloatVector x) {
    return x.mul(x).mul(TANH_CUBE).add(1).mul(x).mul(TANH_FACTOR);
  }
}
