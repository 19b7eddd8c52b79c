package blockfront.blocks.mixer;

import blockfront.blocks.graph.Scope;
import blockfront.blocks.graph.Shape;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.graph.Values;
import blockfront.blocks.spi.Knob;
import blockfront.blocks.spi.Places;
import blockfront.blocks.spi.Setting;
import blockfront.blocks.spi.Source;
import blockfront.blocks.spi.TokenMixer;
import blockfront.blocks.spi.Tokens;
import blockfront.blocks.spi.Traits;
import com.google.auto.service.AutoService;
import java.util.List;
import java.util.stream.IntStream;

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
  public long state(Shape tokens, Setting setting) {
    long kept = (setting.of(KERNEL) - 1L) * setting.of(DILATION) + 1;
    return setting.of(CAUSAL)
        ? 2L * tokens.size(-1) * Math.min(kept, Tokens.count(tokens))
        : 2 * tokens.elements();
  }

  @Override
  public Tensor mix(Tensor x, Setting setting) {
    boolean causal = setting.of(CAUSAL);
    // in a grid only its rows one after another have an order
    Tensor laid = causal ? Tokens.sequence(x) : x;
    Heads heads = Heads.of(laid, setting.of(HEAD_DIM), setting.of(QKV_BIAS));
    Near near = near(laid.shape(), setting);
    Tensor key = near.of(Places.turned(heads.key()));
    Tensor value = near.of(heads.value());
    int count = heads.count();
    int tokens = heads.tokens().shape().size(0);
    int channels = heads.tokens().shape().size(1);
    int size = channels / count;
    int seen = key.shape().size(2);
    Tensor query =
        Places.turned(heads.query().times(1 / Math.sqrt(size))).reshape(count, tokens, 1, size);
    Tensor bias =
        RelativeBias.of(count, near.rows().bias(), near.columns().bias())
            .reshape(count, tokens, 1, seen);
    Tensor scores = query.matmulTransposed(key).plus(bias); // [heads, tokens, 1, neighbours]
    Tensor masked = causal ? scores.plus(near.columns().missing()) : scores;
    Tensor found = masked.softmax().matmul(value).reshape(count, tokens, size);
    return Scope.in("out", () -> Heads.join(found).linear(channels)).reshape(x.shape());
  }

  /** What tokens on a grid see; a sequence is a grid of one row. */
  private record Near(Axis rows, Axis columns) {

    /** From {@code [heads, tokens, channels]} to {@code [heads, tokens, neighbours, channels]}. */
    Tensor of(Tensor x) {
      int heads = x.shape().size(0);
      int channels = x.shape().size(2);
      return x.reshape(heads, rows.length(), columns.length(), channels)
          .select(1, rows.keys())
          .select(2, columns.keys())
          .reshape(
              heads, rows.length(), rows.kernel(), columns.length(), columns.kernel(), channels)
          .permute(0, 1, 3, 2, 4, 5)
          .reshape(
              heads, rows.length() * columns.length(), rows.kernel() * columns.kernel(), channels);
    }
  }

  /**
   * What tokens along an axis see.
   *
   * @param length tokens of the axis
   * @param kernel tokens that each sees
   * @param dilation from one of these to the next
   * @param places the index of each of these in turn; negative if it would lie before the first
   */
  private record Axis(int length, int kernel, int dilation, List<Integer> places) {

    static Axis of(int length, int kernel, int dilation, boolean causal) {
      return new Axis(
          length,
          kernel,
          dilation,
          IntStream.range(0, length * kernel)
              .mapToObj(i -> key(i / kernel, i % kernel, length, kernel, dilation, causal))
              .toList());
    }

    /** A token that is missing is stood for by the first. */
    List<Integer> keys() {
      return places.stream().map(place -> Math.max(0, place)).toList();
    }

    RelativeBias.Axis bias() {
      return new RelativeBias.Axis(
          2 * kernel - 1,
          length,
          kernel,
          IntStream.range(0, places.size())
              .mapToObj(
                  i -> places.get(i) < 0 ? 0 : (places.get(i) - i / kernel) / dilation + kernel - 1)
              .toList());
    }

    /** Minus infinity where a token is missing. */
    Tensor missing() {
      return Tensor.constant(
          Values.of(places.size(), i -> places.get(i) < 0 ? Double.NEGATIVE_INFINITY : 0),
          length,
          1,
          kernel);
    }
  }

  private static Near near(Shape shape, Setting setting) {
    boolean sequence = shape.rank() == 2;
    int length = shape.size(sequence ? 0 : 1);
    int shortest = sequence ? length : Math.min(shape.size(0), length);
    int kernel = Math.min(setting.of(KERNEL), shortest);
    int dilation = Math.min(setting.of(DILATION), shortest / kernel);
    if (kernel != setting.of(KERNEL) || dilation != setting.of(DILATION)) {
      Scope.repaired(
          "Neighbourhoods of %d with dilation %d do not fit %s tokens; used %d with dilation %d"
              .formatted(
                  setting.of(KERNEL),
                  setting.of(DILATION),
                  sequence ? length : shape.size(0) + "x" + length,
                  kernel,
                  dilation));
    }
    Axis columns = Axis.of(length, kernel, dilation, setting.of(CAUSAL));
    return new Near(
        sequence ? Axis.of(1, 1, 1, false) : Axis.of(shape.size(0), kernel, dilation, false),
        columns);
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
