package blockfront.search.data;

import blockfront.blocks.graph.Shape;
import blockfront.blocks.network.Task;
import blockfront.search.trial.Metric;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/**
 * A named set of examples in three parts that share none.
 *
 * <p>A search is given {@link #forSearch()}, which has no test part: whatever is chosen by looking
 * at the test part cannot be reported with it.
 *
 * @param name as it is asked for, or that of the folder
 * @param task what is to be answered
 * @param metric by what answers are judged
 * @param classes names, in the order of the labels; empty unless an example has one class
 * @param train what weights are fitted to
 * @param validation what a search compares networks by
 * @param test for the figures of a report only; no choice may look at it
 * @param normalisation of the train part
 * @param flips whether an image seen in a mirror keeps its class
 * @param licence one line
 * @param source where the set is from: a citation, or the absolute path of its folder
 * @param hash SHA-256 of all examples and how they are split, in hexadecimal
 */
public record DataSet(
    String name,
    Task task,
    Metric metric,
    List<String> classes,
    Examples train,
    Examples validation,
    Examples test,
    Normalisation normalisation,
    boolean flips,
    String licence,
    String source,
    String hash) {

  public DataSet {
    classes = List.copyOf(classes);
    boolean classifies =
        switch (task) {
          case Task.ImageClassification _, Task.SequenceClassification _ -> true;
          case Task.TokenPrediction _, Task.InContextRegression _ -> false;
        };
    if (classifies ? classes.size() < 2 : !classes.isEmpty()) {
      throw new IllegalArgumentException(
          "Data set '%s' needs %s, got %s"
              .formatted(name, classifies ? "at least 2 classes" : "no classes", classes));
    }
    for (Examples part : List.of(train, validation, test)) {
      if (part.size() == 0 || !part.shape().equals(task.input())) {
        throw new IllegalArgumentException(
            "Data set '%s' needs examples of %s in each part, got %s"
                .formatted(name, task.input(), part));
      }
      part.requireFit(name, task);
    }
  }

  /** A set of images whose normalisation and hash are those of its examples. */
  public static DataSet of(
      String name,
      List<String> classes,
      Examples train,
      Examples validation,
      Examples test,
      boolean flips,
      String licence,
      String source) {
    if (classes.size() < 2) {
      throw new IllegalArgumentException(
          "Data set '%s' needs at least 2 classes, got %s".formatted(name, classes));
    }
    return of(
        name,
        new Task.ImageClassification(train.shape(), classes.size()),
        Metric.ACCURACY,
        classes,
        new Split(train, validation, test),
        Normalisation.of(train),
        flips,
        licence,
        source);
  }

  /** A set whose hash is that of its examples. */
  static DataSet of(
      String name,
      Task task,
      Metric metric,
      List<String> classes,
      Split split,
      Normalisation normalisation,
      boolean flips,
      String licence,
      String source) {
    return new DataSet(
        name,
        task,
        metric,
        classes,
        split.train(),
        split.validation(),
        split.test(),
        normalisation,
        flips,
        licence,
        source,
        hash(split.train(), split.validation(), split.test()));
  }

  /** The shape of one example. */
  public Shape shape() {
    return task.input();
  }

  /** All that a search may see. */
  public SearchData forSearch() {
    return new SearchData(name, shape(), classes, train, validation, normalisation, flips);
  }

  private static String hash(Examples... parts) {
    MessageDigest digest = sha256();
    for (Examples part : parts) {
      part.digest(digest);
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException impossible) {
      throw new AssertionError("Every Java platform has SHA-256", impossible);
    }
  }
}
