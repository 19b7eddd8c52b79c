package blockfront.search.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import blockfront.blocks.graph.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IdxFilesTest {

  // ten images of 2x1, labels 0 and 1 in turn
  private static final byte[] PIXELS = {
    0, 100, 1, 101, 2, 102, 3, 103, 4, 104, 5, 105, 6, 106, 7, 107, 8, 108, 9, (byte) 209
  };
  private static final byte[] LABELS = {0, 1, 0, 1, 0, 1, 0, 1, 0, 1};

  @TempDir Path folder;

  @BeforeEach
  void writeAWholeTrainPart() {
    Folders.write(images(), Folders.idxImages(10, 2, 1, PIXELS));
    Folders.write(labels(), Folders.idxLabels(10, LABELS));
  }

  @Test
  void imagesAndLabelsComeBackAsTheyWereWritten() {
    GivenParts parts = IdxFiles.read(folder);
    assertThat(parts.train()).isEqualTo(train());
    assertThat(parts.train().pixel(9, 1, 0, 0)).isEqualTo(209);
    assertThat(parts.classes()).containsExactly("0", "1");
    assertThat(parts.test()).isEmpty();
  }

  @Test
  void packedFilesReadAsPlainOnes() throws IOException {
    Files.delete(images());
    Folders.write(
        folder.resolve("train-images.idx3-ubyte.gz"),
        Folders.gzip(Folders.idxImages(10, 2, 1, PIXELS)));
    assertThat(IdxFiles.read(folder).train()).isEqualTo(train());
  }

  @Test
  void testFilesBecomeTheTestPart() {
    Folders.write(
        folder.resolve("t10k-images-idx3-ubyte"), Folders.idxImages(1, 2, 1, (byte) 5, (byte) 6));
    Folders.write(folder.resolve("t10k-labels-idx1-ubyte"), Folders.idxLabels(1, (byte) 1));
    DataSet data = DataSets.load(folder.toString());
    assertThat(data.test())
        .isEqualTo(Examples.of(Shape.of(2, 1, 1), new byte[] {5, 6}, new int[] {1}));
    assertThat(data.train().countByClass(2)).containsExactly(4, 4);
    assertThat(data.validation().countByClass(2)).containsExactly(1, 1);
  }

  @Test
  void classesAreNamedByTheirFile() {
    Folders.write(folder.resolve("classes.txt"), "cat\ndog\n\n");
    DataSet data = DataSets.load(folder.toString());
    assertThat(data.classes()).containsExactly("cat", "dog");
    assertThat(data.flips()).isTrue();
  }

  @Test
  void numberedClassesAreNotMirrored() {
    assertThat(DataSets.load(folder.toString()).flips()).isFalse();
  }

  @Test
  void numbersOfSeveralDigitsAreNotMirroredEither() {
    byte[] labels = LABELS.clone();
    labels[1] = 10;
    Folders.write(labels(), Folders.idxLabels(10, labels));
    DataSet data = DataSets.load(folder.toString());
    assertThat(data.classes()).hasSize(11).endsWith("9", "10");
    assertThat(data.flips()).isFalse();
  }

  @Test
  void wrongMagicNumberIsNamed() {
    Folders.write(images(), Folders.idxLabels(10, PIXELS));
    assertBroken(images() + ", offset 0: wanted the magic number 0x00000803, got 0x00000801");
  }

  @Test
  void headThatBreaksOffIsNamed() {
    Folders.write(images(), (byte) 0, (byte) 0, (byte) 8);
    assertBroken(images() + ", offset 3: wanted a header of 16 bytes, got 3");
  }

  @Test
  void imagesThatBreakOffAreNamed() {
    Folders.write(images(), Folders.idxImages(10, 2, 1, Arrays.copyOf(PIXELS, 17)));
    assertBroken(images() + ", offset 33: wanted 10 times 2 bytes after the header of 16, got 17");
  }

  @Test
  void absurdSizesAreNamed() {
    Folders.write(images(), Folders.idxImages(10, Integer.MAX_VALUE, Integer.MAX_VALUE));
    assertBroken(
        images()
            + ", offset 16: wanted 10 times 4611686014132420609 bytes after the header of 16,"
            + " got 0");
    Folders.write(images(), Folders.idxImages(10, 0, 1, PIXELS));
    assertBroken(images() + ", offset 8: wanted a size of 1 to 2147483647, got 0");
    Folders.write(images(), Folders.idxImages(-1, 2, 1, PIXELS));
    assertBroken(images() + ", offset 4: wanted a size of 1 to 2147483647, got 4294967295");
  }

  @Test
  void countsMustAgree() {
    Folders.write(labels(), Folders.idxLabels(9, Arrays.copyOf(LABELS, 9)));
    assertBroken(
        "%s: wanted a label for each of the 10 images of %s, got 9".formatted(labels(), images()));
  }

  @Test
  void labelWithoutAClassIsNamed() {
    Folders.write(folder.resolve("classes.txt"), "cat\ndog");
    byte[] wrong = LABELS.clone();
    wrong[3] = 2;
    Folders.write(labels(), Folders.idxLabels(10, wrong));
    assertBroken(labels() + ", offset 11: wanted a label of 0 to 1, got 2");
  }

  @Test
  void packedFileThatBreaksOffIsNamed() throws IOException {
    Files.delete(labels());
    byte[] packed = Folders.gzip(Folders.idxLabels(10, LABELS));
    Path file = folder.resolve("train-labels-idx1-ubyte.gz");
    Folders.write(file, Arrays.copyOf(packed, packed.length - 8));
    assertBroken(file + ": wanted a whole gzip file, it breaks off after 18 unpacked bytes");
    Folders.write(file, LABELS);
    assertBroken(
        file + ": wanted a gzip file, it is damaged after 0 unpacked bytes: Not in GZIP format");
  }

  @Test
  void missingLabelsAreNamed() throws IOException {
    Files.delete(labels());
    assertBroken(
        folder + ": wanted a file train-labels-idx1-ubyte(.gz), got" + " train-images-idx3-ubyte");
  }

  @Test
  void testImagesMustHaveTheShapeOfTheOthers() {
    Path test = folder.resolve("t10k-images-idx3-ubyte");
    Folders.write(test, Folders.idxImages(1, 1, 2, (byte) 5, (byte) 6));
    Folders.write(folder.resolve("t10k-labels-idx1-ubyte"), Folders.idxLabels(1, (byte) 1));
    assertBroken("%s: wanted images of 2x1x1 as in %s, got 1x2x1".formatted(test, images()));
  }

  @Test
  void oneClassIsNotEnough() {
    Folders.write(labels(), Folders.idxLabels(10, new byte[10]));
    assertBroken(folder + ": wanted examples of at least 2 classes, got 1");
  }

  @Test
  void oneClassNameIsNotEnough() {
    Path names = Folders.write(folder.resolve("classes.txt"), "cat\n");
    assertBroken(names + ": wanted the names of at least 2 classes, one a line, got [cat]");
  }

  private Path images() {
    return folder.resolve("train-images-idx3-ubyte");
  }

  private Path labels() {
    return folder.resolve("train-labels-idx1-ubyte");
  }

  private static Examples train() {
    return Examples.of(Shape.of(2, 1, 1), PIXELS, new int[] {0, 1, 0, 1, 0, 1, 0, 1, 0, 1});
  }

  private void assertBroken(String message) {
    assertThatExceptionOfType(DataException.class)
        .isThrownBy(() -> DataSets.load(folder.toString()))
        .withMessage(message);
  }
}
