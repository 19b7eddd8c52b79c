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
 * <p>A folder holds IDX files. A file called LICENSE in it gives the licence by its first line.
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
    return named.isPresent() ? named.get().load() : loadFolder(folder(nameOrPath));
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

  private static DataSet loadFolder(Path folder) {
    GivenParts parts = read(folder);
    // lone characters as class names are letters or numbers: these do not survive a mirror
    boolean flips = !parts.classes().stream().allMatch(name -> name.length() == 1);
    return parts.split(name(folder), flips, licence(folder), folder.toString());
  }

  private static GivenParts read(Path folder) {
    Listing listing = Listing.of(folder);
    if (IdxFiles.fits(listing.files())) {
      return IdxFiles.read(folder);
    }
    throw new DataException(
        "%s: wanted IDX files (train-images-idx3-ubyte), got %s"
            .formatted(folder, listing.files()));
  }

  private static String name(Path folder) {
    return Optional.ofNullable(folder.getFileName()).map(Path::toString).orElse("/");
  }

  private static String licence(Path folder) {
    return Listing.of(folder).files().stream()
        .filter(name -> name.matches("LICEN[CS]E(\\..*)?"))
        .findFirst()
        .flatMap(name -> DataFile.read(folder.resolve(name)).text().lines().findFirst())
        .map(String::strip)
        .orElse("not stated");
  }
}
