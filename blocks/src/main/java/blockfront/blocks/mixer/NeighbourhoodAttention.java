package blockfront.blocks.mixer;

import blockfront.blocks.graph.Scope;
import blockfront.blocks.graph.Shape;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.graph.Values;
import blockfront.blocks.spi.Knob;
import blockfront.blocks.spi.Setting;
import blockfront.blocks.spi.Source;
import blockfront.blocks.spi.TokenMixer;
import blockfront.blocks.spi.Tokens;
import blockfront.blocks.spi.Traits;
import com.google.auto.service.AutoService;
import java.util.ArrayList;
import java.util.List;

/**
 * Each token attends to the {@code kernel²} tokens about it, or about as far as the edge allows,
 * with a learned bias for each offset. Dilated, it sees every {@code dilation}-th token only.
 */
@AutoService(TokenMixer.class)
public final class NeighbourhoodAttention implements TokenMixer {

  public static final Knob<Integer> KERNEL =
      Knob.integer("kernel", "side of a neighbourhood in tokens", 7, 1, 64, 3, 5, 7);
  public static final Knob<Integer> DILATION =
      Knob.integer("dilation", "from one token of a neighbourhood to the next", 1, 1, 256, 1, 2, 4);
  public static final Knob<Integer> HEAD_DIM = SoftmaxAttention.HEAD_DIM;
  public static final Knob<Boolean> QKV_BIAS = SoftmaxAttention.QKV_BIAS;
  public static final Knob<Boolean> CAUSAL = SoftmaxAttention.CAUSAL;

  @Override
  public String id() {
    return "dinat_na";
  }

  @Override
  public String title() {
    return "Neighbourhood attention";
  }

  @Override
  public String summary() {
    return "Each token attends to its own neighbourhood, as a convolution would see it; "
        + "dilated, the neighbourhood spreads over the image. Its cost grows with the "
        + "tokens only.";
  }

  @Override
  public String family() {
    return "Window attention";
  }

  @Override
  public Source source() {
    return new Source(
        "Dilated Neighborhood Attention Transformer",
        "Hassani and Shi",
        2022,
        "https://arxiv.org/abs/2209.15001");
  }

  @Override
  public Traits traits() {
    return new Traits(
        Traits.Mixing.LOCAL, Traits.Causality.OPTIONAL, Traits.Layout.BOTH, "O(N k²)", true, false);
  }

  @Override
  public List<Knob<?>> knobs() {
    return List.of(KERNEL, DILATION, HEAD_DIM, QKV_BIAS, CAUSAL);
  }

  @Override
  public Tensor mix(Tensor x, Setting setting) {
    // in a grid only its rows one after another have an order
    Tensor laid = setting.of(CAUSAL) ? Tokens.sequence(x) : x;
    Heads heads = Heads.of(laid, setting.of(HEAD_DIM), setting.of(QKV_BIAS));
    int count = heads.count();
    int tokens = heads.tokens().shape().size(0);
    int channels = heads.tokens().shape().size(1);
    int size = channels / count;
    Neighbourhood near = neighbourhood(laid.shape(), setting);
    Tensor key = heads.key().select(1, near.keys()).reshape(count, tokens, near.size(), size);
    Tensor value = heads.value().select(1, near.keys()).reshape(count, tokens, near.size(), size);
    Tensor query = heads.query().times(1 / Math.sqrt(size)).reshape(count, tokens, 1, size);
    Tensor bias =
        RelativeBias.of(count, near.offsets(), near.rows().size(), i -> near.rows().get(i))
            .reshape(count, tokens, 1, near.size());
    Tensor scores = query.matmulTransposed(key).plus(bias); // [heads, tokens, 1, neighbours]
    Tensor masked = setting.of(CAUSAL) ? scores.plus(near.missing()) : scores;
    Tensor seen = masked.softmax().matmul(value).reshape(count, tokens, size);
    return Scope.in("out", () -> Heads.join(seen).linear(channels)).reshape(x.shape());
  }

  /**
   * What each token sees.
   *
   * @param size tokens of a neighbourhood
   * @param keys seen by each token in turn
   * @param rows of the table of biases for them
   * @param offsets rows that the table has
   * @param there whether there is such a key
   */
  private record Neighbourhood(
      int size, List<Integer> keys, List<Integer> rows, int offsets, List<Boolean> there) {

    Tensor missing() {
      return Tensor.constant(
          Values.of(there.size(), i -> there.get(i) ? 0 : Double.NEGATIVE_INFINITY),
          there.size() / size,
          1,
          size);
    }
  }

  private static Neighbourhood neighbourhood(Shape shape, Setting setting) {
    int axes = shape.rank() - 1;
    int shortest = axes == 1 ? shape.size(0) : Math.min(shape.size(0), shape.size(1));
    int kernel = Math.min(setting.of(KERNEL), shortest);
    int dilation = Math.min(setting.of(DILATION), shortest / kernel);
    if (kernel != setting.of(KERNEL) || dilation != setting.of(DILATION)) {
      Scope.repaired(
          "Neighbourhoods of %d with dilation %d do not fit %s tokens; used %d with dilation %d"
              .formatted(
                  setting.of(KERNEL),
                  setting.of(DILATION),
                  axes == 1 ? shortest : shape.size(0) + "x" + shape.size(1),
                  kernel,
                  dilation));
    }
    boolean causal = setting.of(CAUSAL);
    int across = 2 * kernel - 1;
    int size = axes == 1 ? kernel : kernel * kernel;
    int columns = axes == 1 ? 1 : shape.size(1);
    int tokens = shape.size(0) * columns;
    var keys = new ArrayList<Integer>(tokens * size);
    var rows = new ArrayList<Integer>(tokens * size);
    var there = new ArrayList<Boolean>(tokens * size);
    for (int token = 0; token < tokens; token++) {
      for (int i = 0; i < size; i++) {
        if (axes == 1) {
          int key = key(token, i, tokens, kernel, dilation, causal);
          there.add(key >= 0);
          keys.add(Math.max(0, key));
          rows.add(key < 0 ? 0 : (key - token) / dilation + kernel - 1);
        } else {
          int row = token / columns;
          int column = token % columns;
          int keyRow = key(row, i / kernel, shape.size(0), kernel, dilation, false);
          int keyColumn = key(column, i % kernel, columns, kernel, dilation, false);
          int down = (keyRow - row) / dilation + kernel - 1;
          int right = (keyColumn - column) / dilation + kernel - 1;
          there.add(true);
          keys.add(keyRow * columns + keyColumn);
          rows.add(down * across + right);
        }
      }
    }
    return new Neighbourhood(size, keys, rows, axes == 1 ? across : across * across, there);
  }

  /**
   * Along one axis, the index of the {@code i}-th token that a token sees; negative if it would lie
   * before the first. Only tokens of the same remainder by the dilation see each other.
   */
  static int key(int token, int i, int length, int kernel, int dilation, boolean causal) {
    int remainder = token % dilation;
    int place = token / dilation;
    int places = Math.ceilDiv(length - remainder, dilation);
    int start = causal ? place - kernel + 1 : Math.clamp(place - kernel / 2, 0, places - kernel);
    return start + i < 0 ? -1 : (start + i) * dilation + remainder;
  }
}
