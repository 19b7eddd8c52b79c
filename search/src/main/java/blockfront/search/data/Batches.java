package blockfront.search.data;

/**
 * Examples as normalised batches, epoch after epoch; allocates nothing after construction.
 *
 * <p>What a batch holds depends on the seed, the epoch and its place in the epoch only: not on
 * earlier epochs, nor on the thread. An object belongs to one thread at a time.
 */
public final class Batches {

  private static final int SHUFFLING = 0;
  private static final int AUGMENTING = 1;

  private final Examples examples;
  private final Normalisation normalisation;
  private final Augmentation augmentation;
  private final int batchSize;
  private final boolean shuffled;
  private final long shufflingSeed;
  private final long augmentingSeed;
  private final float[] normalised; // [256, channels] of images
  private final int[] order;
  private final int stride;
  private int epoch;
  private int position;

  private Batches(
      Examples examples,
      Normalisation normalisation,
      Augmentation augmentation,
      int batchSize,
      boolean shuffled,
      long seed) {
    int channels = normalisation.none() ? 0 : examples.shape().size(-1);
    if (batchSize < 1) {
      throw new IllegalArgumentException("Batches need a size of at least 1, got " + batchSize);
    }
    if (normalisation.mean().size() != channels || (examples.images() && normalisation.none())) {
      throw new IllegalArgumentException(
          "Batches need a normalisation of %d channels, got %s"
              .formatted(examples.shape().size(-1), normalisation));
    }
    this.examples = examples;
    this.normalisation = normalisation;
    this.augmentation = augmentation;
    this.batchSize = batchSize;
    this.shuffled = shuffled;
    this.shufflingSeed = Draw.bits(seed, SHUFFLING, 0);
    this.augmentingSeed = Draw.bits(seed, AUGMENTING, 0);
    this.normalised = new float[examples.images() ? 256 * channels : 0];
    for (int i = 0; i < normalised.length; i++) {
      normalised[i] = normalisation.apply(i / channels, i % channels);
    }
    this.stride = Math.toIntExact(examples.shape().elements());
    this.order = new int[examples.size()];
    startEpoch(0);
  }

  /** Shuffled anew and augmented anew in each epoch. */
  public static Batches training(
      Examples examples,
      Normalisation normalisation,
      Augmentation augmentation,
      int batchSize,
      long seed) {
    return new Batches(examples, normalisation, augmentation, batchSize, true, seed);
  }

  /** In the order of the examples, as they are; every epoch is the same. */
  public static Batches evaluation(Examples examples, Normalisation normalisation, int batchSize) {
    return new Batches(examples, normalisation, Augmentation.NONE, batchSize, false, 0);
  }

  public int batchSize() {
    return batchSize;
  }

  /** Numbers of one example. */
  public int stride() {
    return stride;
  }

  /** Batches of one epoch, a last smaller one included. */
  public int batchesPerEpoch() {
    return Math.ceilDiv(examples.size(), batchSize);
  }

  /** Goes to the first batch of an epoch; a new object stands at the first of epoch 0. */
  public void startEpoch(int epoch) {
    this.epoch = epoch;
    this.position = 0;
    for (int i = 0; i < order.length; i++) {
      order[i] = i;
    }
    if (shuffled) {
      Draw.shuffle(order, shufflingSeed, epoch);
    }
  }

  /**
   * Fills in the next batch of the epoch.
   *
   * @param inputs takes {@code [batchSize, ...]}, each the shape of one example; beyond the
   *     returned number of examples it keeps what it held
   * @param chosen takes {@code [batchSize]} indices: which examples these are
   * @return the number of examples: {@code batchSize}, fewer in the last batch, 0 after it
   * @throws IllegalArgumentException if an array is too short for a full batch
   */
  public int next(float[] inputs, int[] chosen) {
    if (inputs.length < (long) batchSize * stride || chosen.length < batchSize) {
      throw new IllegalArgumentException(
          "Batches of %d need %d values and %d indices, got room for %d and %d"
              .formatted(
                  batchSize, (long) batchSize * stride, batchSize, inputs.length, chosen.length));
    }
    int count = Math.min(batchSize, order.length - position);
    for (int i = 0; i < count; i++) {
      int example = order[position + i];
      chosen[i] = example;
      if (examples.images()) {
        fill(example, inputs, i * stride);
      } else {
        copy(example, inputs, i * stride);
      }
    }
    position += count;
    return count;
  }

  private void copy(int example, float[] inputs, int start) {
    int channels = normalisation.mean().size();
    for (int i = 0; i < stride; i++) {
      float number = examples.number(example, i);
      inputs[start + i] = channels == 0 ? number : normalisation.apply(number, i % channels);
    }
  }

  private void fill(int example, float[] images, int start) {
    long bits = Draw.bits(augmentingSeed, epoch, example);
    int range = 2 * augmentation.shift() + 1;
    int down = Draw.below(range, Draw.bits(bits, 0, 0)) - augmentation.shift();
    int right = Draw.below(range, Draw.bits(bits, 1, 0)) - augmentation.shift();
    boolean mirrored = augmentation.flip() && Draw.bits(bits, 2, 0) < 0;
    moved(example, down, right, mirrored, images, start);
  }

  /** One normalised image, mirrored first and then moved. */
  void moved(int example, int down, int right, boolean mirrored, float[] images, int start) {
    int height = examples.shape().size(0);
    int width = examples.shape().size(1);
    int channels = examples.shape().size(2);
    byte[] pixels = examples.sharedPixels();
    int image = example * height * width * channels;
    int target = start;
    for (int row = 0; row < height; row++) {
      int fromRow = row - down;
      for (int column = 0; column < width; column++) {
        int unmoved = column - right;
        boolean inside = fromRow >= 0 && fromRow < height && unmoved >= 0 && unmoved < width;
        int fromColumn = mirrored ? width - 1 - unmoved : unmoved;
        int from = image + (fromRow * width + fromColumn) * channels;
        for (int channel = 0; channel < channels; channel++) {
          int value = inside ? pixels[from + channel] & 0xFF : 0;
          images[target++] = normalised[value * channels + channel];
        }
      }
    }
  }
}
