package blockfront.search.data;

import java.util.List;
import java.util.Optional;

/**
 * What a loader found: class names, and the parts as they came.
 *
 * @param where path of the data, for messages
 * @param classes names, in the order of the labels
 * @param train all examples that belong to no other part
 * @param validation where the data brings its own
 * @param test where the data brings its own
 */
record GivenParts(
    String where,
    List<String> classes,
    Examples train,
    Optional<Examples> validation,
    Optional<Examples> test) {

  /**
   * The finished data set, with the parts that are missing cut out of train.
   *
   * @throws DataException if fewer than 2 classes have examples, or too few are there for a split
   */
  DataSet split(String name, boolean flips, String licence, String source) {
    long populated = train.countByClass(classes.size()).stream().filter(n -> n > 0).count();
    if (populated < 2) {
      throw new DataException(
          "%s: wanted examples of at least 2 classes, got %d".formatted(where, populated));
    }
    Split split = Split.of(where, train, validation, test);
    return DataSet.of(
        name, classes, split.train(), split.validation(), split.test(), flips, licence, source);
  }
}
