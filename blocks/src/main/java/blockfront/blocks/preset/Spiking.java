package blockfront.blocks.preset;

import static blockfront.blocks.preset.Built.MEAN_POOL;
import static blockfront.blocks.preset.Built.METAFORMER;
import static blockfront.blocks.preset.Built.NO_NORM;
import static blockfront.blocks.preset.Built.NO_POSITION;

import blockfront.blocks.channel.SpikingMlp;
import blockfront.blocks.head.MeanPool;
import blockfront.blocks.mixer.SpikeDrivenAttention;
import blockfront.blocks.mixer.SpikingSelfAttention;
import blockfront.blocks.network.Architecture;
import blockfront.blocks.network.Layer;
import blockfront.blocks.network.Stage;
import blockfront.blocks.spi.Choice;
import blockfront.blocks.spi.Normed;
import blockfront.blocks.spi.TimeSteps;
import blockfront.blocks.stem.PotentialDown;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;

/** Spikformer and Meta-SpikeFormer, with four time steps. */
final class Spiking {

  private static final Choice ATTENTION = Choice.of("sdsa").with(SpikeDrivenAttention.HEADS, 8);
  private static final Choice CONVOLUTION = Choice.of("spike_sep_conv");
  private static final Choice POTENTIALS =
      Choice.of("spiking_mlp").with(SpikingMlp.SHORTCUT, "potentials");

  private Spiking() {}

  static SequencedMap<String, Architecture> all() {
    var networks = new LinkedHashMap<String, Architecture>();
    networks.put("spikformer_8_384", spikformer(384, 8, 12));
    networks.put("spikformer_8_512", spikformer(512, 8, 8));
    networks.put("spikformer_8_768", spikformer(768, 8, 12));
    networks.put("metaspikformer_8_256", meta(64, 360));
    networks.put("metaspikformer_8_384", meta(96, 480));
    networks.put("metaspikformer_8_512", meta(128, 640));
    networks.put("metaspikformer_8_768", meta(192, 960));
    return networks;
  }

  private static Architecture spikformer(int width, int depth, int heads) {
    Choice attention =
        Choice.of("spikformer_ssa").with(SpikingSelfAttention.HEADS, heads).with(Normed.BIAS, true);
    Layer layer = layer(attention, Choice.of("spiking_mlp").with(Normed.BIAS, true));
    return new Architecture(
        Built.IMAGE,
        Built.CLASSES,
        Choice.of("sps_stem").with(TimeSteps.KEEP_TIME, true),
        NO_POSITION,
        List.of(new Stage(width, Optional.empty(), Collections.nCopies(depth, layer))),
        NO_NORM,
        MEAN_POOL);
  }

  /** Convolutions in three stages, the first at half the width, attention in two. */
  private static Architecture meta(int width, int last) {
    Layer convolution = layer(CONVOLUTION, POTENTIALS.with(SpikingMlp.KERNEL, 3));
    Layer attention = layer(ATTENTION, POTENTIALS.with(Normed.BIAS, true));
    Choice down = Choice.of("spike_down").with(Normed.BIAS, true);
    return new Architecture(
        Built.IMAGE,
        Built.CLASSES,
        Choice.of("spike_stem").with(TimeSteps.KEEP_TIME, true).with(Normed.BIAS, true),
        NO_POSITION,
        List.of(
            new Stage(width / 2, Optional.empty(), List.of(convolution)),
            new Stage(width, Optional.of(down), List.of(convolution)),
            new Stage(2 * width, Optional.of(down), Collections.nCopies(2, convolution)),
            new Stage(4 * width, Optional.of(down), Collections.nCopies(6, attention)),
            new Stage(
                last,
                Optional.of(down.with(PotentialDown.STRIDE, 1)),
                Collections.nCopies(2, attention))),
        Choice.of("lif"),
        MEAN_POOL.with(MeanPool.NORM, "after"));
  }

  private static Layer layer(Choice mixer, Choice channel) {
    return Built.layer(METAFORMER, NO_NORM, mixer, Optional.of(channel), 0);
  }
}
