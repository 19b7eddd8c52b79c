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
  private static final int SMALL_BATCH = 8;
  private static final long SEED = 5;

  private EngineLosses() {}

  /** Trains the network of the recorded losses, and writes the same. */
  public static Path write(Mixer mixer, Catalogue catalogue, Path folder) {
    return write(small(mixer), SMALL_BATCH, catalogue, folder);
  }

  /**
   * Trains, and writes weights as they were before ("weights.*"), images {@code [steps, batch,
   * height, width, 3]}, labels and losses.
   *
   * @return the file, named by the mixer
   */
  public static Path write(BenchNetwork network, int batch, Catalogue catalogue, Path folder) {
    var tensors = new LinkedHashMap<String, Safetensors.Named>();
    try (TrainingStep step = new TrainingStep(network, batch, SEED, Pass.ALL, catalogue)) {
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
      var labels = new float[STEPS * batch];
      var losses = new float[STEPS];
      for (int i = 0; i < STEPS; i++) {
        Examples examples = Examples.of(i, size, batch);
        step.show(examples.images(), examples.labels());
        System.arraycopy(examples.images(), 0, images, i * size, size);
        for (int j = 0; j < batch; j++) {
          labels[i * batch + j] = examples.labels()[j];
        }
        losses[i] = (float) step.run();
      }
      Shape image = step.image();
      tensors.put(
          "images",
          new Safetensors.Named(
              Shape.of(STEPS, batch, image.size(0), image.size(1), image.size(2)), images));
      tensors.put("labels", new Safetensors.Named(Shape.of(STEPS, batch), labels));
      tensors.put("losses", new Safetensors.Named(Shape.of(STEPS), losses));
    }
    Path file = folder.resolve(network.mixer().label() + ".safetensors");
    Safetensors.write(file, tensors);
    return file;
  }

  /** The mean loss before each step. */
  static double[] losses(Mixer mixer, Catalogue catalogue, Set<Pass> passes) {
    var losses = new double[STEPS];
    try (TrainingStep step = new TrainingStep(small(mixer), SMALL_BATCH, SEED, passes, catalogue)) {
      for (int i = 0; i < STEPS; i++) {
        Examples examples = Examples.of(i, step.imageElements(), SMALL_BATCH);
        step.show(examples.images(), examples.labels());
        losses[i] = step.run();
      }
    }
    return losses;
  }

  /** The network of the recorded losses. */
  private static BenchNetwork small(Mixer mixer) {
    return new BenchNetwork(mixer, 16, 32, 2);
  }

  /** A batch; the arrays are its owner's. */
  @SuppressWarnings("ArrayRecordComponent")
  private record Examples(float[] images, int[] labels) {

    static Examples of(int step, int size, int batch) {
      var random = new SplittableRandom(SEED + step);
      var images = new float[size];
      for (int i = 0; i < size; i++) {
        images[i] = (float) random.nextGaussian();
      }
      return new Examples(images, random.ints(batch, 0, BenchNetwork.CLASSES).toArray());
    }
  }
}
