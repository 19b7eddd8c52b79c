package blockfront.web.page;

import static org.assertj.core.api.Assertions.assertThat;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.util.FileSystemUtils;

class ClassTitlesTest {

  private static final int IMAGES = 10;

  private final List<Runnable> readings = new ArrayList<>();
  private final ClassTitles titles = new ClassTitles(readings::add);

  @TempDir private Path folder;

  @Test
  void nobodyWaitsForASetToBeRead() {
    var told = new ArrayList<String>();
    assertThat(titles.of("fashion-mini", 2, told::addAll)).containsExactly("0", "1");
    assertThat(told).isEmpty();
    read();
    assertThat(told).startsWith("T-shirt/top", "Trouser");
  }

  @Test
  void aSetIsReadOnlyOnce() throws IOException {
    Path shapes = folder.resolve("shapes");
    images(shapes.resolve("circle"));
    images(shapes.resolve("square"));
    titles.of(shapes.toString(), 2, _ -> {});
    titles.of(shapes.toString(), 2, _ -> {});
    assertThat(readings).hasSize(1);
    read();

    FileSystemUtils.deleteRecursively(shapes);
    assertThat(titles.of(shapes.toString(), 2, _ -> {})).containsExactly("circle", "square");
  }

  @Test
  void classesOfASetThatIsGoneAreTheirNumbers() {
    String gone = folder.resolve("gone").toString();
    var told = new ArrayList<String>();
    titles.of(gone, 3, told::addAll);
    read();
    assertThat(titles.of(gone, 3, told::addAll)).containsExactly("0", "1", "2");
    assertThat(told).isEmpty();
  }

  @Test
  void aSetThatWasGoneIsLookedForAgain() throws IOException {
    Path late = folder.resolve("late");
    titles.of(late.toString(), 2, _ -> {});
    read();
    titles.of(late.toString(), 2, _ -> {});
    images(late.resolve("circle"));
    images(late.resolve("square"));
    titles.of(late.toString(), 2, _ -> {});
    read();
    assertThat(titles.of(late.toString(), 2, _ -> {})).containsExactly("circle", "square");
  }

  private void read() {
    List.copyOf(readings).forEach(Runnable::run);
    readings.clear();
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
