package blockfront.blocks.mixer;

import blockfront.blocks.graph.Tensor;
import blockfront.blocks.graph.Values;
import blockfront.blocks.spi.Knob;
import blockfront.blocks.spi.Setting;
import blockfront.blocks.spi.Source;
import blockfront.blocks.spi.TokenMixer;
import blockfront.blocks.spi.Tokens;
import blockfront.blocks.spi.Traits;
import com.google.auto.service.AutoService;
import java.util.List;
import java.util.SplittableRandom;

/** A fixed random matrix over the tokens, each row of which sums to 1. */
@AutoService(TokenMixer.class)
public final class RandomMixing implements TokenMixer {

  public static final Knob<Integer> SEED =
      Knob.integer("seed", "of the matrix", 1, 0, Integer.MAX_VALUE, 1);

  @Override
  public String id() {
    return "random_mixing";
  }

  @Override
  public String title() {
    return "Random mixing";
  }

  @Override
  public String summary() {
    return "A random matrix that nobody trains says how much each token takes of each "
        + "other. Shows how little mixing a network needs.";
  }

  @Override
  public String family() {
    return "Token MLP";
  }

  @Override
  public Source source() {
    return new Source(
        "MetaFormer Baselines for Vision", "Yu et al.", 2022, "https://arxiv.org/abs/2210.13452");
  }

  @Override
  public Traits traits() {
    return new Traits(
        Traits.Mixing.GLOBAL, Traits.Causality.NEVER, Traits.Layout.BOTH, "O(N²)", false, true);
  }

  @Override
  public List<Knob<?>> knobs() {
    return List.of(SEED);
  }

  @Override
  public Tensor mix(Tensor x, Setting setting) {
    Tensor tokens = Tokens.sequence(x);
    int count = tokens.shape().size(0);
    return Tensor.constant(weights(count, setting.of(SEED)), count, count)
        .matmul(tokens)
        .reshape(x.shape());
  }

  /** Each row the softmax of numbers from 0 to 1. */
  private static Values weights(int count, int seed) {
    var random = new SplittableRandom(seed);
    var entries = new double[count * count];
    for (int row = 0; row < count; row++) {
      double sum = 0;
      for (int i = row * count; i < (row + 1) * count; i++) {
        entries[i] = Math.exp(random.nextDouble());
        sum += entries[i];
      }
      for (int i = row * count; i < (row + 1) * count; i++) {
        entries[i] /= sum;
      }
    }
    return Values.of(entries);
  }
}
