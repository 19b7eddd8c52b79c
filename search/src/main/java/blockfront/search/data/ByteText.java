package blockfront.search.data;

import blockfront.blocks.network.Sequence;
import blockfront.blocks.network.Task;
import blockfront.search.trial.Metric;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;

/**
 * A file as one long text of bytes, of which the next is to be told at each place.
 *
 * <p>The first eight tenths are for training, the next tenth for validation, the last for the test.
 * Each is cut into runs of equal length that share nothing; what is left over at its end is left
 * out.
 */
final class ByteText {

  static final String KIND = "text";

  private static final List<String> KNOBS = List.of("length");
  private static final int BYTES = 256;
  private static final int TENTHS = 10;
  private static final int MOST_BYTES = 100_000_000;

  private ByteText() {}

  /**
   * Reads the set of a name, {@code text:FILE} or {@code text:length=128,FILE}.
   *
   * @throws DataException if there is no such file, or too little or too much in it
   */
  static DataSet load(String text) {
    SetName name = SetName.parse(text, KNOBS, true);
    int length = name.whole("length", 128, 2, 65_536);
    Path path = DataSets.file(KIND, name.rest());
    DataFile file = DataFile.read(path, MOST_BYTES);
    int bytes = file.content().limit();
    int tenth = bytes / TENTHS;
    if (tenth < length + 1) {
      throw new DataException(
          "%s: wanted at least %d bytes, so that a tenth holds a run of %d and the byte after it,"
                  .formatted(file.name(), TENTHS * (length + 1), length)
              + " got %d".formatted(bytes));
    }
    int validation = bytes - 2 * tenth;
    int test = bytes - tenth;
    ByteBuffer content = file.content();
    return DataSet.of(
        name.text(),
        new Task.TokenPrediction(new Sequence.Tokens(length, BYTES)),
        Metric.BITS_PER_BYTE,
        List.of(),
        new Split(
            runs(content, 0, validation, length),
            runs(content, validation, test, length),
            runs(content, test, bytes, length)),
        Normalisation.NONE,
        false,
        "not stated",
        path.toString());
  }

  private static Examples runs(ByteBuffer content, int start, int end, int length) {
    int count = (end - start - 1) / length;
    var tokens = new float[count * length];
    var labels = new int[tokens.length];
    for (int i = 0; i < tokens.length; i++) {
      tokens[i] = content.get(start + i) & 0xFF;
      labels[i] = content.get(start + i + 1) & 0xFF;
    }
    return Examples.labelledTokens(length, tokens, labels);
  }
}
