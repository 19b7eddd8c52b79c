package blockfront.search.data;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Train, validation and test parts, each with the class frequencies of the whole.
 *
 * <p>A part that came as such is kept. One that did not is cut out of the train examples: a fifth
 * of each class, rounded to the nearest, by a shuffle under {@link #SEED}; in each part the
 * examples keep their order. So 60/20/20 without any given part, and 80/20 of the train examples
 * beside a given test part.
 */
record Split(Examples train, Examples validation, Examples test) {

  /** Changing it changes every data set's hash and makes old results incomparable. */
  static final long SEED = 20_260_101;

  private static final int SHARES = 5;

  /**
   * Completes the parts that came.
   *
   * @param where names the data in messages
   * @throws DataException if a part would be empty
   */
  static Split of(
      String where, Examples given, Optional<Examples> validation, Optional<Examples> test) {
    int wanted = (validation.isEmpty() ? 1 : 0) + (test.isEmpty() ? 1 : 0);
    int[] part = new int[given.size()]; // 0 train, 1 the first part cut out, 2 the second
    int classes = IntStream.range(0, given.size()).map(given::label).max().orElse(-1) + 1;
    int[][] members = membersOfClasses(given, classes);
    for (int label = 0; label < classes; label++) {
      int[] shuffled = members[label];
      Draw.shuffle(shuffled, SEED, label);
      int share = (2 * shuffled.length + SHARES) / (2 * SHARES);
      for (int i = 0; i < wanted * share; i++) {
        part[shuffled[i]] = 1 + i / share;
      }
    }
    int testPart = validation.isEmpty() ? 2 : 1;
    var split =
        new Split(
            take(given, part, 0),
            validation.orElseGet(() -> take(given, part, 1)),
            test.orElseGet(() -> take(given, part, testPart)));
    if (split.parts().stream().anyMatch(examples -> examples.size() == 0)) {
      throw new DataException(
          ("%s: too few examples for a split: wanted at least 1 in train, validation and test,"
                  + " got %d, %d and %d")
              .formatted(where, split.train.size(), split.validation.size(), split.test.size()));
    }
    return split;
  }

  private List<Examples> parts() {
    return List.of(train, validation, test);
  }

  private static int[][] membersOfClasses(Examples examples, int classes) {
    var members = new int[classes][];
    Arrays.setAll(
        members,
        label ->
            IntStream.range(0, examples.size())
                .filter(example -> examples.label(example) == label)
                .toArray());
    return members;
  }

  private static Examples take(Examples given, int[] part, int wanted) {
    return given.chosen(
        IntStream.range(0, part.length).filter(example -> part[example] == wanted).toArray());
  }
}
