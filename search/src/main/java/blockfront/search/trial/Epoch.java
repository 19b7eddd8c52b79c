package blockfront.search.trial;

/**
 * What was measured after one pass over the training examples.
 *
 * @param number 1 for the first
 * @param trainLoss mean over the pass, smoothing included
 * @param validationLoss as that of a {@link Measurement}
 * @param validationScore by the metric of the data set
 * @param learningRate at the end of the pass
 * @param seconds this pass took, validation included
 */
public record Epoch(
    int number,
    double trainLoss,
    double validationLoss,
    double validationScore,
    double learningRate,
    double seconds) {}
