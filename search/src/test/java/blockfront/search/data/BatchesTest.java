package blockfront.search.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import blockfront.blocks.graph.Shape;
import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BatchesTest {

  // leaves values of 0..255 as they are
  private static final Normalisation PLAIN = new Normalisation(List.of(0.0), List.of(1.0 / 255));

  @Test
  void evaluationKeepsTheOrderAndReportsASmallerLastBatch() {
    var batches = Batches.evaluation(numbered(5), PLAIN, 2);
    assertThat(batches.batchesPerEpoch()).isEqualTo(3);
    assertThat(labels(batches)).containsExactly(0, 1, 2, 3, 4);
    assertThat(batches.next(new float[2], new int[2])).isZero();
  }

  @Test
  void lastBatchLeavesTheRestOfTheArraysAlone() {
    var batches = Batches.evaluation(numbered(1), PLAIN, 2);
    var images = new float[] {-1, -1};
    var labels = new int[] {-1, -1};
    assertThat(batches.next(images, labels)).isEqualTo(1);
    assertThat(images).containsExactly(0, -1);
    assertThat(labels).containsExactly(0, -1);
  }

  @Test
  void imagesStayWithTheirLabels() {
    var batches = Batches.training(numbered(100), PLAIN, Augmentation.NONE, 7, 3);
    var images = new float[7];
    var labels = new int[7];
    for (int count = batches.next(images, labels);
        count > 0;
        count = batches.next(images, labels)) {
      for (int i = 0; i < count; i++) {
        assertThat(images[i]).isEqualTo(labels[i]);
      }
    }
  }

  @Test
  void eachEpochShowsEveryExampleOnceInAnOrderOfItsOwn() {
    var batches = Batches.training(numbered(100), PLAIN, Augmentation.NONE, 8, 3);
    List<Integer> first = labels(batches);
    batches.startEpoch(1);
    List<Integer> second = labels(batches);
    List<Integer> ordered = IntStream.range(0, 100).boxed().toList();
    assertThat(first).containsExactlyInAnyOrderElementsOf(ordered).isNotEqualTo(ordered);
    assertThat(second).containsExactlyInAnyOrderElementsOf(ordered).isNotEqualTo(first);
  }

  @Test
  void epochDoesNotDependOnTheEpochsBeforeItOrOnTheThread() {
    Augmentation augmentation = new Augmentation(2, true);
    Examples examples = random(50, Shape.of(6, 5, 1));
    var straight = Batches.training(examples, PLAIN, augmentation, 8, 3);
    straight.startEpoch(4);
    var after = Batches.training(examples, PLAIN, augmentation, 8, 3);
    images(after);
    after.startEpoch(4);
    float[] expected = images(straight);
    assertThat(CompletableFuture.supplyAsync(() -> images(after)).join()).isEqualTo(expected);
  }

  @Test
  void otherSeedsGiveOtherOrdersAndOtherAugmentations() {
    Examples examples = random(1, Shape.of(16, 16, 1));
    Set<List<Integer>> orders = new HashSet<>();
    Set<Integer> augmented = new HashSet<>();
    for (long seed = 0; seed < 20; seed++) {
      orders.add(labels(Batches.training(numbered(50), PLAIN, Augmentation.NONE, 8, seed)));
      var batches = Batches.training(examples, PLAIN, new Augmentation(4, true), 1, seed);
      augmented.add(Arrays.hashCode(images(batches)));
    }
    assertThat(orders).hasSize(20);
    assertThat(augmented).hasSizeGreaterThan(15);
  }

  @Test
  void augmentationOfAnExampleDoesNotDependOnTheBatchSize() {
    Examples examples = random(9, Shape.of(4, 4, 1));
    Augmentation augmentation = new Augmentation(1, true);
    float[] small = images(Batches.training(examples, PLAIN, augmentation, 2, 5));
    float[] large = images(Batches.training(examples, PLAIN, augmentation, 9, 5));
    assertThat(small).isEqualTo(large);
  }

  @Test
  void movedImageIsBlackWhereNothingCameFrom() {
    assertThat(moved(1, 0, false)).containsExactly(0, 0, 0, 1, 2, 3);
    assertThat(moved(-1, 0, false)).containsExactly(4, 5, 6, 0, 0, 0);
    assertThat(moved(0, 1, false)).containsExactly(0, 1, 2, 0, 4, 5);
    assertThat(moved(0, -2, false)).containsExactly(3, 0, 0, 6, 0, 0);
    assertThat(moved(5, 5, false)).containsOnly(0);
  }

  @Test
  void mirrorExchangesLeftAndRightBeforeTheMove() {
    assertThat(moved(0, 0, true)).containsExactly(3, 2, 1, 6, 5, 4);
    assertThat(moved(0, 1, true)).containsExactly(0, 3, 2, 0, 6, 5);
  }

  @Test
  void mirrorKeepsTheChannelsOfAPixelTogether() {
    Examples colours = Examples.of(Shape.of(1, 2, 2), new byte[] {1, 2, 3, 4}, new int[] {0});
    Normalisation plain = new Normalisation(List.of(0.0, 0.0), List.of(1.0 / 255, 1.0 / 255));
    var images = new float[4];
    Batches.evaluation(colours, plain, 1).moved(0, 0, 0, true, images, 0);
    assertThat(images).containsExactly(3, 4, 1, 2);
  }

  @Test
  void everyShiftAndBothMirrorsHappen() {
    Set<List<Float>> seen = new HashSet<>();
    var batches = Batches.training(twoByThree(), PLAIN, new Augmentation(1, true), 1, 8);
    var image = new float[6];
    for (int epoch = 0; epoch < 500; epoch++) {
      batches.startEpoch(epoch);
      batches.next(image, new int[1]);
      seen.add(IntStream.range(0, 6).mapToObj(i -> image[i]).toList());
    }
    assertThat(seen).hasSize(3 * 3 * 2);
  }

  @Test
  void channelsAreNormalisedByTheirOwnMeanAndDeviation() {
    Examples pixel = Examples.of(Shape.of(1, 1, 2), new byte[] {(byte) 255, 51}, new int[] {0});
    var normalisation = new Normalisation(List.of(0.5, 0.0), List.of(0.25, 0.1));
    var images = new float[2];
    Batches.evaluation(pixel, normalisation, 1).next(images, new int[1]);
    assertThat(images).containsExactly(2, 2);
  }

  @Test
  void channelThatNeverChangesBecomesZero() {
    Examples flat = Examples.of(Shape.of(1, 2, 1), new byte[] {7, 7}, new int[] {0});
    var images = new float[2];
    Batches.evaluation(flat, Normalisation.of(flat), 1).next(images, new int[1]);
    assertThat(images).containsOnly(0);
  }

  @Test
  void batchesAllocateNothing() {
    var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    var batches =
        Batches.training(random(64, Shape.of(8, 8, 1)), PLAIN, new Augmentation(1, true), 16, 2);
    var images = new float[16 * 64];
    var labels = new int[16];
    long before = threads.getCurrentThreadAllocatedBytes();
    for (int epoch = 0; epoch < 100; epoch++) {
      batches.startEpoch(epoch);
      while (batches.next(images, labels) > 0) {}
    }
    // less than a single object for each of the 400 batches
    assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(400 * 16);
  }

  @Test
  void arraysMustHoldAFullBatch() {
    var batches = Batches.evaluation(numbered(3), PLAIN, 2);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> batches.next(new float[1], new int[2]))
        .withMessage("Batches of 2 need 2 values and 2 indices, got room for 1 and 2");
  }

  @Test
  void sizesMustBePositive() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Batches.evaluation(numbered(3), PLAIN, 0))
        .withMessage("Batches need a size of at least 1, got 0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Augmentation(-1, false))
        .withMessage("Augmentation needs a shift of at least 0, got -1");
  }

  @Test
  void normalisationMustFitTheChannels() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Batches.evaluation(random(1, Shape.of(2, 2, 3)), PLAIN, 1))
        .withMessageStartingWith("Batches need a normalisation of 3 channels, got Normalisation[");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Normalisation(List.of(0.0), List.of(0.0)))
        .withMessage(
            "Normalisation needs a positive deviation for each mean, got means [0.0] and"
                + " deviations [0.0]");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Normalisation.of(numbered(0)))
        .withMessage("Normalisation needs at least 1 example, got none");
  }

  /** Images of one pixel whose value is their label. */
  private static Examples numbered(int count) {
    var pixels = new byte[count];
    for (int i = 0; i < count; i++) {
      pixels[i] = (byte) i;
    }
    return Examples.of(Shape.of(1, 1, 1), pixels, IntStream.range(0, count).toArray());
  }

  private static Examples random(int count, Shape shape) {
    var pixels = new byte[count * (int) shape.elements()];
    new Random(1).nextBytes(pixels);
    return Examples.of(shape, pixels, new int[count]);
  }

  private static Examples twoByThree() {
    return Examples.of(Shape.of(2, 3, 1), new byte[] {1, 2, 3, 4, 5, 6}, new int[] {0});
  }

  private static float[] moved(int down, int right, boolean mirrored) {
    var image = new float[6];
    Batches.evaluation(twoByThree(), PLAIN, 1).moved(0, down, right, mirrored, image, 0);
    return image;
  }

  private static List<Integer> labels(Batches batches) {
    var images = new float[batches.batchSize()];
    var labels = new int[batches.batchSize()];
    var all = new ArrayList<Integer>();
    for (int count = batches.next(images, labels);
        count > 0;
        count = batches.next(images, labels)) {
      Arrays.stream(labels).limit(count).forEach(all::add);
    }
    return all;
  }

  /** All images of the epoch, one after the other. */
  private static float[] images(Batches batches) {
    var images = new float[batches.batchSize() * batches.stride()];
    var labels = new int[batches.batchSize()];
    var all = new ArrayList<Float>();
    for (int count = batches.next(images, labels);
        count > 0;
        count = batches.next(images, labels)) {
      for (int i = 0; i < count * batches.stride(); i++) {
        all.add(images[i]);
      }
    }
    var joined = new float[all.size()];
    for (int i = 0; i < joined.length; i++) {
      joined[i] = all.get(i);
    }
    return joined;
  }
}
