package blockfront.blocks.stem;

import blockfront.blocks.graph.Tensor;
import blockfront.blocks.spi.Knob;
import blockfront.blocks.spi.Setting;
import blockfront.blocks.spi.Source;
import blockfront.blocks.spi.Stem;
import blockfront.blocks.spi.Traits;
import com.google.auto.service.AutoService;
import java.util.List;

/** A linear map of each vector of a sequence. */
@AutoService(Stem.class)
public final class VectorEmbedding implements Stem {

  @Override
  public String id() {
    return "vector_embedding";
  }

  @Override
  public String title() {
    return "Linear map of vectors";
  }

  @Override
  public String summary() {
    return "Maps each vector of a sequence of numbers to a token, by one linear layer.";
  }

  @Override
  public String family() {
    return "Sequences";
  }

  @Override
  public Source source() {
    return new Source(
        "What Can Transformers Learn In-Context? A Case Study of Simple Function Classes",
        "Garg et al.",
        2022,
        "https://arxiv.org/abs/2208.01066");
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
    if (input.shape().rank() != 2) {
      throw new IllegalArgumentException(
          "Linear map of vectors needs [length, channels], got " + input.shape());
    }
    return input.linear(width);
  }
}
