package blockfront.search.trial;

import java.util.Locale;

/** By what networks are judged; the data set says by which. */
public enum Metric {
  /** The share of right answers, 0 to 1; the more the better. */
  ACCURACY("accuracy", "Accuracy", true) {
    @Override
    public double error(double score) {
      return 1 - score;
    }

    @Override
    public String text(double score) {
      return String.format(Locale.ROOT, "%.2f %%", 100 * score);
    }
  },

  /** The mean cross-entropy of the next byte in bits; the less the better, 8 is guessing. */
  BITS_PER_BYTE("bits per byte", "BitsPerByte", false) {
    @Override
    public double error(double score) {
      return Math.min(1, score / 8);
    }

    @Override
    public String text(double score) {
      return String.format(Locale.ROOT, "%.3f", score);
    }
  },

  /** The mean of the squared difference to the truth; the less the better. */
  MEAN_SQUARED_ERROR("mean squared error", "MeanSquaredError", false) {
    @Override
    public double error(double score) {
      return Double.isInfinite(score) ? 1 : score / (1 + score);
    }

    @Override
    public String text(double score) {
      return String.format(Locale.ROOT, "%.4f", score);
    }
  };

  private final String title;
  private final String key;
  private final boolean higherIsBetter;

  Metric(String title, String key, boolean higherIsBetter) {
    this.title = title;
    this.key = key;
    this.higherIsBetter = higherIsBetter;
  }

  /** For people, within a sentence. */
  public String title() {
    return title;
  }

  /** At the beginning of a line or a column. */
  public String heading() {
    return title.substring(0, 1).toUpperCase(Locale.ROOT) + title.substring(1);
  }

  /**
   * The name of its column in files after a word for the examples, as in {@code
   * validationAccuracy}.
   */
  public String column(String examples) {
    return examples + key;
  }

  public boolean higherIsBetter() {
    return higherIsBetter;
  }

  /**
   * What a search lessens: 0 for a perfect score, 1 at most. It is {@code 1 - accuracy}, an eighth
   * of the bits per byte, and {@code e / (1 + e)} of a squared error e.
   */
  public abstract double error(double score);

  /** A score as it is drawn along an {@link #axis}: accuracy in percent. */
  public double plotted(double score) {
    return this == ACCURACY ? 100 * score : score;
  }

  /** The name of an axis of scores, with its unit. */
  public String axis() {
    return this == ACCURACY ? "accuracy, %" : title;
  }

  /** A score for people: {@code 98.77 %}. */
  public abstract String text(double score);

  /** Whether one score is better than another. */
  public boolean better(double score, double other) {
    return higherIsBetter ? score > other : score < other;
  }
}
