package blockfront.search.data;

import blockfront.blocks.graph.Shape;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * Grey images in the IDX format of MNIST: {@code train-images-idx3-ubyte}, {@code
 * train-labels-idx1-ubyte} and, if there, the test part {@code t10k-...}, plain or {@code .gz}.
 *
 * <p>Big-endian: a magic number, the sizes, then unsigned bytes. Source: LeCun, Cortes and Burges,
 * "The MNIST database of handwritten digits".
 */
final class IdxFiles {

  private static final int IMAGES_MAGIC = 0x0803;
  private static final int IMAGES_HEADER = 16;
  private static final int LABELS_MAGIC = 0x0801;
  private static final int LABELS_HEADER = 8;

  private IdxFiles() {}

  /** Whether a folder with these file names is of this format. */
  static boolean fits(List<String> names) {
    return find(names, "train", "images", 3).isPresent();
  }

  /**
   * Reads a folder; class names are the lines of {@code classes.txt}, else the numbers from 0 to
   * the highest label.
   *
   * @throws DataException if a file is missing or broken, or the files do not fit each other
   */
  static GivenParts read(Path folder) {
    Listing listing = Listing.of(folder);
    Pair train = pair(folder, listing, "train");
    Optional<Pair> test = Optional.empty();
    if (find(listing.files(), "t10k|test", "images", 3).isPresent()) {
      test = Optional.of(pair(folder, listing, "t10k|test"));
    }
    List<String> classes =
        ClassNames.in(folder)
            .orElseGet(() -> ClassNames.numbered(highestLabel(train.labels()) + 1));
    return read(folder.toString(), classes, train, test);
  }

  /** As {@link #read(Path)}, of files that were already found. */
  static GivenParts read(String where, List<String> classes, Pair train, Optional<Pair> test) {
    Examples trained = examples(train, classes.size());
    Optional<Examples> tested = test.map(pair -> examples(pair, classes.size()));
    if (tested.isPresent() && !tested.get().shape().equals(trained.shape())) {
      throw new DataException(
          "%s: wanted images of %s as in %s, got %s"
              .formatted(
                  test.get().images().name(),
                  trained.shape().text(),
                  train.images().name(),
                  tested.get().shape().text()));
    }
    return new GivenParts(where, classes, trained, Optional.empty(), tested);
  }

  /** The two files of one part. */
  record Pair(DataFile images, DataFile labels) {}

  private static Pair pair(Path folder, Listing listing, String part) {
    return new Pair(
        DataFile.read(folder.resolve(named(folder, listing, part, "images", 3))),
        DataFile.read(folder.resolve(named(folder, listing, part, "labels", 1))));
  }

  private static String named(
      Path folder, Listing listing, String part, String content, int dimensions) {
    return find(listing.files(), part, content, dimensions)
        .orElseThrow(
            () ->
                new DataException(
                    "%s: wanted a file %s-%s-idx%d-ubyte(.gz), got %s"
                        .formatted(folder, part, content, dimensions, listing.text())));
  }

  private static Optional<String> find(
      List<String> names, String part, String content, int dimensions) {
    var pattern =
        Pattern.compile("(%s)-%s[-.]idx%d-ubyte(\\.gz)?".formatted(part, content, dimensions));
    return names.stream().filter(name -> pattern.matcher(name).matches()).findFirst();
  }

  private static Examples examples(Pair pair, int classes) {
    DataFile images = pair.images();
    checkMagic(images, IMAGES_MAGIC, IMAGES_HEADER);
    int count = size(images, 4);
    int rows = size(images, 8);
    int columns = size(images, 12);
    checkLength(images, IMAGES_HEADER, Math.multiplyFull(rows, columns), count);
    int[] labels = labels(pair.labels(), classes);
    if (labels.length != count) {
      throw new DataException(
          "%s: wanted a label for each of the %d images of %s, got %d"
              .formatted(pair.labels().name(), count, images.name(), labels.length));
    }
    var shape = Shape.of(rows, columns, 1);
    return Examples.owning(
        shape, images.bytes(IMAGES_HEADER, (int) images.length() - IMAGES_HEADER), labels);
  }

  private static int[] labels(DataFile file, int classes) {
    checkMagic(file, LABELS_MAGIC, LABELS_HEADER);
    int count = size(file, 4);
    checkLength(file, LABELS_HEADER, 1, count);
    return IntStream.range(0, count)
        .map(
            example -> {
              int offset = LABELS_HEADER + example;
              int label = file.content().get(offset) & 0xFF;
              if (label >= classes) {
                throw file.broken(
                    offset, "wanted a label of 0 to %d, got %d".formatted(classes - 1, label));
              }
              return label;
            })
        .toArray();
  }

  private static int highestLabel(DataFile labels) {
    return IntStream.range(LABELS_HEADER, (int) labels.length())
        .map(offset -> labels.content().get(offset) & 0xFF)
        .max()
        .orElse(0);
  }

  private static void checkMagic(DataFile file, int magic, int header) {
    if (file.length() < header) {
      throw file.broken(
          file.length(), "wanted a header of %d bytes, got %d".formatted(header, file.length()));
    }
    int came = file.content().getInt(0);
    if (came != magic) {
      throw file.broken(0, "wanted the magic number 0x%08x, got 0x%08x".formatted(magic, came));
    }
  }

  private static int size(DataFile file, int offset) {
    int size = file.content().getInt(offset);
    if (size < 1) {
      throw file.broken(
          offset,
          "wanted a size of 1 to %d, got %d"
              .formatted(Integer.MAX_VALUE, Integer.toUnsignedLong(size)));
    }
    return size;
  }

  private static void checkLength(DataFile file, int header, long each, int count) {
    long body = file.length() - header;
    // divides, because a damaged header's product may not fit a long
    if (body % each != 0 || body / each != count) {
      throw file.broken(
          file.length(),
          "wanted %d times %d bytes after the header of %d, got %d"
              .formatted(count, each, header, body));
    }
  }
}
