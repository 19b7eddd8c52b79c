package blockfront.blocks.reference;

import blockfront.blocks.graph.Shape;
import blockfront.blocks.graph.Window;

/** The pairs of a position of a window and a cell of the grid under it; padding has no cells. */
record Taps(Shape grid, Shape result, Window window) {

  interface Visitor {
    /**
     * Told of one pair.
     *
     * @param position of the window, row by row
     * @param cell of the grid, row by row
     * @param tap of the window, row by row
     */
    void visit(int position, int cell, int tap);
  }

  void each(Visitor visitor) {
    for (int position = 0; position < positions(); position++) {
      for (int tap = 0; tap < window.taps(); tap++) {
        int row = row(position, tap);
        int column = column(position, tap);
        if (inside(row, column)) {
          visitor.visit(position, row * grid.size(1) + column, tap);
        }
      }
    }
  }

  int positions() {
    return result.size(0) * result.size(1);
  }

  int cells() {
    return grid.size(0) * grid.size(1);
  }

  /** How many taps of a position lie over the grid. */
  int inside(int position) {
    int count = 0;
    for (int tap = 0; tap < window.taps(); tap++) {
      count += inside(row(position, tap), column(position, tap)) ? 1 : 0;
    }
    return count;
  }

  private boolean inside(int row, int column) {
    return row >= 0 && row < grid.size(0) && column >= 0 && column < grid.size(1);
  }

  private int row(int position, int tap) {
    return position / result.size(1) * window.stride()
        + tap / window.width() * window.dilation()
        - window.top();
  }

  private int column(int position, int tap) {
    return position % result.size(1) * window.stride()
        + tap % window.width() * window.dilation()
        - window.left();
  }
}
