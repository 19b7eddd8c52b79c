package blockfront.search.data;

import blockfront.blocks.graph.Shape;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * PNG and JPEG images of any size, in one sub-folder for each class, which gives the class its
 * name.
 *
 * <p>The sub-folders may lie in {@code train} instead; then {@code val} (or {@code valid}, {@code
 * validation}) and {@code test}, where they are, must hold the same classes, and all else is passed
 * over. Images are cut to their middle square and resized; they become grey if all of them are.
 */
final class ImageFolder {

  private static final Pattern IMAGE = Pattern.compile("(?i).*\\.(png|jpe?g)");
  private static final int LARGEST_SIDE = 32;
  private static final int SIDE_STEP = 4; // pyramids halve the grid more than once

  private ImageFolder() {}

  /** Whether a folder can be of this format. */
  static boolean fits(Listing listing) {
    return !listing.folders().isEmpty();
  }

  /**
   * Reads a folder; the side becomes the median of the images' shorter sides, at most 32, rounded
   * down to a multiple of 4.
   *
   * @throws DataException if a class has no images, or a file in it is no whole image
   */
  static GivenParts read(Path folder) {
    Found found = find(folder);
    int[] sides =
        found.all().stream().mapToInt(file -> Picture.side(file.path())).sorted().toArray();
    int median = sides[(sides.length - 1) / 2];
    int side = Math.min(median, LARGEST_SIDE) / SIDE_STEP * SIDE_STEP;
    return decode(folder, found, Math.max(side, SIDE_STEP));
  }

  /** As {@link #read(Path)}, resized to a given side in pixels. */
  static GivenParts read(Path folder, int side) {
    if (side < 1) {
      throw new IllegalArgumentException("Images need a side of at least 1 pixel, got " + side);
    }
    return decode(folder, find(folder), side);
  }

  private record Labelled(Path path, int label) {}

  /** The files of each part; validation and test are empty where the folder has none. */
  private record Found(
      List<String> classes, List<Labelled> train, List<Labelled> validation, List<Labelled> test) {

    List<Labelled> all() {
      var all = new ArrayList<>(train);
      all.addAll(validation);
      all.addAll(test);
      return all;
    }
  }

  private static Found find(Path folder) {
    List<String> folders = Listing.of(folder).folders();
    Path train = folder.resolve("train");
    if (folders.contains("train") && !Listing.of(train).folders().isEmpty()) {
      List<String> classes = Listing.of(train).folders();
      return new Found(
          classes,
          files(train, classes),
          part(folder, folders, List.of("val", "valid", "validation"), classes),
          part(folder, folders, List.of("test"), classes));
    }
    return new Found(folders, files(folder, folders), List.of(), List.of());
  }

  private static List<Labelled> part(
      Path folder, List<String> folders, List<String> names, List<String> classes) {
    Optional<Path> part = names.stream().filter(folders::contains).findFirst().map(folder::resolve);
    if (part.isEmpty()) {
      return List.of();
    }
    List<String> came = Listing.of(part.get()).folders();
    if (!came.equals(classes)) {
      throw new DataException(
          "%s: wanted the class folders of train, %s, got %s".formatted(part.get(), classes, came));
    }
    return files(part.get(), classes);
  }

  private static List<Labelled> files(Path parent, List<String> classes) {
    var files = new ArrayList<Labelled>();
    for (int label = 0; label < classes.size(); label++) {
      Path folder = parent.resolve(classes.get(label));
      Listing listing = Listing.of(folder);
      if (!listing.folders().isEmpty()) {
        throw new DataException(
            "%s: wanted only images in a class folder, got the folder '%s'"
                .formatted(folder, listing.folders().getFirst()));
      }
      if (listing.files().isEmpty()) {
        throw new DataException(
            "%s: wanted at least 1 image in the class folder, got none".formatted(folder));
      }
      for (String name : listing.files()) {
        if (!IMAGE.matcher(name).matches()) {
          throw new DataException(
              "%s: wanted only images in a class folder (.png, .jpg, .jpeg), got '%s'"
                  .formatted(folder, name));
        }
        files.add(new Labelled(folder.resolve(name), label));
      }
    }
    return files;
  }

  private static GivenParts decode(Path folder, Found found, int side) {
    List<Labelled> files = found.all();
    var shape = Shape.of(side, side, Picture.CHANNELS);
    byte[] pixels = Examples.room(folder.toString(), shape, files.size());
    int stride = (int) shape.elements();
    for (int i = 0; i < files.size(); i++) {
      byte[] square = Picture.square(files.get(i).path(), side);
      System.arraycopy(square, 0, pixels, i * stride, stride);
    }
    int[] labels = files.stream().mapToInt(Labelled::label).toArray();
    Examples all =
        isGrey(pixels)
            ? Examples.owning(shape.withLast(1), oneChannel(pixels), labels)
            : Examples.owning(shape, pixels, labels);
    int trained = found.train().size();
    int validated = trained + found.validation().size();
    return new GivenParts(
        folder.toString(),
        found.classes(),
        all.between(0, trained),
        Optional.of(all.between(trained, validated)).filter(part -> part.size() > 0),
        Optional.of(all.between(validated, all.size())).filter(part -> part.size() > 0));
  }

  private static boolean isGrey(byte[] pixels) {
    for (int i = 0; i < pixels.length; i += Picture.CHANNELS) {
      if (pixels[i] != pixels[i + 1] || pixels[i] != pixels[i + 2]) {
        return false;
      }
    }
    return true;
  }

  private static byte[] oneChannel(byte[] pixels) {
    var grey = new byte[pixels.length / Picture.CHANNELS];
    for (int i = 0; i < grey.length; i++) {
      grey[i] = pixels[i * Picture.CHANNELS];
    }
    return grey;
  }
}
