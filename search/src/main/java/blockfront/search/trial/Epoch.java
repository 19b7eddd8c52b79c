package blockfront.search.trial;

/**
 * What was measured after one pass over the training examples.
 *
 * @param number 1 for the first
 * @param trainLoss mean over the pass, smoothing included
 * @param validationLoss cross-entropy in nats, without smoothing
 * @param validationAccuracy top-1, 0 to 1
 * @param learningRate at the end of the pass
 * @param seconds this pass took, validation included
 */
public record Epoch(
    int number,
    double trainLoss,
    double validationLoss,
    double validationAccuracy,
    double learningRate,
    double seconds) {}
