package blockfront.search.data;

import blockfront.blocks.graph.Shape;
import java.util.List;
import java.util.Optional;

/** The data sets that this package brings along. */
enum BuiltIn {
  /** 1,797 handwritten digits of 8x8, split 60/20/20. */
  DIGITS("digits") {
    @Override
    DataSet load() {
      Examples all = digits(DataFile.builtIn("digits/digits.csv.gz"));
      return new GivenParts(id, ClassNames.numbered(10), all, Optional.empty(), Optional.empty())
          .split(
              id,
              false,
              "CC BY 4.0",
              "Alpaydin and Kaynak, Optical Recognition of Handwritten Digits (test part), UCI"
                  + " Machine Learning Repository, 1998, doi:10.24432/C50P49");
    }
  },

  /** 6,000 + 1,000 images of Fashion-MNIST, 28x28; its test images are the test part. */
  FASHION_MINI("fashion-mini") {
    @Override
    DataSet load() {
      return IdxFiles.read(id, FASHION_CLASSES, idx("train"), Optional.of(idx("t10k")))
          .split(
              id,
              true,
              "MIT, Copyright (c) 2017 Zalando SE",
              "Xiao, Rasul and Vollgraf, Fashion-MNIST, 2017, arXiv:1708.07747 (the first 600 and"
                  + " 100 images of each class)");
    }

    private IdxFiles.Pair idx(String part) {
      String prefix = id + "/" + part;
      return new IdxFiles.Pair(
          DataFile.builtIn(prefix + "-images-idx3-ubyte.gz"),
          DataFile.builtIn(prefix + "-labels-idx1-ubyte.gz"));
    }
  };

  private static final List<String> FASHION_CLASSES =
      List.of(
          "T-shirt/top",
          "Trouser",
          "Pullover",
          "Dress",
          "Coat",
          "Sandal",
          "Shirt",
          "Sneaker",
          "Bag",
          "Ankle boot");

  final String id;

  BuiltIn(String id) {
    this.id = id;
  }

  abstract DataSet load();

  /**
   * Lines of 64 grey levels and a label. The levels 0..16 become {@code round(level * 255 / 16)}:
   * white stays the largest value, as in every other set.
   */
  private static Examples digits(DataFile file) {
    var shape = Shape.of(8, 8, 1);
    int stride = (int) shape.elements();
    List<String> lines = file.text().lines().toList();
    var pixels = new byte[lines.size() * stride];
    var labels = new int[lines.size()];
    for (int i = 0; i < labels.length; i++) {
      List<String> values = List.of(lines.get(i).split(",", -1));
      for (int j = 0; j < stride; j++) {
        pixels[i * stride + j] = (byte) Math.round(Integer.parseInt(values.get(j)) * 255 / 16.0f);
      }
      labels[i] = Integer.parseInt(values.get(stride));
    }
    return Examples.owning(shape, pixels, labels);
  }
}
