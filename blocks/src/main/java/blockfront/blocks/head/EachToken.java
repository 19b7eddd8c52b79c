package blockfront.blocks.head;

import blockfront.blocks.graph.Init;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.spi.Head;
import blockfront.blocks.spi.Knob;
import blockfront.blocks.spi.Setting;
import blockfront.blocks.spi.Source;
import blockfront.blocks.spi.Tokens;
import blockfront.blocks.spi.Traits;
import com.google.auto.service.AutoService;
import java.util.List;
import java.util.function.UnaryOperator;

/** {@code linear(norm(token))} at each token; tied, the embedding is the linear layer's weight. */
@AutoService(Head.class)
public final class EachToken implements Head {

  public static final Knob<Boolean> TIED =
      Knob.flag("tied", "whether the weight is the table of the token embedding", false);
  public static final Knob<Boolean> BIAS =
      Knob.flag("bias", "whether a layer of its own has a bias", true);

  @Override
  public String id() {
    return "each_token";
  }

  @Override
  public String title() {
    return "An answer at each token";
  }

  @Override
  public String summary() {
    return "Reads an answer off each token by one linear layer. Its weight can be that of the "
        + "token embedding.";
  }

  @Override
  public String family() {
    return "Head";
  }

  @Override
  public Source source() {
    return new Source(
        "Using the Output Embedding to Improve Language Models",
        "Press and Wolf",
        2016,
        "https://arxiv.org/abs/1608.05859");
  }

  @Override
  public Traits traits() {
    return Traits.PER_TOKEN;
  }

  @Override
  public List<Knob<?>> knobs() {
    return List.of(TIED, BIAS);
  }

  @Override
  public boolean answersEachToken() {
    return true;
  }

  @Override
  public Tensor read(Tensor x, UnaryOperator<Tensor> norm, int classes, Setting setting) {
    if (setting.of(TIED)) {
      throw new IllegalArgumentException("A tied head needs a token embedding to be tied to");
    }
    Tensor tokens = norm.apply(Tokens.sequence(x));
    return setting.of(BIAS)
        ? tokens.linear(classes)
        : tokens.linear(classes, Init.TRUNCATED_NORMAL_002);
  }

  @Override
  public Tensor read(
      Tensor x, UnaryOperator<Tensor> norm, int classes, Tensor table, Setting setting) {
    if (!setting.of(TIED)) {
      return read(x, norm, classes, setting);
    }
    Tensor tokens = norm.apply(Tokens.sequence(x));
    if (tokens.shape().size(-1) != table.shape().size(-1)) {
      throw new IllegalArgumentException(
          "A tied head needs tokens as wide as the embedding, %d, got %d"
              .formatted(table.shape().size(-1), tokens.shape().size(-1)));
    }
    return tokens.matmulTransposed(table);
  }
}
