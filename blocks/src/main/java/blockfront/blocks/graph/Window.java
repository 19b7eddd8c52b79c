package blockfront.blocks.graph;

/**
 * A sliding window over a grid {@code [height, width, channels]}.
 *
 * @param height rows of the window
 * @param width columns of the window
 * @param stride rows and columns from one position to the next
 * @param dilation rows and columns from one tap to the next
 * @param top zero rows added above
 * @param bottom zero rows added below
 * @param left zero columns added at the left
 * @param right zero columns added at the right
 */
public record Window(
    int height, int width, int stride, int dilation, int top, int bottom, int left, int right) {

  public Window {
    if (height < 1 || width < 1 || stride < 1 || dilation < 1) {
      throw new IllegalArgumentException(
          "Window needs positive sizes, got %dx%d with stride %d and dilation %d"
              .formatted(height, width, stride, dilation));
    }
    if (top < 0 || bottom < 0 || left < 0 || right < 0) {
      throw new IllegalArgumentException(
          "Window needs padding of at least 0, got %d, %d, %d, %d"
              .formatted(top, bottom, left, right));
    }
  }

  /** Square, the same padding on every side. */
  public static Window square(int size, int stride, int padding) {
    return new Window(size, size, stride, 1, padding, padding, padding, padding);
  }

  /** Square, odd and centred, stride 1: the grid keeps its size. */
  public static Window same(int size) {
    if (size % 2 == 0) {
      throw new IllegalArgumentException(
          "Window of even size %d cannot keep the grid's size".formatted(size));
    }
    return square(size, 1, size / 2);
  }

  /** Rows of the result over a grid of {@code rows} rows; less than 1 if the window never fits. */
  public int rows(int rows) {
    return positions(rows + top + bottom, height);
  }

  /** Columns of the result over a grid of {@code columns} columns. */
  public int columns(int columns) {
    return positions(columns + left + right, width);
  }

  public int taps() {
    return height * width;
  }

  private int positions(int padded, int size) {
    return Math.floorDiv(padded - dilation * (size - 1) - 1, stride) + 1;
  }
}
