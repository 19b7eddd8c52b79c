package blockfront.search.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import blockfront.blocks.graph.Shape;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataSetsTest {

  @TempDir Path folder;

  @Test
  void unknownNameListsTheBuiltInSetsAndTheFolderLookedFor() {
    assertRefused(
        "letters",
        "No data set 'letters': not a built-in (digits, fashion-mini, mqar, icl_regression) and no"
            + " folder at "
            + Path.of("letters").toAbsolutePath());
  }

  @Test
  void missingFolderIsNamed() {
    Path missing = folder.resolve("missing");
    assertRefused(
        missing.toString(),
        "No data set '%s': not a built-in (digits, fashion-mini, mqar, icl_regression) and no folder at %s"
            .formatted(missing, missing));
  }

  @Test
  void fileIsNoFolder() {
    Path file = Folders.write(folder.resolve("data.csv"));
    assertRefused(
        file.toString(),
        "No data set '%s': not a built-in (digits, fashion-mini, mqar, icl_regression) and no folder at %s"
            .formatted(file, file));
  }

  @Test
  void folderOfUnknownContentIsNamedWithIt() {
    String message =
        folder
            + ": wanted IDX files (train-images-idx3-ubyte), CIFAR files (*.bin) or a sub-folder of"
            + " images for each class, got ";
    assertRefused(folder.toString(), message + "an empty folder");
    for (int i = 0; i < 10; i++) {
      Folders.write(folder.resolve(i + ".csv"));
    }
    assertRefused(
        folder.toString(),
        message + "0.csv, 1.csv, 2.csv, 3.csv, 4.csv, 5.csv, 6.csv, 7.csv and 2 more");
  }

  @Test
  void folderThatCannotBeListedIsNamed() {
    Path gone = folder.resolve("gone");
    assertThatExceptionOfType(DataException.class)
        .isThrownBy(() -> Listing.of(gone))
        .withMessage(
            "%s: wanted a folder that can be read: java.nio.file.NoSuchFileException: %s"
                .formatted(gone, gone));
  }

  @Test
  void fileThatCannotBeReadIsNamed() {
    Path gone = folder.resolve("gone");
    assertThatExceptionOfType(DataException.class)
        .isThrownBy(() -> DataFile.read(gone))
        .withMessage(
            "%s: cannot be read: java.nio.file.NoSuchFileException: %s".formatted(gone, gone));
  }

  @Test
  void licenceOfAFolderIsTheFirstLineOfItsFile() {
    writeExamples();
    assertThat(DataSets.load(folder.toString()).licence()).isEqualTo("not stated");
    Folders.write(folder.resolve("LICENSE.txt"), "\n CC0 1.0\nmore");
    assertThat(DataSets.load(folder.toString()).licence()).isEqualTo("CC0 1.0");
  }

  @Test
  void licenceThatIsNotUtf8IsReadAsFarAsItCanBe() throws IOException {
    writeExamples();
    Files.writeString(folder.resolve("LICENSE"), "© M. Müller", StandardCharsets.ISO_8859_1);
    assertThat(DataSets.load(folder.toString()).licence()).isEqualTo("\uFFFD M. M\uFFFDller");
  }

  @Test
  void sourceOfAFolderIsItsPathAndLoadingRepeats() {
    writeExamples();
    DataSet data = DataSets.load(folder.toString());
    assertThat(data.source()).isEqualTo(folder.toString());
    assertThat(DataSets.load(folder.toString())).isEqualTo(data);
  }

  @Test
  void hashChangesWithAPixelAndWithALabel() {
    Examples plain = Examples.of(Shape.of(1, 1, 1), new byte[] {1, 2}, new int[] {0, 1});
    Examples otherPixel = Examples.of(Shape.of(1, 1, 1), new byte[] {1, 3}, new int[] {0, 1});
    Examples otherLabel = Examples.of(Shape.of(1, 1, 1), new byte[] {1, 2}, new int[] {1, 1});
    assertThat(List.of(hash(plain), hash(otherPixel), hash(otherLabel))).doesNotHaveDuplicates();
    assertThat(hash(plain)).matches("[0-9a-f]{64}");
  }

  @Test
  void labelsMustHaveAClass() {
    Examples examples = Examples.of(Shape.of(1, 1, 1), new byte[1], new int[] {2});
    assertThatIllegalArgumentException()
        .isThrownBy(() -> dataSet(examples))
        .withMessage("Data set 'x' has 2 classes, got label 2");
  }

  @Test
  void noPartMayBeEmpty() {
    Examples some = Examples.of(Shape.of(1, 1, 1), new byte[1], new int[1]);
    Examples none = Examples.of(Shape.of(1, 1, 1), new byte[0], new int[0]);
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> DataSet.of("x", List.of("a", "b"), some, none, some, false, "none", "made up"))
        .withMessage(
            "Data set 'x' needs examples of [1, 1, 1] in each part, got 0 examples of [1, 1, 1]");
  }

  @Test
  void examplesMustFitTheirShape() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Examples.of(Shape.of(2, 2, 1), new byte[7], new int[2]))
        .withMessage("Examples need 8 values for 2 images of [2, 2, 1], got 7");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Examples.of(Shape.of(2, 2), new byte[4], new int[1]))
        .withMessage("Examples need images [height, width, channels], got [2, 2]");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Examples.of(Shape.of(1, 1, 1), new byte[1], new int[] {-1}))
        .withMessage("Examples need labels of at least 0, got -1");
    assertThatExceptionOfType(DataException.class)
        .isThrownBy(() -> Examples.room("photos", Shape.of(32, 32, 3), 1_000_000))
        .withMessage(
            "photos: wanted at most 2147483639 bytes of pixels, got 1000000 images of 32x32x3,"
                + " which are 3072000000");
  }

  @Test
  void examplesKeepNoHoldOfTheArraysTheyWereMadeOf() {
    byte[] pixels = {1};
    Examples examples = Examples.of(Shape.of(1, 1, 1), pixels, new int[1]);
    pixels[0] = 2;
    examples.pixels(0)[0] = 3;
    assertThat(examples.pixel(0, 0, 0, 0)).isEqualTo(1);
  }

  private void writeExamples() {
    for (int i = 0; i < 5; i++) {
      int level = i;
      Folders.grey(folder.resolve("cat/%d.png".formatted(i)), 4, 4, (x, y) -> level);
      Folders.grey(folder.resolve("dog/%d.png".formatted(i)), 4, 4, (x, y) -> level + 9);
    }
  }

  private static String hash(Examples examples) {
    return dataSet(examples).hash();
  }

  private static DataSet dataSet(Examples examples) {
    return DataSet.of(
        "x", List.of("a", "b"), examples, examples, examples, false, "none", "made up");
  }

  private static void assertRefused(String nameOrPath, String message) {
    assertThatExceptionOfType(DataException.class)
        .isThrownBy(() -> DataSets.load(nameOrPath))
        .withMessage(message);
  }
}
