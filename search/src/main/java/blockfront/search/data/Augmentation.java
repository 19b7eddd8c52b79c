package blockfront.search.data;

/**
 * Random changes of a training image that keep its class.
 *
 * @param shift most pixels that an image moves along each axis; what comes in is black
 * @param flip whether left and right are exchanged half of the time
 */
public record Augmentation(int shift, boolean flip) {

  public static final Augmentation NONE = new Augmentation(0, false);

  public Augmentation {
    if (shift < 0) {
      throw new IllegalArgumentException("Augmentation needs a shift of at least 0, got " + shift);
    }
  }
}
