package blockfront.blocks.mixer;

import blockfront.blocks.graph.Tensor;
import blockfront.blocks.spi.Knob;
import blockfront.blocks.spi.Setting;
import blockfront.blocks.spi.Source;
import blockfront.blocks.spi.TokenMixer;
import blockfront.blocks.spi.Traits;
import com.google.auto.service.AutoService;
import java.util.List;

/** Leaves the tokens as they are. */
@AutoService(TokenMixer.class)
public final class IdentityMixer implements TokenMixer {

  @Override
  public String id() {
    return "identity_mixer";
  }

  @Override
  public String title() {
    return "Identity";
  }

  @Override
  public String summary() {
    return "Does nothing: tokens never meet. What a network reaches with it, it owes to "
        + "everything but mixing.";
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
    return Traits.PER_TOKEN;
  }

  @Override
  public List<Knob<?>> knobs() {
    return List.of();
  }

  @Override
  public Tensor mix(Tensor x, Setting setting) {
    return x;
  }
}
