package blockfront.search.train;

import blockfront.blocks.catalogue.Catalogue;
import blockfront.blocks.cost.Cost;
import blockfront.blocks.graph.Shape;
import blockfront.blocks.network.Network;
import blockfront.search.data.Augmentation;
import blockfront.search.data.Batches;
import blockfront.search.data.Examples;
import blockfront.search.data.Normalisation;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import tools.jackson.databind.json.JsonMapper;

/** How fast networks are trained: forward, backward and update on one batch, again and again. */
public final class EngineBench {

  private static final JsonMapper JSON = new JsonMapper();
  private static final long SEED = 1;
  private static final int LEAST_STEPS = 3;
  private static final double ROUND_SECONDS = 0.5;
  private static final double WARM_UP_SECONDS = 2.5;
  private static final int PREPARATIONS = 7;
  private static final int BATCHES = 60;

  private final Catalogue catalogue;
  private final Set<Pass> passes;

  /**
   * What one network takes.
   *
   * @param threads trainings side by side, one thread each
   * @param blas library of the matrix products
   * @param millisPerStep median
   * @param stepsPerSecond of all threads together
   * @param peakBytes native memory of one training: buffers, weights and moments
   * @param gemmFloorMillis three times the forward multiply-adds at the measured rate of products
   * @param preparationMillis from a fresh architecture to where its first step may begin, when
   *     everything is warm; median
   * @param describeMillis the part of it that describes the network; then come gradients and
   *     initial weights, then the plan
   * @param batchMillis what a step waits for its batch of augmented images; median
   * @param residentBytes the most that the process held so far; 0 where the system does not say
   * @param efficiency steps a second of all threads over what as many alone would do; 1 for one
   *     thread
   */
  public record Result(
      String mixer,
      int tokens,
      int channels,
      int depth,
      int batch,
      int threads,
      String blas,
      double millisPerStep,
      double stepsPerSecond,
      long peakBytes,
      double gemmFloorMillis,
      double preparationMillis,
      double describeMillis,
      double differentiateMillis,
      double compileMillis,
      double batchMillis,
      long residentBytes,
      double efficiency) {

    /** Beside the same network on one thread. */
    public Result against(Result alone) {
      return new Result(
          mixer,
          tokens,
          channels,
          depth,
          batch,
          threads,
          blas,
          millisPerStep,
          stepsPerSecond,
          peakBytes,
          gemmFloorMillis,
          preparationMillis,
          describeMillis,
          differentiateMillis,
          compileMillis,
          batchMillis,
          residentBytes,
          stepsPerSecond / (threads * alone.stepsPerSecond()));
    }
  }

  /** A benchmark with the given passes. */
  public EngineBench(Catalogue catalogue, Set<Pass> passes) {
    this.catalogue = catalogue;
    this.passes = passes;
  }

  /** Measures a network in several rounds of about half a second, after a warm-up. */
  public Result measure(BenchNetwork network, int batch, int rounds) {
    try (Session session = start(network, batch)) {
      session.warmUp();
      for (int i = 0; i < rounds; i++) {
        session.round();
      }
      return session.result();
    }
  }

  /** Makes a network ready for rounds. */
  public Session start(BenchNetwork network, int batch) {
    return new Session(network, batch);
  }

  /** Steps of one network. Owned by one thread. */
  public final class Session implements AutoCloseable {
    private final BenchNetwork network;
    private final int batch;
    private final TrainingStep step;
    private final List<Double> millis = new ArrayList<>();
    private final Cost cost;

    private Session(BenchNetwork network, int batch) {
      this.network = network;
      this.batch = batch;
      step = new TrainingStep(network, batch, SEED, passes, catalogue);
      cost = Cost.of(Network.of(network.architecture(), catalogue).logits());
      var random = new SplittableRandom(SEED);
      var images = new float[step.imageElements()];
      for (int i = 0; i < images.length; i++) {
        images[i] = (float) random.nextGaussian();
      }
      step.show(images, random.ints(batch, 0, BenchNetwork.CLASSES).toArray());
    }

    /** Steps until the compiler is done. */
    public void warmUp() {
      long began = System.nanoTime();
      for (int i = 0; i < LEAST_STEPS || seconds(began) < WARM_UP_SECONDS; i++) {
        step.run();
      }
    }

    /** Times single steps for about half a second; their median in milliseconds. */
    public double round() {
      var times = new ArrayList<Double>();
      long began = System.nanoTime();
      while (times.size() < LEAST_STEPS || seconds(began) < ROUND_SECONDS) {
        long start = System.nanoTime();
        step.run();
        times.add((System.nanoTime() - start) / 1e6);
      }
      millis.addAll(times);
      return median(times);
    }

    /** Where the time of some steps goes. */
    public Profile profile() {
      var profile = new Profile();
      long began = System.nanoTime();
      for (int i = 0; i < LEAST_STEPS || seconds(began) < 2 * ROUND_SECONDS; i++) {
        step.profile(profile);
        profile.endOfStep();
      }
      return profile;
    }

