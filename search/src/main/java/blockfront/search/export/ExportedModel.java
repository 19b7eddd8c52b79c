package blockfront.search.export;

import blockfront.blocks.graph.Shape;
import blockfront.search.data.DataSet;
import blockfront.search.data.Examples;
import blockfront.search.export.onnx.OnnxExport;
import blockfront.search.export.onnx.OnnxModel;
import blockfront.search.space.JsonReader;
import blockfront.search.train.Evaluator;
import blockfront.search.train.SameDiffFile;
import blockfront.search.trial.Metric;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;

/** An exported network that is read back: an ONNX file, or a SameDiff file with its card. */
public final class ExportedModel implements AutoCloseable {

  private final Shape shape;
  private final Card card;
  private final Function<float[], List<float[]>> answering;
  private final Runnable closing;

  /**
   * What a file says of itself.
   *
   * @param classes in the order of the logits
   * @param dataHash of the data set that it was trained on
   * @param metric title of what the scores are, see {@link Metric#title}
   * @param spiking whether rounding may tip its answer to some examples
   * @param validation score; a quantised model has none
   * @param test score
   */
  public record Card(
      List<String> classes,
      String dataHash,
      String metric,
      boolean spiking,
      Optional<Double> validation,
      double test) {}

  /**
   * How a file does on data, and what its card says.
   *
   * @param score on the test part
   * @param samples in the test part
   * @param validationScore on the validation part
   * @param metric what the scores are
   * @param sameData whether it is the data that it was trained on
   */
  public record Verified(
      double score,
      int samples,
      double validationScore,
      int validationSamples,
      Metric metric,
      Card recorded,
      boolean sameData) {

    /**
     * Whether it does as its card says, to the last answer unless spikes may have tipped; of other
     * data a card says nothing.
     */
    public boolean holds() {
      return !sameData
          || (same(score, recorded.test())
              && recorded.validation().map(said -> same(said, validationScore)).orElse(true));
    }

    /**
     * Right answers are counted, but for examples whose spikes may have tipped; losses differ in
     * their last digits.
     */
    private boolean same(double one, double other) {
      if (recorded.spiking()) {
        return Math.abs(one - other) <= OnnxExport.TIPPED * Math.max(1, Math.abs(other));
      }
      return metric == Metric.ACCURACY
          ? one == other
          : Math.abs(one - other) <= OnnxExport.TOLERANCE * Math.max(1, Math.abs(other));
    }
  }

  private ExportedModel(
      Shape shape, Card card, Function<float[], List<float[]>> answering, Runnable closing) {
    this.shape = shape;
    this.card = card;
    this.answering = answering;
    this.closing = closing;
  }

  /**
   * Reads a file; what it is, is told by how its name ends.
   *
   * @throws IllegalArgumentException if it is cut off, of somebody else or was changed, in one line
   */
  public static ExportedModel open(Path file) {
    String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
    if (name.endsWith(".onnx")) {
      return onnx(file);
    }
    if (name.endsWith(".fb")) {
      return sameDiff(file);
    }
    throw new IllegalArgumentException(
        "'%s' is neither an ONNX file (.onnx) nor a SameDiff file (.fb)".formatted(file));
  }

  private static ExportedModel onnx(Path file) {
    OnnxModel model = OnnxModel.open(file);
    try {
      var card =
          new Card(
              classes(JsonReader.of(said(model, OnnxExport.CLASSES, file))),
              said(model, OnnxExport.DATA_HASH, file),
              Metric.valueOf(said(model, OnnxExport.METRIC, file)).title(),
              model.metadata(OnnxExport.SPIKING).isPresent(),
              model.metadata(OnnxExport.VALIDATION_SCORE).map(Double::valueOf),
              Double.parseDouble(said(model, OnnxExport.TEST_SCORE, file)));
      return new ExportedModel(model.shape(), card, model::answers, model::close);
    } catch (RuntimeException e) {
      model.close();
      throw e;
    }
  }

