package blockfront.search.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import blockfront.blocks.network.Sequence;
import blockfront.blocks.network.Task;
import blockfront.search.trial.Metric;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A text file, of which the next byte is told. */
class ByteTextTest {

  @TempDir Path folder;

  @Test
  void eachPlaceIsAnsweredByTheNextByte() throws IOException {
    Path file = folder.resolve("digits, in turn.txt");
    Files.writeString(file, "0123456789".repeat(10));

    DataSet data = DataSets.load("text:length=4," + file);

    assertThat(data.task()).isEqualTo(new Task.TokenPrediction(new Sequence.Tokens(4, 256)));
    assertThat(data.metric()).isEqualTo(Metric.BITS_PER_BYTE);
    // 80 bytes: 19 runs of 4 and a byte after each; 10 bytes: 2 runs
    assertThat(data.train().size()).isEqualTo(19);
    assertThat(data.validation().size()).isEqualTo(2);
    assertThat(data.test().size()).isEqualTo(2);
    assertThat(data.train().raw(1, 2)).containsExactly('4', '5', '6', '7');
    for (int place = 0; place < 4; place++) {
      assertThat(data.train().label(1, place)).isEqualTo('5' + place);
    }
    assertThat(data.test().raw(0, 1)).containsExactly('0', '1', '2', '3');
  }

  @Test
  void aFileThatIsTooShortIsNamed() throws IOException {
    Path file = Files.writeString(folder.resolve("short.txt"), "abc");
    assertThatExceptionOfType(DataException.class)
        .isThrownBy(() -> DataSets.load("text:" + file))
        .withMessage(
            "%s: wanted at least 1290 bytes, so that a tenth holds a run of 128 and the byte after"
                    .formatted(file)
                + " it, got 3");
  }

  @Test
  void aFileThatIsTooLargeIsNotRead() throws IOException {
    Path file = folder.resolve("large.txt");
    try (var sparse = new RandomAccessFile(file.toFile(), "rw")) {
      sparse.setLength(3_000_000_000L);
    }
    assertThatExceptionOfType(DataException.class)
        .isThrownBy(() -> DataSets.load("text:" + file))
        .withMessage(file + ": wanted at most 100000000 bytes, got 3000000000");
  }

  @Test
  void aFileThatIsTooLargeOnceUnpackedIsReadNoFurther() {
    Path file = Folders.write(folder.resolve("a.gz"), Folders.gzip(new byte[1_000_000]));
    assertThatExceptionOfType(DataException.class)
        .isThrownBy(() -> DataFile.read(file, 999_999))
        .withMessage(file + ": wanted at most 999999 bytes, got more once unpacked");
    assertThat(DataFile.read(file, 1_000_000).length()).isEqualTo(1_000_000);
  }

  @Test
  void aFileThatIsMissingIsNamed() {
    assertThatExceptionOfType(DataException.class)
        .isThrownBy(() -> DataSets.load("text:/no/such.txt"))
        .withMessage("text: no file at /no/such.txt");
    assertThatExceptionOfType(DataException.class)
        .isThrownBy(() -> DataSets.load("text"))
        .withMessage("text: wanted what to read after 'text:'");
  }
}
