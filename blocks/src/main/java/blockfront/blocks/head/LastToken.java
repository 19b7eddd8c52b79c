package blockfront.blocks.head;

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

/** {@code linear(norm(last token))}: of a causal network the only token that has seen all. */
@AutoService(Head.class)
public final class LastToken implements Head {

  @Override
  public String id() {
    return "last_token";
  }

  @Override
  public String title() {
    return "Last token";
  }

  @Override
  public String summary() {
    return "Reads the answer off the last token of a sequence, which can have seen all others even "
        + "where tokens see no later ones.";
  }

  @Override
  public String family() {
    return "Head";
  }

  @Override
  public Source source() {
    return new Source(
        "Improving Language Understanding by Generative Pre-Training",
        "Radford et al.",
        2018,
        "https://cdn.openai.com/research-covers/language-unsupervised/"
            + "language_understanding_paper.pdf");
  }

  @Override
  public Traits traits() {
    return new Traits(
        Traits.Mixing.NONE, Traits.Causality.ALWAYS, Traits.Layout.BOTH, "O(1)", true, false);
  }

  @Override
  public List<Knob<?>> knobs() {
    return List.of();
  }

  @Override
  public Tensor read(Tensor x, UnaryOperator<Tensor> norm, int classes, Setting setting) {
    Tensor tokens = Tokens.sequence(x);
    int last = tokens.shape().size(0) - 1;
    // per token norms are the same before and after the slice, and after it they cost less
    return norm.apply(tokens.slice(0, last, last + 1)).linear(classes).reshape(classes);
  }
}
