package blockfront.web.page;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.util.FileSystemUtils;

class ClassTitlesTest {

  private static final int IMAGES = 10;

  private final ClassTitles titles = new ClassTitles();

  @TempDir private Path folder;

  @Test
  void classesAreCalledAsTheirSetCallsThem() {
    assertThat(titles.of("fashion-mini", 10)).startsWith("T-shirt/top", "Trouser");
  }

  @Test
  void aSetIsReadOnlyOnce() throws IOException {
    Path shapes = folder.resolve("shapes");
    images(shapes.resolve("circle"));
    images(shapes.resolve("square"));
    assertThat(titles.of(shapes.toString(), 2)).containsExactly("circle", "square");

    FileSystemUtils.deleteRecursively(shapes);
    assertThat(titles.of(shapes.toString(), 2)).containsExactly("circle", "square");
  }

  @Test
  void classesOfASetThatIsGoneAreTheirNumbers() {
    assertThat(titles.of(folder.resolve("gone").toString(), 3)).isEqualTo(List.of("0", "1", "2"));
  }

  private static void images(Path of) throws IOException {
    Files.createDirectories(of);
    for (int i = 0; i < IMAGES; i++) {
      var image = new BufferedImage(8, 8, BufferedImage.TYPE_BYTE_GRAY);
      image.setRGB(i % 8, 0, 0xffffff);
      ImageIO.write(image, "png", of.resolve(i + ".png").toFile());
    }
  }
}
