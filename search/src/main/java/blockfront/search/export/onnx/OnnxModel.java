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
import blockfront.search.train.RawImages;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** An ONNX file of ours, run by ONNX Runtime on one thread. Owned by one thread. */
public final class OnnxModel implements AutoCloseable {

  private static final int BATCH = 64;
  private static final int WARMING_RUNS = 20;

  private final OrtEnvironment environment;
  private final OrtSession session;
  private final Shape image;
  private final Map<String, String> metadata;

  private OnnxModel(
      OrtEnvironment environment, OrtSession session, Shape image, Map<String, String> metadata) {
    this.environment = environment;
    this.session = session;
    this.image = image;
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

  /** Reads any model that takes images and gives logits. */
  static OnnxModel unsealed(byte[] bytes, String source) {
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    try (var options = new OrtSession.SessionOptions()) {
      // trainings run beside, one thread each
      options.setIntraOpNumThreads(1);
      options.setInterOpNumThreads(1);
      OrtSession session = environment.createSession(bytes, options);
      Shape image = imageShape(session, source);
      return new OnnxModel(environment, session, image, session.getMetadata().getCustomMetadata());
    } catch (OrtException e) {
      throw new IllegalArgumentException(
          "%s is no ONNX file, or a damaged one: %s".formatted(source, firstLine(e)), e);
    }
  }

  private static Shape imageShape(OrtSession session, String source) throws OrtException {
    NodeInfo input = session.getInputInfo().get(Network.IMAGE);
    boolean answers = session.getOutputNames().contains(OnnxLowering.LOGITS);
    if (answers && input != null && input.getInfo() instanceof TensorInfo tensor) {
      long[] sizes = tensor.getShape();
      if (sizes.length == 4 && Arrays.stream(sizes).skip(1).allMatch(size -> size > 0)) {
        return Shape.of(Arrays.stream(sizes).skip(1).mapToInt(Math::toIntExact).toArray());
      }
    }
    throw new IllegalArgumentException(
        "%s is an ONNX file of something else: it takes %s and gives %s"
            .formatted(source, session.getInputNames(), session.getOutputNames()));
  }

  /** The shape of one image. */
  public Shape image() {
    return image;
  }

  /** What the file says of itself. */
  public Optional<String> metadata(String key) {
    return Optional.ofNullable(metadata.get(key));
  }

  /**
   * Answers images.
   *
   * @param images values 0 to 255, image after image
   * @return the logits of each
   */
  public List<float[]> answers(float[] images) {
    float[] logits =
        run(images, Set.of(OnnxLowering.LOGITS)).getOrDefault(OnnxLowering.LOGITS, images);
    int count = images.length / Math.toIntExact(image.elements());
    int classes = logits.length / count;
    var answers = new ArrayList<float[]>();
    for (int i = 0; i < count; i++) {
      answers.add(Arrays.copyOfRange(logits, i * classes, (i + 1) * classes));
    }
    return answers;
  }

  /** The logits of every example, in order. */
  public List<float[]> answers(Examples examples) {
    var answers = new ArrayList<float[]>();
    for (int start = 0; start < examples.size(); start += BATCH) {
      int end = Math.min(examples.size(), start + BATCH);
      answers.addAll(answers(RawImages.of(examples, start, end)));
    }
    return Collections.unmodifiableList(answers);
  }

  /**
   * How long one image takes: the median of many runs, after some to warm up.
   *
   * @param image its values 0 to 255
   */
  public Duration latency(float[] image, int runs) {
    for (int i = 0; i < WARMING_RUNS; i++) {
      answers(image);
    }
    var nanos = new long[runs];
    for (int i = 0; i < runs; i++) {
      long began = System.nanoTime();
      answers(image);
      nanos[i] = System.nanoTime() - began;
    }
    Arrays.sort(nanos);
    return Duration.ofNanos(nanos[runs / 2]);
  }

  /** Some outputs for images, by name. */
  Map<String, float[]> run(float[] images, Set<String> outputs) {
    int count = images.length / Math.toIntExact(image.elements());
    long[] sizes = {count, image.size(0), image.size(1), image.size(2)};
    var results = new HashMap<String, float[]>();
    try (OnnxTensor input = OnnxTensor.createTensor(environment, FloatBuffer.wrap(images), sizes);
        OrtSession.Result result =
            session.run(Map.of(Network.IMAGE, input), new LinkedHashSet<>(outputs))) {
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
