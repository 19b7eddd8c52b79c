package blockfront.search.bench.kernel;

import static blockfront.search.bench.kernel.Numbers.CHANNELS;
import static blockfront.search.bench.kernel.Numbers.ROWS;
import static blockfront.search.bench.kernel.Numbers.array;
import static blockfront.search.bench.kernel.Numbers.memory;

import blockfront.search.train.kernel.ScoreTile;
import blockfront.search.train.kernel.Softmax;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** Softmax over rows, a tile of attention, and cross-entropy. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class SoftmaxBench {

  private static final int COUNT = ROWS * CHANNELS;
  private static final int CLASSES = 10;

  private final MemorySegment x = memory(COUNT);
  private final MemorySegment y = memory(COUNT);
  private final ScoreTile tile = new ScoreTile(ROWS, CHANNELS, CHANNELS, 0);
  private final MemorySegment logits = memory(ROWS * CLASSES);
  private final MemorySegment target = memory(ROWS * CLASSES);
  private final MemorySegment loss = memory(ROWS);
  private final float[] plainX = array(COUNT);
  private final float[] plainY = new float[COUNT];
  private final float[] plainLogits = array(ROWS * CLASSES);
  private final float[] plainTarget = array(ROWS * CLASSES);
  private final float[] plainLoss = new float[ROWS];

  @Benchmark
  public void softmax() {
    Softmax.forward(x, y, ROWS, CHANNELS);
  }

  /** In place, so that it weighs its own weights. */
  @Benchmark
  public void scoreTile() {
    tile.weigh(y);
  }

  @Benchmark
  public float[] softmaxPlain() {
    for (int from = 0; from < COUNT; from += CHANNELS) {
      float greatest = Float.NEGATIVE_INFINITY;
      for (int i = from; i < from + CHANNELS; i++) {
        greatest = Math.max(greatest, plainX[i]);
      }
      float sum = 0;
      for (int i = from; i < from + CHANNELS; i++) {
        plainY[i] = (float) Math.exp(plainX[i] - greatest);
        sum += plainY[i];
      }
      for (int i = from; i < from + CHANNELS; i++) {
        plainY[i] /= sum;
      }
    }
    return plainY;
  }

  @Benchmark
  public void crossEntropy() {
    Softmax.crossEntropy(logits, target, loss, ROWS, CLASSES, 0);
  }

  @Benchmark
  public float[] crossEntropyPlain() {
    for (int row = 0; row < ROWS; row++) {
      double sum = 0;
      for (int k = 0; k < CLASSES; k++) {
        sum += Math.exp(plainLogits[row * CLASSES + k]);
      }
      double each = 0;
      for (int k = 0; k < CLASSES; k++) {
        int at = row * CLASSES + k;
        each -= plainTarget[at] * (plainLogits[at] - Math.log(sum));
      }
      plainLoss[row] = (float) each;
    }
    return plainLoss;
  }
}
