package blockfront.blocks.channel;

import blockfront.blocks.graph.Function;
import blockfront.blocks.graph.Init;
import blockfront.blocks.graph.Scope;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.graph.Values;
import blockfront.blocks.spi.ChannelMixer;
import blockfront.blocks.spi.Knob;
import blockfront.blocks.spi.Setting;
import blockfront.blocks.spi.Source;
import blockfront.blocks.spi.Tokens;
import blockfront.blocks.spi.Traits;
import com.google.auto.service.AutoService;
import java.util.List;

/**
 * Two layers of hashed tables, {@code sum of s_t table_t[signs of z_t] + b}, in the place of an
 * MLP's.
 */
@AutoService(ChannelMixer.class)
public final class MemoryFormer implements ChannelMixer {

  public static final Knob<Integer> EXPANSION =
      Knob.integer("expansion", "hidden channels for each channel", 1, 1, 16, 1, 2, 4);
  public static final Knob<Integer> BITS =
      Knob.integer(
          "bits", "channels whose signs choose a row; 2 to this many rows", 8, 1, 12, 4, 8);
  public static final Knob<Boolean> AS_RELEASED =
      Knob.flag(
          "as_released",
          "whether scores also grow with the magnitude, as released, and are no probabilities",
          false);

  @Override
  public String id() {
    return "memoryformer";
  }

  @Override
  public String title() {
    return "Hashed look-up";
  }

  @Override
  public String summary() {
    return "Cuts each token into short groups of channels, whose signs choose rows of "
        + "learned tables; their weighted sum is the result. Twice, in the place of the "
        + "two linear layers of an MLP: far fewer multiplications, far more parameters.";
  }

  @Override
  public String family() {
    return "Memory";
  }

  @Override
  public Source source() {
    return new Source(
        "MemoryFormer: Minimize Transformer Computation by Removing Fully-Connected " + "Layers",
        "Ding et al.",
        2024,
        "https://arxiv.org/abs/2411.12992");
  }

  @Override
  public Traits traits() {
    return Traits.PER_TOKEN;
  }

  @Override
  public List<Knob<?>> knobs() {
    return List.of(EXPANSION, BITS, AS_RELEASED);
  }

  @Override
  public Tensor mix(Tensor x, Setting setting) {
    int channels = x.shape().size(-1);
    int hidden = Math.multiplyExact(setting.of(EXPANSION), channels);
    Tensor tokens = Tokens.sequence(x);
    Tensor expanded = Scope.in("expand", () -> hashed(tokens, hidden, setting));
    return Scope.in("contract", () -> hashed(expanded, channels, setting)).reshape(x.shape());
  }

  /** {@code sum of s_t table_t[code_t] + b}, each code being the signs of a group of channels. */
  static Tensor hashed(Tensor x, int out, Setting setting) {
    int count = x.shape().size(0);
    int channels = x.shape().size(1);
    int bits = Tokens.largestDivisor(channels, setting.of(BITS));
    if (bits != setting.of(BITS)) {
      Scope.repaired(
          "Codes of %d bits do not divide %d channels; used %d"
              .formatted(setting.of(BITS), channels, bits));
    }
    int tables = channels / bits;
    int rows = 1 << bits;
    Tensor table = Tensor.weight("table", new Init.Normal(0.02), tables * rows, out);
    Tensor bias = Tensor.offset("bias", new Init.Normal(0.001), out);
    Tensor groups = x.reshape(count, tables, bits);
    Tensor powers = Tensor.constant(Values.of(bits, b -> 1 << b), bits);
    Tensor first = Tensor.constant(Values.of(tables, t -> t * rows), tables, 1);
    Tensor code = groups.apply(Function.STEP).times(powers).sum(2).plus(first); // [.., tables, 1]
    Tensor found = table.lookup(code.reshape(count, tables)); // [tokens, tables, out]
    Tensor score = score(groups, bits, setting.of(AS_RELEASED));
    return score.reshape(count, 1, tables).matmul(found).reshape(count, out).plus(bias);
  }

  /** How sure a code is: the product of {@code sigmoid(2 |z|)} over its bits. */
  private static Tensor score(Tensor groups, int bits, boolean asReleased) {
    Tensor magnitude = groups.apply(Function.ABS);
    Tensor certain = magnitude.times(2).apply(Function.SIGMOID);
    Tensor product = certain.slice(2, 0, 1);
    for (int bit = 1; bit < bits; bit++) {
      product = product.times(certain.slice(2, bit, bit + 1));
    }
    return asReleased ? product.times(magnitude.sum(2)) : product;
  }
}
