package blockfront.search.train.kernel;

import static blockfront.search.train.kernel.Lanes.WIDTH;
import static blockfront.search.train.kernel.Lanes.load;
import static blockfront.search.train.kernel.Lanes.rest;
import static blockfront.search.train.kernel.Lanes.store;
import static blockfront.search.train.kernel.Lanes.vector;

import blockfront.blocks.graph.Function;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
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
    activate(function, x, Optional.empty(), false, y, 1, Math.toIntExact(count));
  }

  /** {@code y = f(x)}, and {@code x} becomes {@code f'(x)}. */
  public static void applyWithSlope(
      Function function, MemorySegment x, MemorySegment y, long count) {
    activate(function, x, Optional.empty(), true, y, 1, Math.toIntExact(count));
  }

  /** {@code y = f(x + bias)} for rows of channels; {@code y} may be {@code x}. */
  public static void applyBiased(
      Function function,
      MemorySegment x,
      MemorySegment bias,
      MemorySegment y,
      int rows,
      int channels) {
    activate(function, x, Optional.of(bias), false, y, rows, channels);
  }

  /** {@code y = f(x + bias)}, and {@code x} becomes {@code f'(x + bias)}. */
  public static void applyBiasedWithSlope(
      Function function,
      MemorySegment x,
      MemorySegment bias,
      MemorySegment y,
      int rows,
      int channels) {
    activate(function, x, Optional.of(bias), true, y, rows, channels);
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
      Function function,
      MemorySegment x,
      Optional<MemorySegment> bias,
      boolean slope,
      MemorySegment y,
      int rows,
      int channels) {
    MemorySegment shift = bias.orElse(x); // not read where there is no bias
    boolean biased = bias.isPresent();
    for (int row = 0; row < rows; row++) {
      long at = (long) row * channels;
      // a loop for each function that networks spend time in
      switch (function) {
        case GELU -> gelu(x, shift, biased, slope, y, at, channels);
        case GELU_TANH -> geluTanh(x, shift, biased, slope, y, at, channels);
        case SILU -> silu(x, shift, biased, slope, y, at, channels);
        case RELU, SIGMOID, TANH, EXP, LOG, SQRT, SQUARE, ABS, STEP, SPIKE_SIGMOID, SPIKE_ARCTAN ->
            any(function, x, shift, biased, slope, y, at, 0, channels);
      }
    }
  }

  // No vector may come out of a branch: one that does is an object, made anew each time.

  private static void gelu(
      MemorySegment x,
      MemorySegment bias,
      boolean biased,
      boolean slope,
      MemorySegment y,
      long at,
      int channels) {
    int c = 0;
    if (biased) {
      for (; c <= channels - WIDTH; c += WIDTH) {
        gelu(load(x, at + c).add(load(bias, c)), slope, x, y, at + c);
      }
    } else {
      for (; c <= channels - WIDTH; c += WIDTH) {
        gelu(load(x, at + c), slope, x, y, at + c);
      }
    }
    if (c < channels) {
      any(Function.GELU, x, bias, biased, slope, y, at, c, channels);
    }
  }

  private static void gelu(
      FloatVector h, boolean slope, MemorySegment x, MemorySegment y, long at) {
    FloatVector bell = Lanes.exp(h.mul(h).mul(-0.5f));
    FloatVector normal = Lanes.normal(h, bell);
    store(h.mul(normal), y, at);
    if (slope) {
      store(h.fma(bell.mul(DENSITY), normal), x, at);
    }
  }

  private static void geluTanh(
      MemorySegment x,
      MemorySegment bias,
      boolean biased,
      boolean slope,
      MemorySegment y,
      long at,
      int channels) {
    int c = 0;
    if (biased) {
      for (; c <= channels - WIDTH; c += WIDTH) {
        geluTanh(load(x, at + c).add(load(bias, c)), slope, x, y, at + c);
      }
    } else {
      for (; c <= channels - WIDTH; c += WIDTH) {
        geluTanh(load(x, at + c), slope, x, y, at + c);
      }
    }
    if (c < channels) {
      any(Function.GELU_TANH, x, bias, biased, slope, y, at, c, channels);
    }
  }

  private static void geluTanh(
      FloatVector h, boolean slope, MemorySegment x, MemorySegment y, long at) {
    FloatVector s = Lanes.sigmoid(tanhArgument(h).mul(2));
    store(h.mul(s), y, at);
    if (slope) {
      FloatVector inner = h.mul(h).mul(3 * TANH_CUBE).add(1).mul(2 * TANH_FACTOR);
      store(s.mul(vector(1).sub(s)).mul(h).fma(inner, s), x, at);
    }
  }

  private static void silu(
      MemorySegment x,
      MemorySegment bias,
      boolean biased,
      boolean slope,
      MemorySegment y,
      long at,
      int channels) {
    int c = 0;
    if (biased) {
      for (; c <= channels - WIDTH; c += WIDTH) {
        silu(load(x, at + c).add(load(bias, c)), slope, x, y, at + c);
      }
    } else {
      for (; c <= channels - WIDTH; c += WIDTH) {
        silu(load(x, at + c), slope, x, y, at + c);
      }
    }
    if (c < channels) {
      any(Function.SILU, x, bias, biased, slope, y, at, c, channels);
    }
  }

  private static void silu(
      FloatVector h, boolean slope, MemorySegment x, MemorySegment y, long at) {
    FloatVector s = Lanes.sigmoid(h);
    store(h.mul(s), y, at);
    if (slope) {
      store(s.mul(vector(1).sub(s)).fma(h, s), x, at);
    }
  }

  private static void any(
      Function function,
      MemorySegment x,
      MemorySegment bias,
      boolean biased,
      boolean slope,
      MemorySegment y,
      long at,
      int from,
      int channels) {
    for (int c = from; c < channels; c += WIDTH) {
      VectorMask<Float> rest = rest(c, channels);
      FloatVector h = load(x, at + c, rest);
      if (biased) {
        h = h.add(load(bias, c, rest));
      }
      store(value(function, h), y, at + c, rest);
      if (slope) {
        store(derivative(function, h), x, at + c, rest);
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
      case GELU -> x.mul(Lanes.normal(x, Lanes.exp(x.mul(x).mul(-0.5f))));
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
        FloatVector bell = Lanes.exp(x.mul(x).mul(-0.5f));
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
