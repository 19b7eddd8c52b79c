package blockfront.blocks.preset;

import static blockfront.blocks.preset.Built.LAYER_NORM;
import static blockfront.blocks.preset.Built.LEARNED_POSITION;
import static blockfront.blocks.preset.Built.MEAN_POOL;
import static blockfront.blocks.preset.Built.METAFORMER;
import static blockfront.blocks.preset.Built.NO_POSITION;

import blockfront.blocks.channel.Mlp;
import blockfront.blocks.channel.SwiGlu;
import blockfront.blocks.head.EachToken;
import blockfront.blocks.mixer.BidirectionalLinearAttention;
import blockfront.blocks.mixer.GatedLinearAttention;
import blockfront.blocks.mixer.Retention;
import blockfront.blocks.network.Architecture;
import blockfront.blocks.network.Layer;
import blockfront.blocks.network.Sequence;
import blockfront.blocks.network.Stage;
import blockfront.blocks.network.Task;
import blockfront.blocks.norm.LayerNorm;
import blockfront.blocks.spi.Choice;
import blockfront.blocks.stem.OverlapDown;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** ViG, and language models of gated linear attention, retention and associative memories. */
final class LinearAttentions {

  /** Tokens of a chunk where there are thousands. */
  private static final int LONG_CHUNK = 64;

  private LinearAttentions() {}

  static SequencedMap<String, Architecture> all() {
    var networks = new LinkedHashMap<String, Architecture>();
    networks.put("vig_t_hustvl_", isotropic(192, 3, true));
    networks.put("vig_s", isotropic(384, 6, false));
    networks.put("vig_b", isotropic(768, 12, false));
    networks.put("vig_h_t", pyramid(96, 5));
    networks.put("vig_h_s", pyramid(96, 17));
    networks.put("vig_h_b", pyramid(128, 17));
    networks.put("gam_lm", memories());
    networks.put("gla_340m", gated(1024, true));
    networks.put("gla_1_3b", gated(2048, false));
    networks.put("retnet_1_3b", retentive(2048, 24));
    networks.put("retnet_2_7b", retentive(2560, 32));
    networks.put("retnet_6_7b", retentive(4096, 32));
    return networks;
  }

  private static Architecture isotropic(int width, int heads, boolean activations) {
    Choice norm = Choice.of("rms_norm");
    Layer layer =
        Built.layer(
            METAFORMER,
            norm,
            // a chunk is a row of the grid: none is filled up
            mixer(heads, activations).with(BidirectionalLinearAttention.CHUNK, 14),
            Optional.of(Choice.of("swiglu").with(SwiGlu.MULTIPLE, 256)),
            0);
    return new Architecture(
        Built.IMAGE,
        Built.CLASSES,
        Choice.of("vig_patches"),
        LEARNED_POSITION,
        List.of(new Stage(width, Optional.empty(), Collections.nCopies(12, layer))),
        norm,
        MEAN_POOL);
  }

  private static Architecture pyramid(int width, int thirdDepth) {
    Choice norm = LAYER_NORM.with(LayerNorm.EPSILON, 1e-5);
    List<Layer> layers =
        IntStream.range(0, 4)
            .mapToObj(
                i ->
                    Built.layer(
                        METAFORMER,
                        norm,
                        mixer((width / 32) << i, false),
                        Optional.of(Choice.of("swiglu").with(SwiGlu.MULTIPLE, 32)),
                        0))
            .toList();
    return Built.pyramid(
        Choice.of("vig_stem"),
        Choice.of("overlap_down2").with(OverlapDown.BIAS, true),
        List.of(width, 2 * width, 4 * width, 8 * width),
        List.of(2, 2, thirdDepth, 2),
        layers,
        norm,
        MEAN_POOL);
  }

  private static Choice mixer(int heads, boolean activations) {
    return Choice.of("vig_bigla")
        .with(BidirectionalLinearAttention.HEADS, heads)
        .with(BidirectionalLinearAttention.CONVOLUTION_ACTIVATION, activations)
        .with(BidirectionalLinearAttention.OUT_ACTIVATION, activations);
  }

  /** Its memory, then an MLP, each with its norm and residual, six times; for WikiText-2. */
  private static Architecture memories() {
    Choice norm = LAYER_NORM.with(LayerNorm.EPSILON, 1e-5);
    Layer memory = channels(norm, Choice.of("gam_mixer"));
    Layer mlp = channels(norm, Built.MLP);
    List<Layer> layers =
        IntStream.range(0, 6).boxed().flatMap(_ -> Stream.of(memory, mlp)).toList();
    return new Architecture(
        new Task.TokenPrediction(new Sequence.Tokens(256, 10_000)),
        Choice.of("token_embedding"),
        LEARNED_POSITION,
        List.of(new Stage(512, Optional.empty(), layers)),
        norm,
        Choice.of("each_token").with(EachToken.TIED, true));
  }

  /** Of the 32,000 tokens of Mistral, 2,048 at a time. */
  private static Architecture gated(int width, boolean tied) {
    Choice norm = Choice.of("rms_norm");
    Layer layer =
        Built.layer(
            norm,
            Choice.of("gla").with(GatedLinearAttention.CHUNK, LONG_CHUNK),
            Choice.of("swiglu").with(SwiGlu.MULTIPLE, 256));
    return language(width, Collections.nCopies(24, layer), norm, tied);
  }

  /** Heads of 256 channels of keys, MLPs twice as wide as the tokens; 32,000 tokens here too. */
  private static Architecture retentive(int width, int depth) {
    Choice norm = LAYER_NORM.with(LayerNorm.EPSILON, 1e-5);
    Layer layer =
        Built.layer(
            norm,
            Choice.of("retnet")
                .with(Retention.HEADS, width / 256)
                .with(Retention.CHUNK, LONG_CHUNK),
            Choice.of("mlp").with(Mlp.EXPANSION, 2).with(Mlp.BIAS, false));
    return language(width, Collections.nCopies(depth, layer), norm, true);
  }

  private static Architecture language(int width, List<Layer> layers, Choice norm, boolean tied) {
    return new Architecture(
        new Task.TokenPrediction(new Sequence.Tokens(2048, 32_000)),
        Choice.of("token_embedding"),
        NO_POSITION,
        List.of(new Stage(width, Optional.empty(), layers)),
        norm,
        Choice.of("each_token").with(EachToken.TIED, tied).with(EachToken.BIAS, false));
  }

  private static Layer channels(Choice norm, Choice channel) {
    return new Layer(METAFORMER, norm, Optional.empty(), Optional.of(channel), 0);
  }
}
