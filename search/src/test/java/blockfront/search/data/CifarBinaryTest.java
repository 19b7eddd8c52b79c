package blockfront.search.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import blockfront.blocks.graph.Shape;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CifarBinaryTest {

  @TempDir Path folder;

  @Test
  void planesBecomeChannelsOfEachPixel() {
    var record = new byte[3073];
    new Random(4).nextBytes(record);
    record[0] = 7;
    Folders.write(folder.resolve("data_batch_1.bin"), record);
    Examples examples = CifarBinary.read(folder).train();
    assertThat(examples.shape()).isEqualTo(Shape.of(32, 32, 3));
    assertThat(examples.label(0)).isEqualTo(7);
    for (int channel = 0; channel < 3; channel++) {
      for (int row = 0; row < 32; row++) {
        for (int column = 0; column < 32; column++) {
          assertThat(examples.pixel(0, row, column, channel))
              .isEqualTo(record[1 + channel * 1024 + row * 32 + column] & 0xFF);
        }
      }
    }
  }

  @Test
  void filesJoinInTheOrderOfTheirNamesAndTestIsKeptApart() {
    Folders.write(folder.resolve("data_batch_2.bin"), Folders.cifarRecord(2, 0, 0, 0));
    Folders.write(
        folder.resolve("data_batch_1.bin.gz"),
        Folders.gzip(
            Folders.join(Folders.cifarRecord(0, 1, 2, 3), Folders.cifarRecord(1, 4, 5, 6))));
    Folders.write(folder.resolve("Test_batch.bin"), Folders.cifarRecord(9, 7, 8, 9));
    GivenParts parts = CifarBinary.read(folder);
    assertThat(parts.train().countByClass(3)).containsExactly(1, 1, 1);
    assertThat(parts.train().label(2)).isEqualTo(2);
    assertThat(parts.train().pixel(1, 31, 31, 2)).isEqualTo(6);
    assertThat(parts.test().orElseThrow().label(0)).isEqualTo(9);
    assertThat(parts.classes()).hasSize(10).startsWith("0");
  }

  @Test
  void classesAreNamedByTheirFile() {
    Folders.write(folder.resolve("batches.meta.txt"), "cat\ndog\n\n");
    Folders.write(folder.resolve("train.bin"), Folders.cifarRecord(1, 1, 2, 3));
    assertThat(CifarBinary.read(folder).classes()).containsExactly("cat", "dog");
  }

  @Test
  void recordThatBreaksOffIsNamed() {
    byte[] records = Folders.join(Folders.cifarRecord(0, 1, 2, 3), new byte[100]);
    Path file = Folders.write(folder.resolve("train.bin"), records);
    assertBroken(
        file
            + ", offset 3073: wanted a record of 3073 bytes (a label and 32x32x3 values), got 100");
  }

  @Test
  void emptyFileIsNamed() {
    Path file = Folders.write(folder.resolve("train.bin"));
    assertBroken(
        file + ", offset 0: wanted a record of 3073 bytes (a label and 32x32x3 values), got 0");
  }

  @Test
  void labelWithoutAClassIsNamed() {
    byte[] records =
        Folders.join(Folders.cifarRecord(9, 1, 2, 3), Folders.cifarRecord(200, 1, 2, 3));
    Path file = Folders.write(folder.resolve("train.bin"), records);
    assertBroken(file + ", offset 3073: wanted a label of 0 to 9, got 200");
  }

  @Test
  void testAloneIsNotEnough() {
    Folders.write(folder.resolve("test.bin"), Folders.cifarRecord(0, 1, 2, 3));
    assertBroken(folder + ": wanted a file *.bin without 'test' in its name, got test.bin");
  }

  @Test
  void packedFileThatBreaksOffIsNamed() {
    byte[] packed = Folders.gzip(Folders.cifarRecord(0, 1, 2, 3));
    Path file =
        Folders.write(folder.resolve("train.bin.gz"), Arrays.copyOf(packed, packed.length / 2));
    assertThatExceptionOfType(DataException.class)
        .isThrownBy(() -> CifarBinary.read(folder))
        .withMessageStartingWith(file + ": wanted a whole gzip file, it breaks off after ");
  }

  @Test
  void tenthOfCifar10HasItsTwoPartsAndNames() {
    DataSet data = DataSets.load(SharedData.folder("cifar10-10pct").toString());
    assertThat(DataSetSummary.of(data).counts())
        .isEqualTo(new DataSetSummary.Counts(4000, 1000, 1000));
    assertThat(data.train().countByClass(10)).containsOnly(400);
    assertThat(data.classes()).startsWith("airplane").endsWith("truck");
    assertThat(data.forSearch().usualAugmentation()).isEqualTo(new Augmentation(4, true));
    // the known channel means of CIFAR-10
    assertThat(data.normalisation().mean())
        .zipSatisfy(
            List.of(0.4914, 0.4822, 0.4465),
            (mean, known) -> assertThat(Math.abs(mean - known)).isLessThan(0.01));
  }

  private void assertBroken(String message) {
    assertThatExceptionOfType(DataException.class)
        .isThrownBy(() -> CifarBinary.read(folder))
        .withMessage(message);
  }
}
