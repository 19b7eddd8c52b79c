package blockfront.search.bench.kernel;

import static blockfront.search.bench.kernel.Numbers.CHANNELS;
import static blockfront.search.bench.kernel.Numbers.ROWS;
import static blockfront.search.bench.kernel.Numbers.array;
import static blockfront.search.bench.kernel.Numbers.memory;

import blockfront.search.train.kernel.BatchNormalisation;
import blockfront.search.train.kernel.Normalisation;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** Layer, root-mean-square, group and batch norm, and the gradient of layer norm. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class NormBench {

  private static final int COUNT = ROWS * CHANNELS;
  private static final int TOKENS = 64;
  private static final float EPSILON = 1e-6f;

  private final MemorySegment x = memory(COUNT);
  private final MemorySegment dy = memory(COUNT);
  private final MemorySegment y = memory(COUNT);
  private final MemorySegment gain = memory(CHANNELS);
  private final MemorySegment bias = memory(CHANNELS);
  private final MemorySegment statistics = memory(2 * ROWS);
  private final Normalisation layer = new Normalisation(ROWS, CHANNELS, CHANNELS, true, EPSILON);
  private final Normalisation rootMeanSquare =
      new Normalisation(ROWS, CHANNELS, CHANNELS, false, EPSILON);
  private final Normalisation group =
      new Normalisation(ROWS / TOKENS, TOKENS * CHANNELS, CHANNELS, true, EPSILON);
  private final BatchNormalisation batch =
      new BatchNormalisation(
          ROWS,
          CHANNELS,
          EPSILON,
          memory(CHANNELS),
          memory(CHANNELS),
          memory(CHANNELS),
          memory(CHANNELS));
  private final float[] plainX = array(COUNT);
  private final float[] plainDy = array(COUNT);
  private final float[] plainY = new float[COUNT];
  private final float[] plainGain = array(CHANNELS);
  private final float[] plainBias = array(CHANNELS);

  @Benchmark
  public void layer() {
    forward(layer);
  }

  @Benchmark
  public float[] layerPlain() {
    return plain(CHANNELS, true);
  }

  @Benchmark
  public void rootMeanSquare() {
    forward(rootMeanSquare);
  }

  @Benchmark
  public float[] rootMeanSquarePlain() {
    return plain(CHANNELS, false);
  }

  @Benchmark
  public void group() {
    forward(group);
  }

  @Benchmark
  public float[] groupPlain() {
    return plain(TOKENS * CHANNELS, true);
  }

  @Benchmark
  public void layerGradient() {
    layer.measure(x, statistics);
    layer.inputGradient(x, gain, dy, statistics, y);
  }

  @Benchmark
  public float[] layerGradientPlain() {
    for (int from = 0; from < COUNT; from += CHANNELS) {
      float mean = mean(from, CHANNELS);
      float scale = scale(from, CHANNELS, mean);
      float sum = 0;
      float along = 0;
      for (int i = 0; i < CHANNELS; i++) {
        float d = plainDy[from + i] * plainGain[i];
        sum += d / CHANNELS;
        along += d * (plainX[from + i] - mean) * scale / CHANNELS;
      }
      for (int i = 0; i < CHANNELS; i++) {
        float hat = (plainX[from + i] - mean) * scale;
        plainY[from + i] = scale * (plainDy[from + i] * plainGain[i] - sum - hat * along);
      }
    }
    return plainY;
  }

  @Benchmark
  public void batch() {
    batch.forward(x, gain, bias, y);
  }

  @Benchmark
  public float[] batchPlain() {
    for (int c = 0; c < CHANNELS; c++) {
      float mean = 0;
      for (int at = c; at < COUNT; at += CHANNELS) {
        mean += plainX[at] / ROWS;
      }
      float variance = 0;
      for (int at = c; at < COUNT; at += CHANNELS) {
        variance += (plainX[at] - mean) * (plainX[at] - mean) / ROWS;
      }
      float scale = (float) (1 / Math.sqrt(variance + EPSILON));
      for (int at = c; at < COUNT; at += CHANNELS) {
        plainY[at] = (plainX[at] - mean) * scale * plainGain[c] + plainBias[c];
      }
    }
    return plainY;
  }

  private void forward(Normalisation kernel) {
    kernel.measure(x, statistics);
    kernel.forward(x, gain, Optional.of(bias), statistics, y);
  }

  private float[] plain(int length, boolean centred) {
    for (int from = 0; from < COUNT; from += length) {
      float mean = centred ? mean(from, length) : 0;
      float scale = scale(from, length, mean);
      for (int i = 0; i < length; i++) {
        int c = i % CHANNELS;
        plainY[from + i] = (plainX[from + i] - mean) * scale * plainGain[c] + plainBias[c];
      }
    }
    return plainY;
  }

  private float mean(int from, int length) {
    float sum = 0;
    for (int i = 0; i < length; i++) {
      sum += plainX[from + i];
    }
    return sum / length;
  }

  private float scale(int from, int length, float mean) {
    float sum = 0;
    for (int i = 0; i < length; i++) {
      sum += (plainX[from + i] - mean) * (plainX[from + i] - mean);
    }
    return (float) (1 / Math.sqrt(sum / length + EPSILON));
  }
}
