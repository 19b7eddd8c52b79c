package blockfront.search.trial;

import blockfront.blocks.graph.Start;
import java.util.function.Consumer;

/**
 * How every network of a study is trained: AdamW, linear warm-up, then cosine decay to 0.
 *
 * @param epochs passes over the training examples
 * @param batch examples a step
 * @param learningRate the greatest
 * @param weightDecay pull of weights to 0, as in AdamW (https://arxiv.org/abs/1711.05101)
 * @param warmupEpochs passes over which the learning rate grows from 0
 * @param labelSmoothing share of the target spread over all classes, in [0, 1)
 * @param clipNorm greatest Euclidean norm of all gradients together; 0 for no limit
 * @param dropPath stochastic depth of the last layer, in [0, 1); earlier layers have less
 * @param shift greatest number of pixels a training image is moved; 0 for none
 * @param flip whether training images may be mirrored, where the data allows it
 * @param patience epochs without a better validation accuracy after which a training ends, with the
 *     weights of the best epoch; 0 to train to the end and keep the last
 * @param start how far apart weights start
 */
public record Recipe(
    int epochs,
    int batch,
    double learningRate,
    double weightDecay,
    double warmupEpochs,
    double labelSmoothing,
    double clipNorm,
    double dropPath,
    int shift,
    boolean flip,
    int patience,
    Start start) {

  /** What a study uses when nothing else is said. */
  public static final Recipe STANDARD = new Recipe(20, 64, 2e-3, 0.05, 2, 0.1, 1, 0, 1, true);

  /** Trains to the end, as a search does, from weights that suit the width. */
  public Recipe(
      int epochs,
      int batch,
      double learningRate,
      double weightDecay,
      double warmupEpochs,
      double labelSmoothing,
      double clipNorm,
      double dropPath,
      int shift,
      boolean flip) {
    this(
        epochs,
        batch,
        learningRate,
        weightDecay,
        warmupEpochs,
        labelSmoothing,
        clipNorm,
        dropPath,
        shift,
        flip,
        0,
        Start.SCALED);
  }

  public Recipe {
    require(epochs >= 1 && epochs <= 10_000, "epochs", "from 1 to 10000", epochs);
    require(batch >= 1 && batch <= 4096, "batch", "from 1 to 4096", batch);
    require(learningRate > 0 && learningRate <= 10, "learningRate", "in (0, 10]", learningRate);
    require(weightDecay >= 0 && weightDecay <= 10, "weightDecay", "in [0, 10]", weightDecay);
    require(
        warmupEpochs >= 0 && warmupEpochs <= epochs,
        "warmupEpochs",
        "from 0 to the epochs, " + epochs,
        warmupEpochs);
    require(
        labelSmoothing >= 0 && labelSmoothing < 1, "labelSmoothing", "in [0, 1)", labelSmoothing);
    require(clipNorm >= 0, "clipNorm", "at least 0", clipNorm);
    require(dropPath >= 0 && dropPath < 1, "dropPath", "in [0, 1)", dropPath);
    require(shift >= 0 && shift <= 64, "shift", "from 0 to 64", shift);
    require(patience >= 0, "patience", "at least 0", patience);
  }

  /** The warm-up is cut where it would be longer. */
  public Recipe withEpochs(int other) {
    return with(
        draft -> {
          draft.epochs = other;
          draft.warmupEpochs = Math.min(warmupEpochs, other);
        });
  }

  public Recipe withLearningRate(double other) {
    return with(draft -> draft.learningRate = other);
  }

  public Recipe withPatience(int other) {
    return with(draft -> draft.patience = other);
  }

  public Recipe withLabelSmoothing(double other) {
    return with(draft -> draft.labelSmoothing = other);
  }

  public Recipe withStart(Start other) {
    return with(draft -> draft.start = other);
  }

  private Recipe with(Consumer<Draft> change) {
    var draft = new Draft(this);
    change.accept(draft);
    return new Recipe(
        draft.epochs,
        batch,
        draft.learningRate,
        weightDecay,
        draft.warmupEpochs,
        draft.labelSmoothing,
        clipNorm,
        dropPath,
        shift,
        flip,
        draft.patience,
        draft.start);
  }

  private static void require(boolean holds, String name, String wanted, Object value) {
    if (!holds) {
      throw new IllegalArgumentException(
          "Recipe needs %s %s, got %s".formatted(name, wanted, value));
    }
  }

  /** What a copy may have otherwise. */
  private static final class Draft {
    private int epochs;
    private double learningRate;
    private double warmupEpochs;
    private double labelSmoothing;
    private int patience;
    private Start start;

    private Draft(Recipe recipe) {
      epochs = recipe.epochs;
      learningRate = recipe.learningRate;
      warmupEpochs = recipe.warmupEpochs;
      labelSmoothing = recipe.labelSmoothing;
      patience = recipe.patience;
      start = recipe.start;
    }
  }
}
