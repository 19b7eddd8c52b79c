package blockfront.blocks.network;

import blockfront.blocks.catalogue.Catalogue;
import blockfront.blocks.graph.Init;
import blockfront.blocks.graph.Sharing;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.spi.Block;
import blockfront.blocks.spi.Choice;
import blockfront.blocks.spi.Norm;
import blockfront.blocks.spi.Places;
import blockfront.blocks.spi.Position;
import blockfront.blocks.spi.Setting;
import blockfront.blocks.spi.Wrapper;
import java.util.Arrays;
import java.util.function.Supplier;

/** The parts of one layer, handed to its wrapper; norms and branches are numbered as asked for. */
final class LayerParts implements Wrapper.Parts {

  private final Catalogue catalogue;
  private final Layer layer;
  private final Choice position;
  private final double dropPath;
  private final boolean causal;
  private final Sharing shared = new Sharing();
  private final Sharing passes = new Sharing();
  private int norms;
  private int branches;

  LayerParts(Catalogue catalogue, Layer layer, Choice position, double dropPath, boolean causal) {
    this.catalogue = catalogue;
    this.layer = layer;
    this.position = position;
    this.dropPath = dropPath;
    this.causal = causal;
  }

  @Override
  public Tensor norm(Tensor x) {
    norms++;
    return Description.part("norm" + norms, () -> normalised(x));
  }

  @Override
  public Tensor sharedNorm(Tensor x) {
    return shared.pass(() -> Description.part("norm", () -> normalised(x)));
  }

  private Tensor normalised(Tensor x) {
    Norm norm = catalogue.norm(layer.norm().id());
    return kept(norm, x, norm.normalise(x, Description.setting(norm, layer.norm(), causal)));
  }

  @Override
  public Tensor pass(Supplier<Tensor> description) {
    norms = 0;
    branches = 0;
    return passes.pass(description);
  }

  @Override
  public boolean sharesNorm() {
    return layer
        .mixer()
        .map(
            choice ->
                Description.part(
                    "mixer",
                    () -> {
                      var mixer = catalogue.tokenMixer(choice.id());
                      return mixer.sharesNorm(Description.setting(mixer, choice, causal));
                    }))
        .orElse(false);
  }

  @Override
  public boolean mixesTokens() {
    return layer.mixer().isPresent();
  }

  @Override
  public Tensor mixTokens(Tensor x) {
    return layer
        .mixer()
        .map(
            choice ->
                Description.part(
                    "mixer",
                    () -> {
                      var mixer = catalogue.tokenMixer(choice.id());
                      Setting setting = Description.setting(mixer, choice, causal);
                      State.keep(mixer.state(x.shape(), setting));
                      return kept(mixer, x, told(x, () -> mixer.mix(x, setting)));
                    }))
        .orElse(x);
  }

  /** Describes what asks {@link Places}. */
  private Tensor told(Tensor x, Supplier<Tensor> description) {
    Position known = catalogue.position(position.id());
    Setting setting = Description.setting(known, position, causal);
    return new Places(known, setting, x.shape()).tell(description);
  }

  @Override
  public boolean mixesChannels() {
    return layer.channel().isPresent();
  }

  @Override
  public Tensor mixChannels(Tensor x) {
    return layer
        .channel()
        .map(
            choice ->
                Description.part(
                    "channel",
                    () -> {
                      var mixer = catalogue.channelMixer(choice.id());
                      Setting setting = Description.setting(mixer, choice, causal);
                      State.keep(mixer.state(x.shape(), setting));
                      return kept(mixer, x, mixer.mix(x, setting));
                    }))
        .orElse(x);
  }

  @Override
  public Tensor branch(Tensor x) {
    branches++;
    return Description.part("scale" + branches, () -> dropped(scaled(x)));
  }

  private Tensor scaled(Tensor x) {
    return layer.layerScale() == 0
        ? x
        : x.times(
            Tensor.offset("scale", new Init.Constant(layer.layerScale()), x.shape().size(-1)));
  }

  private Tensor dropped(Tensor x) {
    if (dropPath == 0) {
      return x;
    }
    // one number for the whole example: all of the branch or none of it
    var ones = new int[x.shape().rank()];
    Arrays.fill(ones, 1);
    return x.times(Tensor.keepMask(dropPath, ones));
  }

  private static Tensor kept(Block block, Tensor before, Tensor after) {
    if (!after.shape().equals(before.shape())) {
      throw new IllegalArgumentException(
          "Block '%s' must keep the shape %s, got %s"
              .formatted(block.id(), before.shape(), after.shape()));
    }
    return after;
  }
}
