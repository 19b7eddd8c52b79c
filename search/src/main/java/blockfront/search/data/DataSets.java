package blockfront.search.data;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Where data sets come from: built-in ones by name, others from a folder.
 *
 * <p>A folder holds IDX files, CIFAR binary files, or one sub-folder of PNG and JPEG images for
 * each class; what it holds is found by the names in it. A file called LICENSE in it gives the
 * licence by its first line.
 */
public final class DataSets {

  private DataSets() {}

  /** Names of the sets that are always there. */
  public static List<String> builtIn() {
    return Arrays.stream(BuiltIn.values()).map(set -> set.id).toList();
  }

  /**
   * Loads a set, all of it.
   *
   * @param nameOrPath a built-in name, else the path of a folder
   * @throws DataException if there is no such set, or anything in it is broken
   */
  public static DataSet load(String nameOrPath) {
    Optional<BuiltIn> named =
        Arrays.stream(BuiltIn.values()).filter(set -> set.id.equals(nameOrPath)).findFirst();
    if (named.isPresent()) {
      return named.get().load();
    }
    Path folder = folder(nameOrPath);
    return finished(folder, read(folder));
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
    // lone characters as class names are letters or numbers: these do not survive a mirror
    boolean flips = !parts.classes().stream().allMatch(name -> name.length() == 1);
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
                    .text()
                    .lines()
                    .map(String::strip)
                    .filter(line -> !line.isEmpty())
                    .findFirst())
        .orElse("not stated");
  }
}
