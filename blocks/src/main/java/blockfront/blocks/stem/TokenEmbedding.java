package blockfront.blocks.stem;

import blockfront.blocks.graph.Init;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.spi.Knob;
import blockfront.blocks.spi.Setting;
import blockfront.blocks.spi.Source;
import blockfront.blocks.spi.Stem;
import blockfront.blocks.spi.Traits;
import com.google.auto.service.AutoService;
import java.util.List;

/** A learnt vector for each token of the vocabulary. */
@AutoService(Stem.class)
public final class TokenEmbedding implements Stem {

  @Override
  public String id() {
    return "token_embedding";
  }

  @Override
  public String title() {
    return "Token embedding";
  }

  @Override
  public String summary() {
    return "Looks each token up in a learned table with a vector for each token of the "
        + "vocabulary.";
  }

  @Override
  public String family() {
    return "Sequences";
  }

  @Override
  public Source source() {
    return new Source(
        "A Neural Probabilistic Language Model",
        "Bengio et al.",
        2003,
        "https://www.jmlr.org/papers/v3/bengio03a.html");
  }

  @Override
  public Traits traits() {
    return SequenceStems.TRAITS;
  }

  @Override
  public List<Knob<?>> knobs() {
    return List.of();
  }

  @Override
  public Tensor embed(Tensor input, int width, Setting setting) {
    throw new IllegalArgumentException(
        "Token embedding needs tokens of a vocabulary, got numbers of " + input.shape());
  }

  @Override
  public Tensor embed(Tensor tokens, int vocabulary, int width, Setting setting) {
    return Tensor.weight("table", Init.TRUNCATED_NORMAL_002, vocabulary, width).lookup(tokens);
  }
}
