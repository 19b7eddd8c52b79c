package blockfront.blocks.preset;

import static blockfront.blocks.preset.Built.LAYER_NORM;
import static blockfront.blocks.preset.Built.MEAN_POOL;
import static blockfront.blocks.preset.Built.METAFORMER;
import static blockfront.blocks.preset.Built.MLP;
import static blockfront.blocks.preset.Built.NO_NORM;
import static blockfront.blocks.preset.Built.NO_POSITION;

import blockfront.blocks.channel.Mlp;
import blockfront.blocks.graph.Shape;
import blockfront.blocks.mixer.SpatialFc;
import blockfront.blocks.mixer.SpatialGate;
import blockfront.blocks.mixer.TokenMlp;
import blockfront.blocks.network.Architecture;
import blockfront.blocks.network.Layer;
import blockfront.blocks.network.Stage;
import blockfront.blocks.norm.LayerNorm;
import blockfront.blocks.spi.Choice;
import blockfront.blocks.wrapper.MetaFormerBlock;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;

/** MLP-Mixer, gMixer, gMLP, ResMLP, Activator and NiNformer. */
final class Perceptrons {

  private Perceptrons() {}

  static SequencedMap<String, Architecture> all() {
    var networks = new LinkedHashMap<String, Architecture>();
    networks.put("mixer_s_32", mixer(32, 512, 8));
    networks.put("mixer_s_16", mixer(16, 512, 8));
    networks.put("mixer_b_32", mixer(32, 768, 12));
    networks.put("mixer_b_16", mixer(16, 768, 12));
    networks.put("mixer_l_32", mixer(32, 1024, 24));
    networks.put("mixer_l_16", mixer(16, 1024, 24));
    networks.put("gmixer_12", gatedMixer(12));
    networks.put("gmixer_24", gatedMixer(24));
    networks.put("gmlp_ti_16", gatedMlp(128));
    networks.put("gmlp_s_16", gatedMlp(256));
    networks.put("gmlp_b_16", gatedMlp(512));
    networks.put("resmlp_s12", residual(384, 12, 0.1));
    networks.put("resmlp_s24", residual(384, 24, 1e-5));
    networks.put("resmlp_s36", residual(384, 36, 1e-6));
    networks.put("resmlp_b24", residual(768, 24, 1e-6));
    networks.put("activator_repo_train_py_", activator(Optional.of(MLP.with(Mlp.EXPANSION, 2))));
    networks.put("activator_geglu_only_repo_", activator(Optional.empty()));
    networks.put("ninformer_repo_train_py_", ninformer());
    return networks;
  }

  private static Architecture mixer(int patch, int width, int depth) {
    Choice tokens = Choice.of("token_mlp").with(TokenMlp.HIDDEN, width / 2);
    return stacked(patch, width, depth, Built.layer(LAYER_NORM, tokens, MLP));
  }

  private static Architecture gatedMixer(int depth) {
    Choice tokens = Choice.of("token_mlp").with(TokenMlp.HIDDEN, 384).with(TokenMlp.GATED, true);
    Choice channel = MLP.with(Mlp.ACTIVATION, "silu").with(Mlp.GATED, true);
    return stacked(16, 384, depth, Built.layer(LAYER_NORM, tokens, channel));
  }

  private static Architecture gatedMlp(int width) {
    Choice gate = Choice.of("gmlp_sgu").with(SpatialGate.RATIO, 6);
    return stacked(16, width, 30, Built.layer(METAFORMER, LAYER_NORM, gate, Optional.empty(), 0));
  }

  private static Architecture residual(int width, int depth, double layerScale) {
    Choice affine = Choice.of("affine");
    Choice tokens = Choice.of("spatial_fc").with(SpatialFc.BIAS, true);
    Layer layer = Built.layer(METAFORMER, affine, tokens, Optional.of(MLP), layerScale);
    return new Architecture(
        Built.IMAGE,
        Built.CLASSES,
        Built.patches(16),
        NO_POSITION,
        List.of(new Stage(width, Optional.empty(), Collections.nCopies(depth, layer))),
        affine,
        MEAN_POOL);
  }

  /** As its code trains it, on CIFAR-10. */
  private static Architecture activator(Optional<Choice> channel) {
    Layer layer =
        Built.layer(
            METAFORMER.with(MetaFormerBlock.SHARED_NORM, true),
            LAYER_NORM.with(LayerNorm.EPSILON, 1e-5),
            Choice.of("activator_mixer"),
            channel,
            0);
    return new Architecture(
        Shape.of(32, 32, 3),
        10,
        Built.patches(4),
        NO_POSITION,
        List.of(new Stage(256, Optional.empty(), Collections.nCopies(4, layer))),
        NO_NORM,
        MEAN_POOL);
  }

  /** As its code trains it, on CIFAR-10; one norm a layer. */
  private static Architecture ninformer() {
    Layer layer =
        Built.layer(
            LAYER_NORM.with(LayerNorm.EPSILON, 1e-5),
            Choice.of("ninformer"),
            MLP.with(Mlp.EXPANSION, 2));
    return new Architecture(
        Shape.of(32, 32, 3),
        10,
        Built.patches(4),
        NO_POSITION,
        List.of(new Stage(256, Optional.empty(), Collections.nCopies(4, layer))),
        NO_NORM,
        MEAN_POOL);
  }

  private static Architecture stacked(int patch, int width, int depth, Layer layer) {
    return Built.isotropic(
        Built.patches(patch), NO_POSITION, width, Collections.nCopies(depth, layer), MEAN_POOL);
  }
}