  private static String said(OnnxModel model, String key, Path file) {
    return model
        .metadata(key)
        .orElseThrow(
            () -> new IllegalArgumentException("'%s' does not tell its '%s'".formatted(file, key)));
  }

  private static ExportedModel sameDiff(Path file) {
    if (!Files.isRegularFile(file)) {
      throw new IllegalArgumentException("There is no SameDiff file '%s'".formatted(file));
    }
    Card card = cardBeside(file);
    SameDiffFile model = SameDiffFile.open(file);
    return new ExportedModel(model.shape(), card, model::answers, () -> {});
  }

  private static Card cardBeside(Path file) {
    Path beside = file.resolveSibling(ModelCard.JSON_FILE);
    if (!Files.isRegularFile(beside)) {
      throw new IllegalArgumentException(
          "'%s' was not exported by Blockfront, or lost its card: there is no '%s' beside it"
              .formatted(file, ModelCard.JSON_FILE));
    }
    try {
      JsonReader root = JsonReader.of(Files.readString(beside));
      String expected =
          root.at("files")
              .find(String.valueOf(file.getFileName()))
              .orElseThrow(
                  () ->
                      new IllegalArgumentException(
                          "It does not know '%s'".formatted(file.getFileName())))
              .string();
      if (!expected.equals(NetworkFiles.hash(file))) {
        throw new IllegalArgumentException(
            "'%s' was changed after it was exported: its SHA-256 is not that in '%s'"
                .formatted(file, ModelCard.JSON_FILE));
      }
      return new Card(
          classes(root.at("data").at("classes")),
          root.at("data").at("sha256").string(),
          root.at("metric").string(),
          root.find(OnnxExport.SPIKING).isPresent(),
          Optional.of(root.at("validation").at("score").number()),
          root.at("test").at("score").number());
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException("The card '%s' is not text".formatted(beside), e);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read '%s'".formatted(beside), e);
    } catch (IllegalArgumentException e) {
      String why = String.valueOf(e.getMessage());
      throw why.startsWith("'" + file)
          ? e
          : new IllegalArgumentException("The card '%s' is no use: %s".formatted(beside, why), e);
    }
  }

  private static List<String> classes(JsonReader list) {
    return list.elements().stream().map(JsonReader::string).toList();
  }

  /** The shape of one example. */
  public Shape shape() {
    return shape;
  }

  public Card card() {
    return card;
  }

  /**
   * Answers examples.
   *
   * @param raw as {@link Examples#raw} has them
   * @return the logits of each
   */
  public List<float[]> answers(float[] raw) {
    return answering.apply(raw);
  }

  /**
   * Scores it again.
   *
   * @throws IllegalArgumentException if the data has other examples or classes, wants answers of
   *     another size, or is judged by another metric
   */
  public Verified verify(DataSet data) {
    if (!data.shape().equals(shape) || !data.classes().equals(card.classes())) {
      throw new IllegalArgumentException(
          "The network takes %s and knows %s, data '%s' has %s and %s"
              .formatted(
                  shape.text(), card.classes(), data.name(), data.shape().text(), data.classes()));
    }
    if (!data.metric().title().equals(card.metric())) {
      throw new IllegalArgumentException(
          "The network is judged by its %s, data '%s' judges by %s"
              .formatted(card.metric(), data.name(), data.metric().title()));
    }
    // zeros are examples of every task
    int answer = answers(new float[Math.toIntExact(shape.elements())]).getFirst().length;
    if (answer != data.task().output().elements()) {
      throw new IllegalArgumentException(
          "The network answers with %d numbers, data '%s' wants %s"
              .formatted(answer, data.name(), data.task().output().text()));
    }
    return new Verified(
        score(data.test(), data.metric()),
        data.test().size(),
        score(data.validation(), data.metric()),
        data.validation().size(),
        data.metric(),
        card,
        data.hash().equals(card.dataHash()));
  }

  private double score(Examples examples, Metric metric) {
    return Evaluator.score(examples, answering).by(metric);
  }

  @Override
  public void close() {
    closing.run();
  }
}
