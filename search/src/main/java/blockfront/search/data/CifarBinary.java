package blockfront.search.data;

import blockfront.blocks.graph.Shape;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Colour images of 32x32 in the binary format of CIFAR-10: files {@code *.bin} or {@code *.bin.gz},
 * of which those with "test" in their name are the test part.
 *
 * <p>A record is a label and the red, green and blue plane, 3,073 bytes. Source: Krizhevsky,
 * "Learning multiple layers of features from tiny images" (2009).
 */
final class CifarBinary {

  private static final Shape SHAPE = Shape.of(32, 32, 3);
  private static final int CHANNELS = 3;
  private static final int PLANE = 32 * 32;
  private static final int IMAGE = CHANNELS * PLANE;
  private static final int RECORD = 1 + IMAGE;
  private static final int UNNAMED_CLASSES = 10;
  private static final Pattern NAME = Pattern.compile(".*\\.bin(\\.gz)?");

  private CifarBinary() {}

  /** Whether a folder with these file names is of this format. */
  static boolean fits(List<String> names) {
    return names.stream().anyMatch(name -> NAME.matcher(name).matches());
  }

  /**
   * Reads a folder; class names are the lines of {@code classes.txt} or {@code batches.meta.txt},
   * else the numbers from 0 to 9.
   *
   * @throws DataException if no file is for training, or one is broken
   */
  static GivenParts read(Path folder) {
    List<String> classes =
        ClassNames.in(folder).orElseGet(() -> ClassNames.numbered(UNNAMED_CLASSES));
    var train = new ArrayList<DataFile>();
    var test = new ArrayList<DataFile>();
    Listing listing = Listing.of(folder);
    for (String name : listing.files()) {
      if (NAME.matcher(name).matches()) {
        boolean tests = name.toLowerCase(Locale.ROOT).contains("test");
        (tests ? test : train).add(DataFile.read(folder.resolve(name)));
      }
    }
    if (train.isEmpty()) {
      throw new DataException(
          "%s: wanted a file *.bin without 'test' in its name, got %s"
              .formatted(folder, listing.text()));
    }
    return new GivenParts(
        folder.toString(),
        classes,
        examples(folder, train, classes.size()),
        Optional.empty(),
        test.isEmpty() ? Optional.empty() : Optional.of(examples(folder, test, classes.size())));
  }

  private static Examples examples(Path folder, List<DataFile> files, int classes) {
    long count = files.stream().mapToLong(CifarBinary::records).sum();
    byte[] pixels = Examples.room(folder.toString(), SHAPE, count);
    var labels = new int[(int) count];
    int example = 0;
    for (DataFile file : files) {
      for (int offset = 0; offset < file.length(); offset += RECORD) {
        labels[example] = label(file, offset, classes);
        channelsLast(file.bytes(offset + 1, IMAGE), pixels, example * IMAGE);
        example++;
      }
    }
    return Examples.owning(SHAPE, pixels, labels);
  }

  private static long records(DataFile file) {
    long rest = file.length() % RECORD;
    if (file.length() == 0 || rest != 0) {
      throw file.broken(
          file.length() - rest,
          "wanted a record of %d bytes (a label and 32x32x3 values), got %d"
              .formatted(RECORD, rest));
    }
    return file.length() / RECORD;
  }

  private static int label(DataFile file, int offset, int classes) {
    int label = file.content().get(offset) & 0xFF;
    if (label >= classes) {
      throw file.broken(offset, "wanted a label of 0 to %d, got %d".formatted(classes - 1, label));
    }
    return label;
  }

  private static void channelsLast(byte[] planes, byte[] pixels, int start) {
    for (int i = 0; i < IMAGE; i++) {
      pixels[start + i % PLANE * CHANNELS + i / PLANE] = planes[i];
    }
  }
}
