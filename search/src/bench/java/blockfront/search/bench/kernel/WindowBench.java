package blockfront.search.bench.kernel;

import static blockfront.search.bench.kernel.Numbers.CHANNELS;
import static blockfront.search.bench.kernel.Numbers.ROWS;
import static blockfront.search.bench.kernel.Numbers.array;
import static blockfront.search.bench.kernel.Numbers.memory;

import blockfront.blocks.graph.Window;
import blockfront.search.train.kernel.Windows;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/**
 * Depthwise convolutions and their gradients, the unfolding that makes a small convolution a matrix
 * product, and pooling, on grids of 8 by 8.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class WindowBench {

  private static final int SIDE = 8;
  private static final int EXAMPLES = ROWS / (SIDE * SIDE);
  private static final int COUNT = ROWS * CHANNELS;
  private static final Window SEVEN = Window.same(7);
  private static final Window THREE = Window.same(3);

  private final MemorySegment x = memory(COUNT);
  private final MemorySegment y = memory(COUNT);
  private final MemorySegment kernel = memory(SEVEN.taps() * CHANNELS);
  private final MemorySegment columns = memory(THREE.taps() * COUNT);
  private final Windows seven = new Windows(SEVEN, EXAMPLES, SIDE, SIDE, CHANNELS);
  private final Windows three = new Windows(THREE, EXAMPLES, SIDE, SIDE, CHANNELS);
  private final float[] plainX = array(COUNT);
  private final float[] plainY = new float[COUNT];
  private final float[] plainKernel = array(SEVEN.taps() * CHANNELS);
  private final float[] plainColumns = new float[THREE.taps() * COUNT];

  /** What is done where a tap meets the grid. */
  @FunctionalInterface
  private interface Meeting {
    void at(int in, int out, int tap);
  }

  @Benchmark
  public void depthwise() {
    seven.depthwise(x, kernel, y);
  }

  @Benchmark
  public float[] depthwisePlain() {
    Arrays.fill(plainY, 0);
    forEach(
        SEVEN,
        (in, out, tap) -> {
          for (int c = 0; c < CHANNELS; c++) {
            plainY[out + c] += plainX[in + c] * plainKernel[tap * CHANNELS + c];
          }
        });
    return plainY;
  }

  @Benchmark
  public void depthwiseInputGradient() {
    seven.depthwiseInputGradient(kernel, x, y);
  }

  @Benchmark
  public float[] depthwiseInputGradientPlain() {
    Arrays.fill(plainY, 0);
    forEach(
        SEVEN,
        (in, out, tap) -> {
          for (int c = 0; c < CHANNELS; c++) {
            plainY[in + c] += plainX[out + c] * plainKernel[tap * CHANNELS + c];
          }
        });
    return plainY;
  }

  @Benchmark
  public void depthwiseKernelGradient() {
    seven.depthwiseKernelGradient(x, y, kernel);
  }

  @Benchmark
  public float[] depthwiseKernelGradientPlain() {
    Arrays.fill(plainKernel, 0);
    forEach(
        SEVEN,
        (in, out, tap) -> {
          for (int c = 0; c < CHANNELS; c++) {
            plainKernel[tap * CHANNELS + c] += plainX[in + c] * plainY[out + c];
          }
        });
    return plainKernel;
  }

  @Benchmark
  public void unfold() {
    three.unfold(x, columns, 0, EXAMPLES, 0, CHANNELS);
  }

  @Benchmark
  public float[] unfoldPlain() {
    Arrays.fill(plainColumns, 0);
    forEach(
        THREE,
        (in, out, tap) -> {
          for (int c = 0; c < CHANNELS; c++) {
            plainColumns[out * THREE.taps() + tap * CHANNELS + c] = plainX[in + c];
          }
        });
    return plainColumns;
  }

  @Benchmark
  public void averagePool() {
    three.averagePool(x, y);
  }

  @Benchmark
  public float[] averagePoolPlain() {
    Arrays.fill(plainY, 0);
    var taps = new int[ROWS];
    forEach(
        THREE,
        (in, out, tap) -> {
          taps[out / CHANNELS]++;
          for (int c = 0; c < CHANNELS; c++) {
            plainY[out + c] += plainX[in + c];
          }
        });
    for (int i = 0; i < COUNT; i++) {
      plainY[i] /= taps[i / CHANNELS];
    }
    return plainY;
  }

  private static void forEach(Window window, Meeting meeting) {
    for (int at = 0; at < ROWS; at++) {
      int row = at / SIDE % SIDE;
      int column = at % SIDE;
      for (int tap = 0; tap < window.taps(); tap++) {
        int down = tap / window.width() - window.top();
        int right = tap % window.width() - window.left();
        boolean inside =
            row + down >= 0 && row + down < SIDE && column + right >= 0 && column + right < SIDE;
        if (inside) {
          meeting.at((at + down * SIDE + right) * CHANNELS, at * CHANNELS, tap);
        }
      }
    }
  }
}
