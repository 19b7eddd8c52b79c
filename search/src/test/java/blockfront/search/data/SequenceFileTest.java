package blockfront.search.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import blockfront.blocks.network.Sequence;
import blockfront.blocks.network.Task;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Sequences of one class each, from a CSV file or from images. */
class SequenceFileTest {

  @TempDir Path folder;

  @Test
  void shorterSequencesOfTokensBeginWithZeros() throws IOException {
    DataSet data = load("label,tokens\n" + "yes,1 2 3\nno,9\n".repeat(10));

    assertThat(data.task())
        .isEqualTo(new Task.SequenceClassification(new Sequence.Tokens(3, 10), 2));
    assertThat(data.classes()).containsExactly("no", "yes");
    assertThat(data.train().raw(0, 2)).containsExactly(1, 2, 3, 0, 0, 9);
    assertThat(data.train().label(0)).isEqualTo(1);
    assertThat(data.normalisation()).isEqualTo(Normalisation.NONE);
    assertThat(data.train().size()).isEqualTo(12);
    assertThat(data.validation().size()).isEqualTo(4);
    assertThat(data.test().size()).isEqualTo(4);
  }

  @Test
  void stepsOfValuesHaveChannelsAndANormalisation() throws IOException {
    DataSet data = load("label,values\n" + "10,1:-1 3:-1\n9,1:-1 3:-1\n".repeat(10));

    assertThat(data.task())
        .isEqualTo(new Task.SequenceClassification(new Sequence.Vectors(2, 2), 2));
    assertThat(data.classes()).containsExactly("9", "10");
    var batches = Batches.evaluation(data.train(), data.normalisation(), 1);
    var input = new float[4];
    batches.next(input, new int[1]);
    // the first channel has mean 2 and deviation 1, the second never changes
    assertThat(input).containsExactly(-1, 0, 1, 0);
  }

  @Test
  void channelsThatNeverChangeBecomeZeroWhateverTheyAre() throws IOException {
    DataSet data = load("label,values\n" + "x,0.1:0.7:52.52:-3\ny,0.1:0.7:52.52:-3\n".repeat(500));

    var input = new float[4];
    Batches.evaluation(data.train(), data.normalisation(), 1).next(input, new int[1]);
    assertThat(input).containsOnly(0);
    assertThat(data.normalisation().deviation()).containsOnly(1.0 / 255);
  }

  @Test
  void deviationsOfGreatNumbersThatDifferLittleAreTheirOwn() throws IOException {
    DataSet data = load("label,values\n" + "x,16777213\ny,16777215\n".repeat(500));

    var inputs = new float[2];
    Batches.evaluation(data.train(), data.normalisation(), 2).next(inputs, new int[2]);
    assertThat(inputs).containsExactly(-1, 1);
  }

  @Test
  void bytesOfTextAreTokens() throws IOException {
    DataSet data = load("text,label\n" + "\"a, b\",x\nü,y\n".repeat(10));

    assertThat(data.task())
        .isEqualTo(new Task.SequenceClassification(new Sequence.Tokens(4, 256), 2));
    assertThat(data.train().raw(0, 2)).containsExactly('a', ',', ' ', 'b', 0, 0, 0xC3, 0xBC);
  }

  @Test
  void aByteOrderMarkIsNoPartOfTheHeader() throws IOException {
    DataSet data = load("\uFEFFlabel,tokens\n" + "yes,1 2 3\nno,9\n".repeat(10));

    assertThat(data.classes()).containsExactly("no", "yes");
  }

  @Test
  void textThatIsNotUtf8IsNamedWithItsPlace() throws IOException {
    // replaced by the same mark, both labels would be one
    String content = "label,tokens\n" + "ü,1 2 3\nö,9\n".repeat(10);
    Path file = folder.resolve("sequences.csv");
    Files.writeString(file, content, StandardCharsets.ISO_8859_1);
    assertThatExceptionOfType(DataException.class)
        .isThrownBy(() -> DataSets.load("sequences:" + file))
        .withMessage(file + ", offset 13: wanted UTF-8, got the byte 0xfc");
  }

  @Test
  void onlyTheLastStepsAreUsedIfSaid() throws IOException {
    Path file = write("label,tokens\n" + "a,1 2 3\nb,4 5 6\n".repeat(5));
    DataSet data = DataSets.load("sequences:length=2," + file);

    assertThat(data.train().raw(0, 1)).containsExactly(2, 3);
  }

  @Test
  void imagesAreReadPixelByPixel() {
    DataSet images = DataSets.load("digits");
    DataSet pixels = DataSets.load("pixels:digits");

    assertThat(pixels.task())
        .isEqualTo(new Task.SequenceClassification(new Sequence.Vectors(64, 1), 10));
    assertThat(pixels.train().raw(3, 5)).isEqualTo(images.train().raw(3, 5));
    var rows = new float[64];
    var grid = new float[64];
    Batches.evaluation(pixels.test(), pixels.normalisation(), 1).next(rows, new int[1]);
    Batches.evaluation(images.test(), images.normalisation(), 1).next(grid, new int[1]);
    assertThat(rows).isEqualTo(grid);
  }

  @Test
  void whatIsBrokenIsNamedWithItsPlace() throws IOException {
    assertBroken(
        "a,b\n1,2\n", ": wanted a header of 'label' and one of [tokens, text, values], got [a, b]");
    assertBroken(
        "label,tokens\na,1 2\nb,1 x\n", ", record 2: wanted tokens from 0 to 65535, got 'x'");
    assertBroken("label,tokens\na,1 2\nb\n", ", record 2: wanted 2 fields, got 1");
    assertBroken("label,tokens\na,\n", ", record 1: wanted a sequence, got nothing");
    assertBroken("label,values\na,1:2 3\n", ", record 1: wanted 2 channels at each step, got '3'");
    assertBroken(
        "label,values\na,1\nb,1:2\n", ", record 2: wanted 1 channels as in the first, got 2");
    assertBroken("label,values\na,NaN\n", ", record 1: wanted a number, got 'NaN'");
    assertBroken("label,tokens\na,1\na,2\n", ": wanted examples of at least 2 classes, got [a]");
    assertBroken("label,tokens\n", ": wanted a sequence at least, got none");
  }

  @Test
  void moreThanAnArrayHoldsIsRefused() throws IOException {
    assertBroken(
        "label,tokens\na," + "1 ".repeat(65_536) + "\n" + "b,1\n".repeat(39_999),
        ": wanted at most 2147483639 numbers, got 40000 sequences of 65536, which are 2621440000");
  }

  private void assertBroken(String content, String message) throws IOException {
    Path file = write(content);
    assertThatExceptionOfType(DataException.class)
        .isThrownBy(() -> DataSets.load("sequences:" + file))
        .withMessage(file + message);
  }

  private DataSet load(String content) throws IOException {
    return DataSets.load("sequences:" + write(content));
  }

  private Path write(String content) throws IOException {
    return Files.writeString(folder.resolve("sequences.csv"), content);
  }
}
