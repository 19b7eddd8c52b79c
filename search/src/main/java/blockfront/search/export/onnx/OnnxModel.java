package blockfront.search.export.onnx;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import blockfront.blocks.graph.Shape;
import blockfront.blocks.network.Network;
import blockfront.search.data.Examples;
import blockfront.search.train.Evaluator;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.LongStream;

/** An ONNX file of ours, run by ONNX Runtime on one thread. Owned by one thread. */
public final class OnnxModel implements AutoCloseable {

  private static final int WARMING_RUNS = 20;
  private static final int TIMED_RUNS = 101;

  private final OrtEnvironment environment;
  private final OrtSession session;
  private final Input input;
  private final Map<String, String> metadata;

  /** What enters: its name and the shape of one example. */
  private record Input(String name, Shape shape) {}

  private OnnxModel(
      OrtEnvironment environment, OrtSession session, Input input, Map<String, String> metadata) {
    this.environment = environment;
    this.session = session;
    this.input = input;
    this.metadata = Map.copyOf(metadata);
  }

  /**
   * Reads a file that {@link OnnxExport} wrote.
   *
   * @throws IllegalArgumentException if it is none or was changed since, in one line
   */
  public static OnnxModel open(Path file) {
    try {
      return of(Files.readAllBytes(file), "'%s'".formatted(file));
    } catch (NoSuchFileException e) {
      throw new IllegalArgumentException("There is no ONNX file '%s'".formatted(file), e);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read the ONNX file '%s'".formatted(file), e);
    }
  }

  /**
   * Reads what {@link OnnxExport} made.
   *
   * @param source what messages call it
   */
  static OnnxModel of(byte[] bytes, String source) {
    OnnxSeal.check(bytes, source);
    return unsealed(bytes, source);
  }

  /** Reads any model that takes images or sequences and gives logits. */
  static OnnxModel unsealed(byte[] bytes, String source) {
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    try (var options = new OrtSession.SessionOptions()) {
      // trainings run beside, one thread each
      options.setIntraOpNumThreads(1);
      options.setInterOpNumThreads(1);
      OrtSession session = environment.createSession(bytes, options);
      Input input = input(session, source);
      return new OnnxModel(environment, session, input, session.getMetadata().getCustomMetadata());
    } catch (OrtException e) {
      throw new IllegalArgumentException(
          "%s is no ONNX file, or a damaged one: %s".formatted(source, firstLine(e)), e);
    }
  }

  private static Input input(OrtSession session, String source) throws OrtException {
    boolean answers = session.getOutputNames().contains(OnnxLowering.LOGITS);
    for (String name : List.of(Network.IMAGE, Network.TOKENS, Network.VECTORS)) {
      NodeInfo input = session.getInputInfo().get(name);
      if (answers && input != null && input.getInfo() instanceof TensorInfo tensor) {
        long[] sizes = Arrays.stream(tensor.getShape()).skip(1).toArray();
        if (sizes.length > 0 && Arrays.stream(sizes).allMatch(size -> size > 0)) {
          int[] shape = Arrays.stream(sizes).mapToInt(Math::toIntExact).toArray();
          return new Input(name, Shape.of(shape));
        }
      }
    }
    throw new IllegalArgumentException(
        "%s is an ONNX file of something else: it takes %s and gives %s"
            .formatted(source, session.getInputNames(), session.getOutputNames()));
  }

  /** The shape of one example. */
  public Shape shape() {
    return input.shape();
  }

  /** What the file says of itself. */
  public Optional<String> metadata(String key) {
    return Optional.ofNullable(metadata.get(key));
  }

  /**
   * Answers examples.
   *
   * @param raw as {@link Examples#raw} has them
   * @return the logits of each
   */
  public List<float[]> answers(float[] raw) {
    float[] logits = run(raw, Set.of(OnnxLowering.LOGITS)).getOrDefault(OnnxLowering.LOGITS, raw);
    int count = raw.length / Math.toIntExact(shape().elements());
    int classes = logits.length / count;
    var answers = new ArrayList<float[]>();
    for (int i = 0; i < count; i++) {
      answers.add(Arrays.copyOfRange(logits, i * classes, (i + 1) * classes));
    }
    return answers;
  }

  /** How it does on examples. */
  public Evaluator.Score score(Examples examples) {
    return Evaluator.score(examples, this::answers);
  }

  /**
   * How long one example takes: the median of many runs, after some to warm up.
   *
   * @param raw as {@link Examples#raw} has it
   */
  public Duration latency(float[] raw) {
    for (int i = 0; i < WARMING_RUNS; i++) {
      answers(raw);
    }
    var nanos = new long[TIMED_RUNS];
    for (int i = 0; i < TIMED_RUNS; i++) {
      long began = System.nanoTime();
      answers(raw);
      nanos[i] = System.nanoTime() - began;
    }
    Arrays.sort(nanos);
    return Duration.ofNanos(nanos[TIMED_RUNS / 2]);
  }

  /** Some outputs for examples, by name. */
  Map<String, float[]> run(float[] raw, Set<String> outputs) {
    long count = raw.length / shape().elements();
    long[] sizes =
        LongStream.concat(
                LongStream.of(count), shape().sizes().stream().mapToLong(Integer::longValue))
            .toArray();
    var results = new HashMap<String, float[]>();
    try (OnnxTensor tensor = OnnxTensor.createTensor(environment, FloatBuffer.wrap(raw), sizes);
        OrtSession.Result result =
            session.run(Map.of(input.name(), tensor), new LinkedHashSet<>(outputs))) {
      for (String name : outputs) {
        OnnxTensor output = (OnnxTensor) result.get(name).orElseThrow();
        FloatBuffer values = output.getFloatBuffer();
        var floats = new float[values.remaining()];
        values.get(floats);
        results.put(name, floats);
      }
      return results;
    } catch (OrtException e) {
      throw new IllegalStateException("ONNX Runtime failed: " + firstLine(e), e);
    }
  }

  @Override
  public void close() {
    try {
      session.close();
    } catch (OrtException e) {
      throw new IllegalStateException("ONNX Runtime failed: " + firstLine(e), e);
    }
  }

  private static String firstLine(OrtException e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("no reason given");
  }
}