    /** What the rounds so far say. */
    public Result result() {
      double median = median(millis);
      double floor =
          3.0
              * batch
              * (cost.multiplyAdds() + cost.fourier())
              / (Blas.multiplyAddsPerSecond() / 1e3);
      TrainingStep.Preparation preparation = preparation(network, batch);
      return new Result(
          network.mixer().label(),
          network.tokens(),
          network.channels(),
          network.depth(),
          batch,
          1,
          Blas.name(),
          median,
          1000 / median,
          step.bytes(),
          floor,
          preparation.all(),
          preparation.describe(),
          preparation.differentiate(),
          preparation.compile(),
          batchMillis(step.image(), batch),
          residentBytes(),
          1);
    }

    @Override
    public void close() {
      step.close();
    }
  }

  /**
   * Measures trainings side by side, one thread each.
   *
   * @return steps of all threads together, and the median of all
   */
  public Result measureInParallel(BenchNetwork network, int batch, int threads, int rounds)
      throws InterruptedException {
    var barrier = new CyclicBarrier(threads);
    try (var executor = Executors.newFixedThreadPool(threads)) {
      Callable<Result> each =
          () -> {
            try (Session session = start(network, batch)) {
              session.warmUp();
              barrier.await();
              for (int i = 0; i < rounds; i++) {
                session.round();
              }
              barrier.await(); // nobody's last steps run alone
              return session.result();
            }
          };
      var results = new ArrayList<Result>();
      for (var future : executor.invokeAll(Collections.nCopies(threads, each))) {
        results.add(future.get());
      }
      Result first = results.getFirst();
      return new Result(
          first.mixer(),
          first.tokens(),
          first.channels(),
          first.depth(),
          batch,
          threads,
          first.blas(),
          median(results.stream().map(Result::millisPerStep).toList()),
          results.stream().mapToDouble(Result::stepsPerSecond).sum(),
          first.peakBytes(),
          first.gemmFloorMillis(),
          first.preparationMillis(),
          first.describeMillis(),
          first.differentiateMillis(),
          first.compileMillis(),
          first.batchMillis(),
          residentBytes(),
          1);
    } catch (ExecutionException e) {
      throw new IllegalStateException("Bench failed in a thread: " + e.getCause(), e);
    }
  }

  /** The median of several, made after some that warm up. */
  private TrainingStep.Preparation preparation(BenchNetwork network, int batch) {
    var preparations = new ArrayList<TrainingStep.Preparation>();
    for (int i = 0; i < 2 * PREPARATIONS; i++) {
      try (var fresh = new TrainingStep(network, batch, i, passes, catalogue)) {
        if (i >= PREPARATIONS) {
          preparations.add(fresh.preparation());
        }
      }
    }
    preparations.sort(Comparator.comparingDouble(TrainingStep.Preparation::all));
    return preparations.get(PREPARATIONS / 2);
  }

  /** Images as a training sees them: shuffled, shifted, flipped and normalised. */
  private static double batchMillis(Shape image, int batch) {
    var random = new SplittableRandom(SEED);
    var pixels = new byte[Math.toIntExact(batch * image.elements())];
    random.nextBytes(pixels);
    int[] labels = random.ints(batch, 0, BenchNetwork.CLASSES).toArray();
    Examples examples = Examples.of(image, pixels, labels);
    Batches batches =
        Batches.training(
            examples, Normalisation.of(examples), new Augmentation(2, true), batch, SEED);
    var inputs = new float[pixels.length];
    var chosen = new int[batch];
    var times = new ArrayList<Double>();
    try (var arena = Arena.ofConfined()) {
      MemorySegment memory = arena.allocate((long) inputs.length << 2, 64);
      for (int epoch = 0; epoch < BATCHES; epoch++) {
        batches.startEpoch(epoch);
        long began = System.nanoTime();
        batches.next(inputs, chosen);
        MemorySegment.copy(inputs, 0, memory, ValueLayout.JAVA_FLOAT, 0, inputs.length);
        times.add((System.nanoTime() - began) / 1e6);
      }
    }
    return median(times.subList(BATCHES / 2, BATCHES));
  }

  private static long residentBytes() {
    Path status = Path.of("/proc/self/status");
    if (!Files.isReadable(status)) {
      return 0;
    }
    try (var lines = Files.lines(status)) {
      return lines
          .filter(line -> line.startsWith("VmHWM:"))
          .mapToLong(line -> 1024 * Long.parseLong(line.replaceAll("[^0-9]", "")))
          .findFirst()
          .orElse(0);
    } catch (IOException e) {
      throw new UncheckedIOException("Bench cannot read " + status, e);
    }
  }

  /** A list of results as JSON. */
  public static String json(List<Result> results) {
    return JSON.writeValueAsString(results);
  }

  /** One result as JSON, in one line. */
  public static String json(Result result) {
    return JSON.writeValueAsString(result);
  }

  private static double seconds(long began) {
    return (System.nanoTime() - began) / 1e9;
  }

  private static double median(List<Double> values) {
    double[] sorted = values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1
        ? sorted[middle]
        : Arrays.stream(sorted, middle - 1, middle + 1).average().orElse(0);
  }
}
