package blockfront.blocks.preset;

import blockfront.blocks.channel.Mlp;
import blockfront.blocks.graph.Shape;
import blockfront.blocks.mixer.SoftmaxAttention;
import blockfront.blocks.network.Architecture;
import blockfront.blocks.network.Layer;
import blockfront.blocks.network.Stage;
import blockfront.blocks.spi.Choice;
import blockfront.blocks.stem.PatchEmbed;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/** What published networks have in common, and the two ways most of them are built. */
final class Built {

  static final Shape IMAGE = Shape.of(224, 224, 3);
  static final int CLASSES = 1000;

  static final Choice METAFORMER = Choice.of("metaformer_block");
  static final Choice LAYER_NORM = Choice.of("layer_norm");
  static final Choice GROUP_NORM = Choice.of("group_norm");
  static final Choice NO_NORM = Choice.of("no_norm");
  static final Choice NO_POSITION = Choice.of("no_position");
  static final Choice LEARNED_POSITION = Choice.of("learned_position");
  static final Choice MEAN_POOL = Choice.of("mean_pool");
  static final Choice CLASS_TOKEN = Choice.of("class_token");
  static final Choice MLP = Choice.of("mlp").with(Mlp.EXPANSION, 4);
  static final Choice ATTENTION = Choice.of("softmax_mha").with(SoftmaxAttention.HEAD_DIM, 64);

  private Built() {}

  static Choice patches(int side) {
    return Choice.of("patch_embed").with(PatchEmbed.PATCH, side);
  }

  static Layer layer(Choice norm, Choice mixer, Choice channel) {
    return layer(METAFORMER, norm, mixer, Optional.of(channel), 0);
  }

  static Layer layer(
      Choice wrapper, Choice norm, Choice mixer, Optional<Choice> channel, double layerScale) {
    return new Layer(wrapper, norm, Optional.of(mixer), channel, layerScale);
  }

  /** One stage of equal or different layers; the last norm is a layer norm. */
  static Architecture isotropic(
      Choice stem, Choice position, int width, List<Layer> layers, Choice head) {
    return new Architecture(
        IMAGE,
        CLASSES,
        stem,
        position,
        List.of(new Stage(width, Optional.empty(), layers)),
        LAYER_NORM,
        head);
  }

  /** Stages of equal layers each. */
  static Architecture pyramid(
      Choice stem,
      Choice down,
      List<Integer> widths,
      List<Integer> depths,
      List<Layer> layers,
      Choice norm,
      Choice head) {
    var stages = new ArrayList<List<Layer>>();
    for (int i = 0; i < widths.size(); i++) {
      stages.add(Collections.nCopies(depths.get(i), layers.get(i)));
    }
    return staged(stem, NO_POSITION, down, widths, stages, norm, head);
  }

  static Architecture staged(
      Choice stem,
      Choice position,
      Choice down,
      List<Integer> widths,
      List<List<Layer>> layers,
      Choice norm,
      Choice head) {
    var stages = new ArrayList<Stage>();
    for (int i = 0; i < widths.size(); i++) {
      stages.add(
          new Stage(widths.get(i), i == 0 ? Optional.empty() : Optional.of(down), layers.get(i)));
    }
    return new Architecture(IMAGE, CLASSES, stem, position, stages, norm, head);
  }
}
