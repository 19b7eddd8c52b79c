package blockfront.search.bench.kernel;

import static blockfront.search.bench.kernel.Numbers.CHANNELS;
import static blockfront.search.bench.kernel.Numbers.ROWS;
import static blockfront.search.bench.kernel.Numbers.array;
import static blockfront.search.bench.kernel.Numbers.memory;

import blockfront.search.train.kernel.Copies;
import blockfront.search.train.kernel.Descent;
import blockfront.search.train.kernel.Elementwise;
import blockfront.search.train.kernel.Strides;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** A bias, its gradient (sums of columns), means of rows, and a step of AdamW. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class SumBench {

  private static final int COUNT = ROWS * CHANNELS;
  private static final List<Integer> SIZES = List.of(ROWS, CHANNELS);
  private static final List<Long> DENSE = List.of((long) CHANNELS, 1L);

  private final MemorySegment x = memory(COUNT);
  private final MemorySegment y = memory(COUNT);
  private final MemorySegment channels = memory(CHANNELS);
  private final MemorySegment rows = memory(ROWS);
  private final MemorySegment mean = memory(COUNT);
  private final MemorySegment square = memory(COUNT);
  private final Elementwise bias =
      new Elementwise(Elementwise.Arithmetic.ADD, Strides.of(SIZES, DENSE, List.of(0L, 1L)));
  private final Copies down = new Copies(Strides.of(SIZES, DENSE, List.of(0L, 1L)));
  private final Copies along = new Copies(Strides.of(SIZES, DENSE, List.of(1L, 0L)));
  private final float[] plainX = array(COUNT);
  private final float[] plainY = new float[COUNT];
  private final float[] plainChannels = array(CHANNELS);
  private final float[] plainRows = new float[ROWS];
  private final float[] plainMean = new float[COUNT];
  private final float[] plainSquare = new float[COUNT];

  @Benchmark
  public void bias() {
    bias.apply(x, channels, y);
  }

  @Benchmark
  public float[] biasPlain() {
    for (int i = 0; i < COUNT; i++) {
      plainY[i] = plainX[i] + plainChannels[i % CHANNELS];
    }
    return plainY;
  }

  @Benchmark
  public void columnSums() {
    down.sum(x, channels, CHANNELS, 1);
  }

  @Benchmark
  public float[] columnSumsPlain() {
    for (int c = 0; c < CHANNELS; c++) {
      float sum = 0;
      for (int at = c; at < COUNT; at += CHANNELS) {
        sum += plainX[at];
      }
      plainChannels[c] = sum;
    }
    return plainChannels;
  }

  @Benchmark
  public void rowMeans() {
    along.sum(x, rows, ROWS, 1f / CHANNELS);
  }

  @Benchmark
  public float[] rowMeansPlain() {
    for (int row = 0; row < ROWS; row++) {
      float sum = 0;
      for (int i = 0; i < CHANNELS; i++) {
        sum += plainX[row * CHANNELS + i];
      }
      plainRows[row] = sum / CHANNELS;
    }
    return plainRows;
  }

  /** The gradient is small, so that nothing runs away. */
  @Benchmark
  public void adamW() {
    Descent.adamW(y, x, mean, square, COUNT, 100, 1e-3f, 1e-6f, 0.05f);
  }

  @Benchmark
  public float[] adamWPlain() {
    float rate = (float) (1e-6 / (1 - Math.pow(0.9, 100)));
    float correction = (float) (1 / (1 - Math.pow(0.999, 100)));
    for (int i = 0; i < COUNT; i++) {
      float gradient = 1e-3f * plainX[i];
      plainMean[i] = 0.9f * plainMean[i] + 0.1f * gradient;
      plainSquare[i] = 0.999f * plainSquare[i] + 0.001f * gradient * gradient;
      float root = (float) Math.sqrt(plainSquare[i] * correction) + 1e-8f;
      plainY[i] = plainY[i] * (1 - 1e-6f * 0.05f) - rate * plainMean[i] / root;
    }
    return plainY;
  }
}
