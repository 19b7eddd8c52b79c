package blockfront.search.data;

import blockfront.blocks.network.Task;
import blockfront.search.trial.Metric;
import java.util.List;

/**
 * A data set in one line of a list.
 *
 * @param name a built-in name, or that of the folder
 * @param task what is to be answered
 * @param metric by what answers are judged
 * @param classes names, in the order of the labels
 * @param counts examples of each part
 * @param hash that of {@link DataSet#hash()}
 * @param licence one line
 */
public record DataSetSummary(
    String name,
    Task task,
    Metric metric,
    List<String> classes,
    Counts counts,
    String hash,
    String licence) {

  /** Examples of each part. */
  public record Counts(int train, int validation, int test) {

    public int total() {
      return train + validation + test;
    }
  }

  public DataSetSummary {
    classes = List.copyOf(classes);
  }

  public static DataSetSummary of(DataSet data) {
    return new DataSetSummary(
        data.name(),
        data.task(),
        data.metric(),
        data.classes(),
        new Counts(data.train().size(), data.validation().size(), data.test().size()),
        data.hash(),
        data.licence());
  }
}
