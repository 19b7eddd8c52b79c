package blockfront.blocks.mixer;

import blockfront.blocks.graph.Shape;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.graph.Window;
import blockfront.blocks.spi.Knob;
import blockfront.blocks.spi.Setting;
import blockfront.blocks.spi.Source;
import blockfront.blocks.spi.TokenMixer;
import blockfront.blocks.spi.Tokens;
import blockfront.blocks.spi.Traits;
import com.google.auto.service.AutoService;
import java.util.List;

/** {@code averagePool(x) - x}: the residual around it makes up for what it takes away. */
@AutoService(TokenMixer.class)
public final class PoolMixer implements TokenMixer {

  public static final Knob<Integer> SIZE =
      Knob.integer("size", "side of the window in tokens, odd", 3, 1, 31, 3, 5, 7);
  public static final Knob<Boolean> CAUSAL = Knob.CAUSAL;

  @Override
  public String id() {
    return "pool_mixer";
  }

  @Override
  public String title() {
    return "Average pooling";
  }

  @Override
  public String summary() {
    return "Replaces each token by the mean of its neighbours. Nothing to learn and almost free, "
        + "yet enough to make a good network.";
  }

  @Override
  public String family() {
    return "Pooling";
  }

  @Override
  public Source source() {
    return new Source(
        "MetaFormer Is Actually What You Need for Vision",
        "Yu et al.",
        2021,
        "https://arxiv.org/abs/2111.11418");
  }

  @Override
  public Traits traits() {
    return new Traits(
        Traits.Mixing.LOCAL, Traits.Causality.OPTIONAL, Traits.Layout.BOTH, "O(N)", true, false);
  }

  @Override
  public List<Knob<?>> knobs() {
    return List.of(SIZE, CAUSAL);
  }

  @Override
  public long state(Shape tokens, Setting setting) {
    return (setting.of(SIZE) - 1L) * tokens.size(-1);
  }

  @Override
  public Tensor mix(Tensor x, Setting setting) {
    int size = setting.of(SIZE);
    if (size % 2 == 0) {
      throw new IllegalArgumentException("Pooling needs a window of odd size, got " + size);
    }
    boolean causal = setting.of(CAUSAL);
    if (x.shape().rank() == 3 && !causal) {
      return x.averagePool(Window.same(size)).minus(x);
    }
    Tensor tokens = Tokens.sequence(x);
    Tensor row = tokens.reshape(1, tokens.shape().size(0), tokens.shape().size(1));
    int before = causal ? size - 1 : size / 2;
    return row.averagePool(new Window(1, size, 1, 1, 0, 0, before, size - 1 - before))
        .minus(row)
        .reshape(x.shape());
  }
}
