package blockfront.search.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import blockfront.blocks.graph.Shape;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageFileTest {

  @TempDir private Path folder;

  @Test
  void coloursAreInOrderChannelsLast() {
    Path file =
        Folders.colour(folder.resolve("a.png"), 2, 2, (x, y) -> x == 0 ? 0x102030 : 0xFF8001);
    assertThat(ImageFile.read(file, Shape.of(2, 2, 3)))
        .containsExactly(16, 32, 48, 255, 128, 1, 16, 32, 48, 255, 128, 1);
  }

  @Test
  void coloursBecomeGreyWhereOneChannelIsWanted() {
    Path file = Folders.colour(folder.resolve("a.png"), 4, 4, (x, y) -> 0x102030);
    // 0.299 x 16 + 0.587 x 32 + 0.114 x 48 = 29.04
    assertThat(ImageFile.read(file, Shape.of(1, 1, 1))).containsExactly(29);
    Path grey = Folders.colour(folder.resolve("b.png"), 4, 4, (x, y) -> 0x777777);
    assertThat(ImageFile.read(grey, Shape.of(1, 1, 1))).containsExactly(0x77);
  }

  @Test
  void whatIsNoImageIsRefusedInOneLine() {
    Path text = Folders.write(folder.resolve("a.png"), "hello");
    assertThatThrownBy(() -> ImageFile.read(text, Shape.of(2, 2, 3)))
        .isInstanceOf(DataException.class)
        .hasMessageStartingWith(text + ": wanted a PNG or JPEG image");
    Path missing = folder.resolve("missing.png");
    assertThatThrownBy(() -> ImageFile.read(missing, Shape.of(2, 2, 3)))
        .isInstanceOf(DataException.class)
        .hasMessage("There is no image '%s'", missing);
    assertThatThrownBy(() -> ImageFile.read(missing, Shape.of(2, 4, 3)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("Image files become squares of 1 or 3 channels, wanted 2x4x3");
  }
}
