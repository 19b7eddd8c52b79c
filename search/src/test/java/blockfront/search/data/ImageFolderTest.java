package blockfront.search.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import blockfront.blocks.graph.Shape;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageFolderTest {

  private static final int ORANGE = 0xFF8000;

  @TempDir Path folder;

  @Test
  void subFoldersAreClassesInTheOrderOfTheirNames() {
    writeTwoClasses(5);
    DataSet data = DataSets.load(folder.toString());
    assertThat(data.classes()).containsExactly("cat", "dog");
    assertThat(DataSetSummary.of(data).counts()).isEqualTo(new DataSetSummary.Counts(6, 2, 2));
    assertThat(data.train().label(0)).isZero();
    assertThat(data.train().label(5)).isEqualTo(1);
    assertThat(data.flips()).isTrue();
    assertThat(data.name()).isEqualTo(folder.getFileName().toString());
  }

  @Test
  void pngAndJpegOfAnySizeBecomeOneShape() {
    Folders.colour(folder.resolve("a/wide.png"), 21, 13, (x, y) -> ORANGE);
    Folders.colour(folder.resolve("a/tall.JPG"), 14, 40, (x, y) -> ORANGE);
    Folders.colour(folder.resolve("b/large.jpeg"), 300, 200, (x, y) -> ORANGE);
    Examples examples = ImageFolder.read(folder).train();
    // shorter sides 13, 14 and 200
    assertThat(examples.shape()).isEqualTo(Shape.of(12, 12, 3));
    for (int example = 0; example < 3; example++) {
      assertThat(examples.pixel(example, 6, 6, 0)).isCloseTo(0xFF, within(3));
      assertThat(examples.pixel(example, 6, 6, 1)).isCloseTo(0x80, within(3));
      assertThat(examples.pixel(example, 6, 6, 2)).isCloseTo(0x00, within(3));
    }
  }

  @Test
  void sideIsAtMost32AndAtLeast4() {
    Folders.colour(folder.resolve("a/1.png"), 90, 90, (x, y) -> ORANGE);
    assertThat(ImageFolder.read(folder).train().shape()).isEqualTo(Shape.of(32, 32, 3));
    Folders.colour(folder.resolve("a/1.png"), 2, 2, (x, y) -> ORANGE);
    assertThat(ImageFolder.read(folder).train().shape()).isEqualTo(Shape.of(4, 4, 3));
  }

  @Test
  void sideMayBeChosen() {
    writeTwoClasses(5);
    assertThat(DataSets.loadImages(folder.toString(), 6).shape()).isEqualTo(Shape.of(6, 6, 3));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DataSets.loadImages(folder.toString(), 0))
        .withMessage("Images need a side of at least 1 pixel, got 0");
  }

  @Test
  void imagesAreCutToTheirMiddleSquare() {
    // columns 0, 1, ..., 7 of height 4: columns 2 to 5 stay
    Folders.grey(folder.resolve("a/1.png"), 8, 4, (x, y) -> 10 * x + y);
    Examples examples = ImageFolder.read(folder, 4).train();
    for (int row = 0; row < 4; row++) {
      for (int column = 0; column < 4; column++) {
        assertThat(examples.pixel(0, row, column, 0)).isEqualTo(10 * (column + 2) + row);
      }
    }
  }

  @Test
  void resizingAveragesTheAreaOfEachPixel() {
    int[] levels = {10, 20, 40};
    Folders.grey(folder.resolve("a/1.png"), 3, 3, (x, y) -> levels[x]);
    Examples smaller = ImageFolder.read(folder, 2).train();
    // a pixel covers one and a half columns: (10 + 20/2) / 1.5 and (20/2 + 40) / 1.5
    assertThat(smaller.pixels(0)).containsExactly(13, 33, 13, 33);
    Examples larger = ImageFolder.read(folder, 6).train();
    assertThat(Arrays.copyOf(larger.pixels(0), 6)).containsExactly(10, 10, 20, 20, 40, 40);
  }

  @Test
  void setIsGreyOnlyIfAllItsImagesAre() {
    Folders.grey(folder.resolve("a/grey.png"), 4, 4, (x, y) -> 50);
    Folders.grey(folder.resolve("a/grey.jpg"), 4, 4, (x, y) -> 50);
    Folders.colour(folder.resolve("b/colourless.png"), 4, 4, (x, y) -> 0x323232);
    Examples grey = ImageFolder.read(folder).train();
    assertThat(grey.shape()).isEqualTo(Shape.of(4, 4, 1));
    assertThat(IntStream.range(0, 3).map(example -> grey.pixel(example, 1, 1, 0))).containsOnly(50);
    Folders.colour(folder.resolve("b/orange.png"), 4, 4, (x, y) -> ORANGE);
    Examples colour = ImageFolder.read(folder).train();
    assertThat(colour.shape()).isEqualTo(Shape.of(4, 4, 3));
    assertThat(colour.pixels(0)).containsOnly(50);
  }

  @Test
  void sixteenBitsBecomeEight() {
    var image = new BufferedImage(4, 4, BufferedImage.TYPE_USHORT_GRAY);
    image.getRaster().setSample(1, 0, 0, 0xABCD);
    Path file = folder.resolve("a/1.png");
    Folders.write(file, Folders.encoded(image, file));
    assertThat(ImageFolder.read(folder).train().pixel(0, 0, 1, 0)).isEqualTo(0xAB);
  }

  @Test
  void transparencyIsOverBlack() {
    var image = new BufferedImage(4, 4, BufferedImage.TYPE_INT_ARGB);
    image.setRGB(0, 0, 0xFF646464);
    image.setRGB(1, 0, 0x80646464);
    image.setRGB(2, 0, 0x00646464);
    Path file = folder.resolve("a/1.png");
    Folders.write(file, Folders.encoded(image, file));
    Examples examples = ImageFolder.read(folder).train();
    assertThat(Arrays.copyOf(examples.pixels(0), 3)).containsExactly(100, 50, 0);
  }

  @Test
  void partsOfTheFolderAreKept() {
    for (String part : new String[] {"train", "val", "test"}) {
      for (String name : new String[] {"cat", "dog"}) {
        int level = part.length() + name.charAt(0);
        Folders.grey(folder.resolve(part).resolve(name).resolve("1.png"), 4, 4, (x, y) -> level);
      }
    }
    DataSet data = DataSets.load(folder.toString());
    assertThat(DataSetSummary.of(data).counts()).isEqualTo(new DataSetSummary.Counts(2, 2, 2));
    assertThat(data.train().pixel(0, 0, 0, 0)).isEqualTo(5 + 'c');
    assertThat(data.validation().pixel(0, 0, 0, 0)).isEqualTo(3 + 'c');
    assertThat(data.test().pixel(1, 0, 0, 0)).isEqualTo(4 + 'd');
  }

  @Test
  void missingPartIsCutOutOfTrain() {
    for (int i = 0; i < 10; i++) {
      int level = i;
      Folders.grey(folder.resolve("train/cat/%d.png".formatted(i)), 4, 4, (x, y) -> level);
      Folders.grey(folder.resolve("train/dog/%d.png".formatted(i)), 4, 4, (x, y) -> level);
    }
    Folders.grey(folder.resolve("valid/cat/1.png"), 4, 4, (x, y) -> 1);
    Folders.grey(folder.resolve("valid/dog/1.png"), 4, 4, (x, y) -> 1);
    assertThat(DataSetSummary.of(DataSets.load(folder.toString())).counts())
        .isEqualTo(new DataSetSummary.Counts(16, 2, 4));
  }

  @Test
  void partsMustHaveTheSameClasses() {
    Folders.grey(folder.resolve("train/cat/1.png"), 4, 4, (x, y) -> 1);
    Folders.grey(folder.resolve("train/dog/1.png"), 4, 4, (x, y) -> 1);
    Folders.grey(folder.resolve("test/cow/1.png"), 4, 4, (x, y) -> 1);
    assertBroken(
        folder.resolve("test") + ": wanted the class folders of train, [cat, dog], got [cow]");
  }

  @Test
  void classMayBeCalledTrain() {
    Folders.grey(folder.resolve("car/1.png"), 4, 4, (x, y) -> 1);
    Folders.grey(folder.resolve("train/1.png"), 4, 4, (x, y) -> 1);
    assertThat(ImageFolder.read(folder).classes()).containsExactly("car", "train");
  }

  @Test
  void pngThatBreaksOffIsNamedWithTheOffset() throws IOException {
    writeTwoClasses(5);
    Path file = folder.resolve("cat/0.png");
    byte[] whole = Files.readAllBytes(file);
    int end = whole.length;
    Folders.write(file, Arrays.copyOf(whole, end - 1));
    assertBrokenImage(
        file,
        "at offset %d it wants a chunk up to offset %d, the file ends at %d"
            .formatted(end - 12, end, end - 1));
  }

  @Test
  void damagedPngIsNamedWithTheOffset() throws IOException {
    writeTwoClasses(5);
    Path file = folder.resolve("cat/0.png");
    byte[] damaged = Files.readAllBytes(file);
    // its width, in the first chunk
    damaged[19]++;
    Folders.write(file, damaged);
    assertBrokenImage(file, "at offset 8 chunk IHDR has a wrong checksum");
  }

  @Test
  void jpegThatBreaksOffIsNamed() throws IOException {
    writeTwoClasses(5);
    Path file = folder.resolve("dog/0.jpg");
    byte[] whole = Files.readAllBytes(file);
    Folders.write(file, Arrays.copyOf(whole, whole.length - 4));
    assertBrokenImage(file, "Truncated File - Missing EOI marker");
    Folders.write(file, Arrays.copyOf(whole, 10));
    assertBrokenImage(file, "No image data present to read");
  }

  @Test
  void fileThatIsNoImageIsNamed() {
    writeTwoClasses(5);
    Path file = Folders.write(folder.resolve("dog/text.png"), "no image");
    assertBroken(
        file
            + ": wanted a PNG or JPEG image, it cannot be decoded: its"
            + " first bytes are of no known image format");
  }

  @Test
  void otherFilesInAClassFolderAreNamed() {
    writeTwoClasses(5);
    Folders.write(folder.resolve("dog/notes.txt"));
    assertBroken(
        folder.resolve("dog")
            + ": wanted only images in a class folder (.png, .jpg, .jpeg), got 'notes.txt'");
  }

  @Test
  void foldersInAClassFolderAreNamed() throws IOException {
    writeTwoClasses(5);
    Files.createDirectories(folder.resolve("dog/more"));
    assertBroken(
        folder.resolve("dog") + ": wanted only images in a class folder, got the folder 'more'");
  }

  @Test
  void emptyClassFolderIsNamed() throws IOException {
    writeTwoClasses(5);
    Path empty = Files.createDirectories(folder.resolve("cow"));
    assertBroken(empty + ": wanted at least 1 image in the class folder, got none");
  }

  @Test
  void oneClassIsNotEnough() {
    Folders.grey(folder.resolve("cat/1.png"), 4, 4, (x, y) -> 1);
    assertBroken(folder + ": wanted examples of at least 2 classes, got 1");
  }

  @Test
  void twoImagesAreNotEnoughForThreeParts() {
    Folders.grey(folder.resolve("cat/1.png"), 4, 4, (x, y) -> 1);
    Folders.grey(folder.resolve("dog/1.png"), 4, 4, (x, y) -> 1);
    assertBroken(
        folder
            + ": too few examples for a split: wanted at least 1 in train, validation and test, got"
            + " 2, 0 and 0");
  }

  @Test
  void hiddenFilesArePassedOver() {
    writeTwoClasses(5);
    Folders.write(folder.resolve("dog/.thumbnails"));
    assertThat(ImageFolder.read(folder).train().size()).isEqualTo(10);
  }

  /** So many images of 8x8 each: cats in PNG, dogs in JPEG. */
  private void writeTwoClasses(int each) {
    for (int i = 0; i < each; i++) {
      int tint = 20 * i;
      Folders.colour(
          folder.resolve("cat/%d.png".formatted(i)), 8, 8, (x, y) -> 0xFF0000 + tint + 9 * x * y);
      Folders.colour(
          folder.resolve("dog/%d.jpg".formatted(i)), 8, 8, (x, y) -> 0x00FF00 + tint + 9 * x * y);
    }
  }

  private void assertBroken(String message) {
    assertThatExceptionOfType(DataException.class)
        .isThrownBy(() -> DataSets.load(folder.toString()))
        .withMessage(message);
  }

  private void assertBrokenImage(Path file, String reason) {
    assertBroken(
        "%s: wanted a PNG or JPEG image, it cannot be decoded: %s".formatted(file, reason));
  }
}
