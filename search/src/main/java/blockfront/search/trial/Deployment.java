package blockfront.search.trial;

/**
 * What a trained network does outside: its exported models on the test set, run by ONNX Runtime on
 * one thread of the machine that measured them.
 *
 * @param metric what the scores are
 * @param float32 the model as it was trained
 * @param int8 the model with quantised weights and activations
 */
public record Deployment(Metric metric, Model float32, Model int8) {

  /**
   * One exported model.
   *
   * @param testScore by the metric
   * @param milliseconds for one example, batch 1: the median of many runs
   * @param bytes of the file
   */
  public record Model(double testScore, double milliseconds, long bytes) {}

  /** How much of the test score quantisation costs; negative if it gains. */
  public double drop() {
    double less = float32.testScore() - int8.testScore();
    return metric.higherIsBetter() ? less : -less;
  }
}
