package blockfront.blocks.graph;

/** How far apart the usual start of weights lies: {@link Init#TRUNCATED_NORMAL_002}. */
public enum Start {
  /** A deviation of 0.02 at any width, as papers have it for networks of 768 channels. */
  PUBLISHED("published") {
    @Override
    double deviation(double published, Shape shape) {
      return published;
    }
  },
  /**
   * A deviation of {@code 1 / sqrt(3 n)} for weights that sum over {@code n} numbers, if that is
   * more: 0.02 at 833 numbers, and wider in narrower networks, whose layers would otherwise start
   * by passing next to nothing on.
   *
   * <p>The variance of LeCun et al., "Efficient BackProp" (1998), section 4.6, over three: that of
   * weights drawn evenly from within {@code 1 / sqrt(n)}.
   */
  SCALED("scaled") {
    @Override
    double deviation(double published, Shape shape) {
      double summed = (double) shape.elements() / shape.size(-1);
      return Math.max(published, 1 / Math.sqrt(3 * summed));
    }
  };

  private final String text;

  Start(String text) {
    this.text = text;
  }

  /** What plans call it. */
  public String text() {
    return text;
  }

  /**
   * By its name in plans.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static Start named(String name) {
    for (Start start : values()) {
      if (start.text.equals(name)) {
        return start;
      }
    }
    throw new IllegalArgumentException(
        "Weights start 'published' or 'scaled', got '%s'".formatted(name));
  }

  /**
   * Of weights whose last axis is that of what they give; all others are summed over.
   *
   * @param shape with at least two axes
   */
  abstract double deviation(double published, Shape shape);
}
