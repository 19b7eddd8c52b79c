package blockfront.search.data;

import blockfront.blocks.graph.Shape;
import java.nio.file.Files;
import java.nio.file.Path;

/** One PNG or JPEG image of any size as a network takes it. */
public final class ImageFile {

  private ImageFile() {}

  /**
   * The middle square, resized as the images of a folder are; grey where one channel is wanted, by
   * the weights of ITU-R BT.601.
   *
   * @param shape {@code [side, side, 1 or 3]}
   * @return values 0 to 255, row by row, channels last
   * @throws DataException if there is no such file, or it is no whole image
   * @throws IllegalArgumentException if images cannot have that shape
   */
  public static float[] read(Path file, Shape shape) {
    int side = shape.size(0);
    int channels = shape.size(2);
    if (shape.size(1) != side || (channels != 1 && channels != Picture.CHANNELS)) {
      throw new IllegalArgumentException(
          "Image files become squares of 1 or 3 channels, wanted " + shape.text());
    }
    if (!Files.isRegularFile(file)) {
      throw new DataException("There is no image '%s'".formatted(file));
    }
    byte[] square = Picture.square(file, side);
    var values = new float[side * side * channels];
    for (int i = 0; i < side * side; i++) {
      int red = square[3 * i] & 0xFF;
      int green = square[3 * i + 1] & 0xFF;
      int blue = square[3 * i + 2] & 0xFF;
      if (channels == 1) {
        values[i] = Math.round((299 * red + 587 * green + 114 * blue) / 1000f);
      } else {
        values[3 * i] = red;
        values[3 * i + 1] = green;
        values[3 * i + 2] = blue;
      }
    }
    return values;
  }
}
