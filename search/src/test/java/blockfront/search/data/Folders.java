package blockfront.search.data;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.IntBinaryOperator;
import java.util.zip.GZIPOutputStream;
import javax.imageio.ImageIO;

/** Writes the files that the loaders read. */
final class Folders {

  private Folders() {}

  static Path write(Path file, byte... content) {
    try {
      Files.createDirectories(file.getParent());
      return Files.write(file, content);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Path write(Path file, String content) {
    return write(file, content.getBytes(StandardCharsets.UTF_8));
  }

  static byte[] gzip(byte... content) {
    var packed = new ByteArrayOutputStream();
    try (var out = new GZIPOutputStream(packed)) {
      out.write(content);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return packed.toByteArray();
  }

  /** An IDX image file's head and content. */
  static byte[] idxImages(int count, int rows, int columns, byte... pixels) {
    return ByteBuffer.allocate(16 + pixels.length)
        .putInt(0x803)
        .putInt(count)
        .putInt(rows)
        .putInt(columns)
        .put(pixels)
        .array();
  }

  /** An IDX label file's head and content. */
  static byte[] idxLabels(int count, byte... labels) {
    return ByteBuffer.allocate(8 + labels.length).putInt(0x801).putInt(count).put(labels).array();
  }

  /** A CIFAR record with one value in each plane. */
  static byte[] cifarRecord(int label, int red, int green, int blue) {
    var record = new byte[3073];
    record[0] = (byte) label;
    Arrays.fill(record, 1, 1025, (byte) red);
    Arrays.fill(record, 1025, 2049, (byte) green);
    Arrays.fill(record, 2049, 3073, (byte) blue);
    return record;
  }

  static byte[] join(byte[]... parts) {
    var joined = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      joined.writeBytes(part);
    }
    return joined.toByteArray();
  }

  /** An image file whose format is that of its name, with {@code 0xRRGGBB} at (column, row). */
  static Path colour(Path file, int width, int height, IntBinaryOperator colour) {
    var image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        image.setRGB(x, y, colour.applyAsInt(x, y));
      }
    }
    return write(file, encoded(image, file));
  }

  /** A grey image file, with 0..255 at (column, row). */
  static Path grey(Path file, int width, int height, IntBinaryOperator level) {
    var image = new BufferedImage(width, height, BufferedImage.TYPE_BYTE_GRAY);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        image.getRaster().setSample(x, y, 0, level.applyAsInt(x, y));
      }
    }
    return write(file, encoded(image, file));
  }

  static byte[] encoded(BufferedImage image, Path file) {
    var out = new ByteArrayOutputStream();
    String name = file.getFileName().toString();
    try {
      if (!ImageIO.write(image, name.substring(name.lastIndexOf('.') + 1), out)) {
        throw new IllegalArgumentException("No image writer for " + name);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }
}
