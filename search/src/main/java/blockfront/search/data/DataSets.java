package blockfront.search.data;

import blockfront.search.trial.Metric;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Where data sets come from: built-in ones by name, others from a file or a folder.
 *
 * <p>Sets that are made by a rule have their settings in the name: {@code
 * mqar:vocabulary=128,length=64,pairs=4}, {@code icl_regression:dimensions=5,examples=20}, {@code
 * text:FILE}, {@code sequences:FILE.csv}, {@code pixels:digits}.
 *
 * <p>A folder holds IDX files, CIFAR binary files, or one sub-folder of PNG and JPEG images for
 * each class; what it holds is found by the names in it. A file called LICENSE in it gives the
 * licence by its first line.
 */
public final class DataSets {

  private DataSets() {}

  /** Names of the sets that are always there, made by a rule or brought along. */
  public static List<String> builtIn() {
    return Stream.concat(
            Arrays.stream(BuiltIn.values()).map(set -> set.id),
            Stream.of(Recall.KIND, LinearFunctions.KIND))
        .toList();
  }

  /**
   * Loads a set, all of it.
   *
   * @param name a built-in name, the name of a set that is made by a rule, or the path of a folder
   * @throws DataException if there is no such set, or anything in it is broken
   */
  public static DataSet load(String name) {
    Optional<BuiltIn> named =
        Arrays.stream(BuiltIn.values()).filter(set -> set.id.equals(name)).findFirst();
    if (named.isPresent()) {
      return named.get().load();
    }
    return switch (kind(name)) {
      case Recall.KIND -> Recall.load(name);
      case LinearFunctions.KIND -> LinearFunctions.load(name);
      case ByteText.KIND -> ByteText.load(name);
      case SequenceFile.KIND -> SequenceFile.load(name);
      case PixelRows.KIND -> PixelRows.load(name);
      default -> {
        Path folder = folder(name);
        yield finished(folder, read(folder));
      }
    };
  }

  /** By what networks are judged on a set; its name says it, whether or not it can be read. */
  public static Metric metric(String name) {
    return switch (kind(name)) {
      case LinearFunctions.KIND -> Metric.MEAN_SQUARED_ERROR;
      case ByteText.KIND -> Metric.BITS_PER_BYTE;
      default -> Metric.ACCURACY;
    };
  }

  /**
   * What scores are known without training.
   *
   * @throws DataException if the name is wrong
   */
  public static List<Baseline> baselines(String name) {
    return switch (kind(name)) {
      case Recall.KIND -> List.of(Recall.guessing(name));
      case LinearFunctions.KIND -> List.of(LinearFunctions.gradientStep(name));
      case ByteText.KIND -> List.of(new Baseline("guessing", 8));
      default -> List.of();
    };
  }

  /** The word before the first colon; all of a name that has none. */
  private static String kind(String name) {
    int colon = name.indexOf(':');
    return colon < 0 ? name : name.substring(0, colon);
  }

  /**
   * A file that a name names.
   *
   * @param kind of the set, for the message
   * @throws DataException if there is no such file
   */
  static Path file(String kind, String path) {
    try {
      Path file = Path.of(path).toAbsolutePath().normalize();
      if (Files.isRegularFile(file)) {
        return file;
      }
      throw new DataException("%s: no file at %s".formatted(kind, file));
    } catch (InvalidPathException e) {
      throw new DataException("%s: no file at %s".formatted(kind, path), e);
    }
  }

  /**
   * Loads a folder of images resized to a given side in pixels, in place of their median.
   *
   * @throws DataException if there is no such folder, or anything in it is broken
   */
  public static DataSet loadImages(String path, int side) {
    Path folder = folder(path);
    return finished(folder, ImageFolder.read(folder, side));
  }

  private static Path folder(String path) {
    String missing =
        "No data set '%s': not a built-in (%s) and no folder at "
            .formatted(path, String.join(", ", builtIn()));
    try {
      Path folder = Path.of(path).toAbsolutePath().normalize();
      if (path.isBlank() || !Files.isDirectory(folder)) {
        throw new DataException(missing + folder);
      }
      return folder;
    } catch (InvalidPathException e) {
      throw new DataException(missing + path, e);
    }
  }

  private static DataSet finished(Path folder, GivenParts parts) {
    // lone characters as class names are letters: like numbers, these do not survive a mirror
    boolean flips = !parts.classes().stream().allMatch(name -> name.matches(".|[0-9]+"));
    return parts.split(name(folder), flips, licence(folder), folder.toString());
  }

  private static GivenParts read(Path folder) {
    Listing listing = Listing.of(folder);
    if (IdxFiles.fits(listing.files())) {
      return IdxFiles.read(folder);
    }
    if (CifarBinary.fits(listing.files())) {
      return CifarBinary.read(folder);
    }
    if (ImageFolder.fits(listing)) {
      return ImageFolder.read(folder);
    }
    throw new DataException(
        ("%s: wanted IDX files (train-images-idx3-ubyte), CIFAR files (*.bin) or a sub-folder of"
                + " images for each class, got %s")
            .formatted(folder, listing.text()));
  }

  private static String name(Path folder) {
    return Optional.ofNullable(folder.getFileName()).map(Path::toString).orElse("/");
  }

  private static String licence(Path folder) {
    return Listing.of(folder).files().stream()
        .filter(name -> name.matches("LICEN[CS]E(\\..*)?"))
        .findFirst()
        .flatMap(
            name ->
                DataFile.read(folder.resolve(name))
                    .legibleText()
                    .lines()
                    .map(String::strip)
                    .filter(line -> !line.isEmpty())
                    .findFirst())
        .orElse("not stated");
  }
}
