package blockfront.search.bench.kernel;

import static blockfront.search.bench.kernel.Numbers.CHANNELS;
import static blockfront.search.bench.kernel.Numbers.ROWS;
import static blockfront.search.bench.kernel.Numbers.array;
import static blockfront.search.bench.kernel.Numbers.memory;

import blockfront.blocks.graph.Erf;
import blockfront.blocks.graph.Function;
import blockfront.search.train.kernel.Pointwise;
import blockfront.search.train.kernel.Rational;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/**
 * GELU by the error function and by the hyperbolic tangent, SiLU, and learned rational functions.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class ActivationBench {

  private static final int HIDDEN = 4 * CHANNELS;
  private static final int COUNT = ROWS * HIDDEN;
  private static final int GROUPS = 8;
  private static final int P = 5;
  private static final int Q = 4;

  private final MemorySegment x = memory(COUNT);
  private final MemorySegment dy = memory(COUNT);
  private final MemorySegment y = memory(COUNT);
  private final MemorySegment a = memory(P + 1);
  private final MemorySegment b = memory(GROUPS * Q);
  private final Rational rational = new Rational(ROWS, HIDDEN, GROUPS, P, Q);
  private final float[] plainX = array(COUNT);
  private final float[] plainY = new float[COUNT];
  private final float[] plainA = array(P + 1);
  private final float[] plainB = array(GROUPS * Q);

  @Benchmark
  public void gelu() {
    Pointwise.apply(Function.GELU, x, y, COUNT);
  }

  @Benchmark
  public float[] geluPlain() {
    for (int i = 0; i < COUNT; i++) {
      float each = plainX[i];
      plainY[i] = (float) (0.5 * each * (1 + Erf.erf(each / Math.sqrt(2))));
    }
    return plainY;
  }

  @Benchmark
  public void geluGradient() {
    Pointwise.gradient(Function.GELU, x, dy, y, COUNT);
  }

  @Benchmark
  public float[] geluGradientPlain() {
    for (int i = 0; i < COUNT; i++) {
      double each = plainX[i];
      double bell = Math.exp(-each * each / 2) / Math.sqrt(2 * Math.PI);
      plainY[i] = (float) (plainX[i] * (0.5 * (1 + Erf.erf(each / Math.sqrt(2))) + each * bell));
    }
    return plainY;
  }

  @Benchmark
  public void geluTanh() {
    Pointwise.apply(Function.GELU_TANH, x, y, COUNT);
  }

  @Benchmark
  public float[] geluTanhPlain() {
    for (int i = 0; i < COUNT; i++) {
      double each = plainX[i];
      double inner = Math.sqrt(2 / Math.PI) * (each + 0.044715 * each * each * each);
      plainY[i] = (float) (0.5 * each * (1 + Math.tanh(inner)));
    }
    return plainY;
  }

  @Benchmark
  public void silu() {
    Pointwise.apply(Function.SILU, x, y, COUNT);
  }

  @Benchmark
  public float[] siluPlain() {
    for (int i = 0; i < COUNT; i++) {
      plainY[i] = (float) (plainX[i] / (1 + Math.exp(-plainX[i])));
    }
    return plainY;
  }

  @Benchmark
  public void rational() {
    rational.forward(x, a, b, y);
  }

  @Benchmark
  public float[] rationalPlain() {
    int width = HIDDEN / GROUPS;
    for (int i = 0; i < COUNT; i++) {
      int group = i % HIDDEN / width;
      float top = plainA[P];
      for (int n = P - 1; n >= 0; n--) {
        top = top * plainX[i] + plainA[n];
      }
      float magnitude = Math.abs(plainX[i]);
      float bottom = 0;
      for (int n = Q - 1; n >= 0; n--) {
        bottom = (bottom + Math.abs(plainB[group * Q + n])) * magnitude;
      }
      plainY[i] = top / (1 + bottom);
    }
    return plainY;
  }
}
