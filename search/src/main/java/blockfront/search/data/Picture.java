package blockfront.search.data;

import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import javax.imageio.IIOException;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.MemoryCacheImageInputStream;

/** The square in the middle of an image file, in the size that is asked for. */
final class Picture {

  static final int CHANNELS = 3;

  private static final long MOST_PIXELS = 100_000_000;

  private Picture() {}

  /**
   * The shorter side of an image, in pixels, from the head of its file.
   *
   * @throws DataException if the file is no image
   */
  static int side(Path file) {
    return reading(file, Picture::side);
  }

  /**
   * The middle square, each value the mean of the area that it covers; orientation tags and colour
   * profiles are passed over, transparency is over black.
   *
   * @return {@code [side, side, 3]} red, green and blue; these are equal where the image is grey
   * @throws DataException if the file is no image, or not a whole one
   */
  static byte[] square(Path file, int side) {
    return reading(
        file,
        reader -> {
          side(reader);
          var warnings = new ArrayList<String>();
          reader.addIIOReadWarningListener((source, warning) -> warnings.add(warning));
          BufferedImage image = reader.read(0);
          checkWhole(warnings);
          return resized(image, side);
        });
  }

  private interface Reading<T> {
    T from(ImageReader reader) throws IOException;
  }

  private static <T> T reading(Path file, Reading<T> reading) {
    try {
      byte[] content = Files.readAllBytes(file);
      if (PngChunks.fits(content)) {
        PngChunks.check(content);
      }
      return reading(content, reading);
    } catch (IOException | RuntimeException e) {
      // the JDK's readers answer damaged files with any of these
      String reason = e instanceof IIOException ? e.getMessage() : e.toString();
      throw new DataException(
          "%s: wanted a PNG or JPEG image, it cannot be decoded: %s".formatted(file, reason), e);
    }
  }

  private static <T> T reading(byte[] content, Reading<T> reading) throws IOException {
    try (var in = new MemoryCacheImageInputStream(new ByteArrayInputStream(content))) {
      Iterator<ImageReader> readers = ImageIO.getImageReaders(in);
      if (!readers.hasNext()) {
        throw new IIOException("its first bytes are of no known image format");
      }
      ImageReader reader = readers.next();
      try {
        reader.setInput(in, true, true);
        return reading.from(reader);
      } finally {
        reader.dispose();
      }
    }
  }

  private static int side(ImageReader reader) throws IOException {
    long pixels = Math.multiplyFull(reader.getWidth(0), reader.getHeight(0));
    if (pixels > MOST_PIXELS) {
      throw new IIOException("wanted at most %d pixels, got %d".formatted(MOST_PIXELS, pixels));
    }
    return Math.min(reader.getWidth(0), reader.getHeight(0));
  }

  // the JPEG reader only warns where a file breaks off, and leaves the rest grey
  private static void checkWhole(List<String> warnings) throws IOException {
    for (String warning : warnings) {
      String text = warning.toLowerCase(Locale.ROOT);
      if (text.contains("truncated") || text.contains("premature end")) {
        throw new IIOException(warning);
      }
    }
  }

  private static byte[] resized(BufferedImage image, int side) {
    int from = Math.min(image.getWidth(), image.getHeight());
    int left = (image.getWidth() - from) / 2;
    int top = (image.getHeight() - from) / 2;
    // areas in units of 1/side of a source pixel: whole numbers, so the same on every machine
    var sums = new long[side * side * CHANNELS];
    var colours = new int[from];
    for (int y = 0; y < from; y++) {
      readRow(image, left, top + y, colours);
      for (int row = first(y, side, from); row < side && row * from < (y + 1) * side; row++) {
        long tall = overlap(y, row, side, from);
        for (int x = 0; x < from; x++) {
          for (int column = first(x, side, from);
              column < side && column * from < (x + 1) * side;
              column++) {
            long area = tall * overlap(x, column, side, from);
            int target = (row * side + column) * CHANNELS;
            sums[target] += area * (colours[x] >> 16 & 0xFF);
            sums[target + 1] += area * (colours[x] >> 8 & 0xFF);
            sums[target + 2] += area * (colours[x] & 0xFF);
          }
        }
      }
    }
    long whole = Math.multiplyFull(from, from);
    var square = new byte[sums.length];
    for (int i = 0; i < square.length; i++) {
      square[i] = (byte) ((sums[i] + whole / 2) / whole);
    }
    return square;
  }

  /** First target position that a source position touches. */
  private static int first(int source, int side, int from) {
    return source * side / from;
  }

  private static int overlap(int source, int target, int side, int from) {
    return Math.min((source + 1) * side, (target + 1) * from)
        - Math.max(source * side, target * from);
  }

  /** Colours {@code 0xRRGGBB} of part of a row. */
  private static void readRow(BufferedImage image, int left, int y, int[] colours) {
    if (image.getColorModel().getColorSpace().getType() == ColorSpace.TYPE_GRAY) {
      readGreyRow(image, left, y, colours);
      return;
    }
    image.getRGB(left, y, colours.length, 1, colours, 0, colours.length);
    for (int x = 0; x < colours.length; x++) {
      int alpha = colours[x] >>> 24;
      if (alpha < 255) {
        int red = (colours[x] >> 16 & 0xFF) * alpha / 255;
        int green = (colours[x] >> 8 & 0xFF) * alpha / 255;
        int blue = (colours[x] & 0xFF) * alpha / 255;
        colours[x] = red << 16 | green << 8 | blue;
      }
    }
  }

  // getRGB takes grey values for linear light and would brighten them
  private static void readGreyRow(BufferedImage image, int left, int y, int[] colours) {
    int surplus = image.getColorModel().getComponentSize(0) - 8;
    boolean transparent = image.getColorModel().hasAlpha();
    for (int x = 0; x < colours.length; x++) {
      int grey = image.getRaster().getSample(left + x, y, 0) >> surplus;
      int alpha = transparent ? image.getRaster().getSample(left + x, y, 1) >> surplus : 255;
      colours[x] = grey * alpha / 255 * 0x010101;
    }
  }
}
