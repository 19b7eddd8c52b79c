package blockfront.search.train;

import blockfront.blocks.catalogue.Catalogue;
import blockfront.blocks.graph.Shape;
import blockfront.search.train.BenchNetwork.Mixer;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * The losses of 20 steps of a small network of the benchmark, with all that another engine needs to
 * take the same steps.
 */
public final class EngineLosses {

  private static final int STEPS = 20;
  private static final int BATCH = 8;
  private static final long SEED = 5;

  private EngineLosses() {}

  /**
   * Trains, and writes weights as they were before ("weights.*"), images {@code [steps, batch,
   * height, width, 3]}, labels and losses.
   *
   * @return the file, named by the mixer
   */
  public static Path write(Mixer mixer, Catalogue catalogue, Path folder) {
    var tensors = new LinkedHashMap<String, Safetensors.Named>();
    try (TrainingStep step = start(mixer, catalogue, Pass.ALL)) {
      var shapes = step.weights().shapes();
      step.weights()
          .values()
          .forEach(
              (name, values) ->
                  tensors.put(
                      "weights." + name,
                      new Safetensors.Named(shapes.getOrDefault(name, Shape.of(1)), values)));
      int size = step.imageElements();
      var images = new float[STEPS * size];
      var labels = new float[STEPS * BATCH];
      var losses = new float[STEPS];
      for (int i = 0; i < STEPS; i++) {
        Examples examples = Examples.of(i, size);
        step.show(examples.images(), examples.labels());
        System.arraycopy(examples.images(), 0, images, i * size, size);
        for (int j = 0; j < BATCH; j++) {
          labels[i * BATCH + j] = examples.labels()[j];
        }
        losses[i] = (float) step.run();
      }
      Shape image = step.image();
      tensors.put(
          "images",
          new Safetensors.Named(
              Shape.of(STEPS, BATCH, image.size(0), image.size(1), image.size(2)), images));
      tensors.put("labels", new Safetensors.Named(Shape.of(STEPS, BATCH), labels));
      tensors.put("losses", new Safetensors.Named(Shape.of(STEPS), losses));
    }
    Path file = folder.resolve(mixer.label() + ".safetensors");
    Safetensors.write(file, tensors);
    return file;
  }

  /** The mean loss before each step. */
  static double[] losses(Mixer mixer, Catalogue catalogue, Set<Pass> passes) {
    var losses = new double[STEPS];
    try (TrainingStep step = start(mixer, catalogue, passes)) {
      for (int i = 0; i < STEPS; i++) {
        Examples examples = Examples.of(i, step.imageElements());
        step.show(examples.images(), examples.labels());
        losses[i] = step.run();
      }
    }
    return losses;
  }

  private static TrainingStep start(Mixer mixer, Catalogue catalogue, Set<Pass> passes) {
    return new TrainingStep(new BenchNetwork(mixer, 16, 32, 2), BATCH, SEED, passes, catalogue);
  }

  /** A batch; the arrays are its owner's. */
  @SuppressWarnings("ArrayRecordComponent")
  private record Examples(float[] images, int[] labels) {

    static Examples of(int step, int size) {
      var random = new SplittableRandom(SEED + step);
      var images = new float[size];
      for (int i = 0; i < size; i++) {
        images[i] = (float) random.nextGaussian();
      }
      return new Examples(images, random.ints(BATCH, 0, BenchNetwork.CLASSES).toArray());
    }
  }
}
