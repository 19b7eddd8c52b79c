package blockfront.search.data;

import blockfront.blocks.network.Sequence;
import blockfront.blocks.network.Task;
import blockfront.search.trial.Metric;
import java.util.List;

/** Images read as sequences of their pixels, row by row. */
final class PixelRows {

  static final String KIND = "pixels";

  private PixelRows() {}

  /**
   * Reads the set of a name, {@code pixels:digits} or {@code pixels:FOLDER}.
   *
   * @throws DataException if there is no such set of images
   */
  static DataSet load(String text) {
    SetName name = SetName.parse(text, List.of(), true);
    DataSet images = DataSets.load(name.rest());
    if (!(images.task() instanceof Task.ImageClassification(var shape, int classes))) {
      throw new DataException(
          "%s: wanted images, '%s' has %s".formatted(KIND, name.rest(), images.task().text()));
    }
    var sequence = new Sequence.Vectors(shape.size(0) * shape.size(1), shape.size(2));
    var split =
        new Split(
            rows(sequence, images.train()),
            rows(sequence, images.validation()),
            rows(sequence, images.test()));
    return DataSet.of(
        name.text(),
        new Task.SequenceClassification(sequence, classes),
        Metric.ACCURACY,
        images.classes(),
        split,
        images.normalisation(),
        false,
        images.licence(),
        images.source());
  }

  private static Examples rows(Sequence.Vectors sequence, Examples images) {
    var labels = new int[images.size()];
    for (int i = 0; i < labels.length; i++) {
      labels[i] = images.label(i);
    }
    return Examples.sequences(sequence.shape(), images.raw(0, images.size()), labels);
  }
}
