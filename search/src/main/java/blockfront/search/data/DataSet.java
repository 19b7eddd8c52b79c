package blockfront.search.data;

import blockfront.blocks.graph.Shape;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/**
 * A named set of labelled images in three parts that share no example.
 *
 * <p>A search is given {@link #forSearch()}, which has no test part: whatever is chosen by looking
 * at the test part cannot be reported with it.
 *
 * @param name a built-in name, or that of the folder
 * @param shape of one image: {@code [height, width, channels]}
 * @param classes names, in the order of the labels
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
    Shape shape,
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
    if (classes.size() < 2) {
      throw new IllegalArgumentException(
          "Data set '%s' needs at least 2 classes, got %s".formatted(name, classes));
    }
    for (Examples part : List.of(train, validation, test)) {
      if (part.size() == 0 || !part.shape().equals(shape)) {
        throw new IllegalArgumentException(
            "Data set '%s' needs examples of %s in each part, got %s".formatted(name, shape, part));
      }
      for (int example = 0; example < part.size(); example++) {
        if (part.label(example) >= classes.size()) {
          throw new IllegalArgumentException(
              "Data set '%s' has %d classes, got label %d"
                  .formatted(name, classes.size(), part.label(example)));
        }
      }
    }
  }

  /** A set whose normalisation and hash are those of its examples. */
  public static DataSet of(
      String name,
      List<String> classes,
      Examples train,
      Examples validation,
      Examples test,
      boolean flips,
      String licence,
      String source) {
    return new DataSet(
        name,
        train.shape(),
        classes,
        train,
        validation,
        test,
        Normalisation.of(train),
        flips,
        licence,
        source,
        hash(train, validation, test));
  }

  /** All that a search may see. */
  public SearchData forSearch() {
    return new SearchData(name, shape, classes, train, validation, normalisation, flips);
  }

  // for each part in turn: number of examples and the three sizes, pixels, labels; int big-endian
  private static String hash(Examples... parts) {
    MessageDigest digest = sha256();
    for (Examples part : parts) {
      Shape shape = part.shape();
      digest.update(
          ByteBuffer.allocate(4 * Integer.BYTES)
              .putInt(part.size())
              .putInt(shape.size(0))
              .putInt(shape.size(1))
              .putInt(shape.size(2))
              .flip());
      digest.update(part.sharedPixels());
      var label = ByteBuffer.allocate(Integer.BYTES);
      for (int example = 0; example < part.size(); example++) {
        digest.update(label.clear().putInt(part.label(example)).flip());
      }
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
