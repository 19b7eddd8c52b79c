package blockfront.search.train;

import blockfront.blocks.graph.Shape;
import blockfront.blocks.network.Architecture;
import blockfront.blocks.network.Layer;
import blockfront.blocks.network.Stage;
import blockfront.blocks.spi.Choice;
import blockfront.blocks.spi.Setting;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A network of the engine's benchmark: patches of 48 numbers, a linear stem, pre-norm layers, a
 * norm, the mean over the tokens, 10 classes.
 *
 * @param mixer what is measured
 * @param tokens a square number, of a grid
 */
public record BenchNetwork(Mixer mixer, int tokens, int channels, int depth) {

  /** Colour images in patches of 4 by 4. */
  private static final int PATCH = 4;

  public static final int CLASSES = 10;

  /** What the networks differ in; all but the last have an MLP of ratio 4 with exact GELU. */
  public enum Mixer {
    IDENTITY("identity"),
    ATTENTION("attention"),
    DEPTHWISE("depthwise"),
    SPECTRAL("spectral"),
    TOKEN_MLP("token-mlp"),
    GMLP("gmlp"),
    /** The group-rational channel mixer, and no token mixer. */
    KAN("kan");

    private final String label;

    Mixer(String label) {
      this.label = label;
    }

    /** As commands and reports name it. */
    public String label() {
      return label;
    }

    /**
     * The mixer of a label.
     *
     * @throws IllegalArgumentException if there is none
     */
    public static Mixer labelled(String label) {
      for (Mixer mixer : values()) {
        if (mixer.label.equals(label)) {
          return mixer;
        }
      }
      throw new IllegalArgumentException(
          "Bench has no mixer '%s': it has %s"
              .formatted(
                  label, String.join(", ", List.of(values()).stream().map(Mixer::label).toList())));
    }
  }

  public BenchNetwork {
    int side = (int) Math.round(Math.sqrt(tokens));
    if (tokens < 1 || side * side != tokens) {
      throw new IllegalArgumentException(
          "Bench needs a square number of tokens, got %d".formatted(tokens));
    }
    if (channels < 1 || depth < 1) {
      throw new IllegalArgumentException(
          "Bench needs positive channels and depth, got %d and %d".formatted(channels, depth));
    }
  }

  /** The network as one of the catalogue's blocks. */
  public Architecture architecture() {
    int side = PATCH * (int) Math.round(Math.sqrt(tokens));
    Layer layer =
        new Layer(
            Choice.of("metaformer_block"),
            Choice.of("layer_norm"),
            tokenMixer(),
            Optional.of(Choice.of(mixer == Mixer.KAN ? "kat_grkan" : "mlp")),
            0);
    return new Architecture(
        Shape.of(side, side, 3),
        CLASSES,
        choice("patch_embed", "patch", PATCH),
        Choice.of("no_position"),
        List.of(new Stage(channels, Optional.empty(), Collections.nCopies(depth, layer))),
        Choice.of("layer_norm"),
        Choice.of("mean_pool"));
  }

  private Optional<Choice> tokenMixer() {
    return switch (mixer) {
      case IDENTITY -> Optional.of(Choice.of("identity_mixer"));
      case ATTENTION ->
          Optional.of(
              choice("softmax_mha", "head_dim", channels % 64 == 0 && channels > 64 ? 64 : 16));
      case DEPTHWISE -> Optional.of(choice("dwconv", "kernel", 7));
      case SPECTRAL -> Optional.of(Choice.of("gfnet_filter"));
      case TOKEN_MLP -> Optional.of(choice("token_mlp", "hidden", tokens));
      case GMLP -> Optional.of(choice("gmlp_sgu", "ratio", 4));
      case KAN -> Optional.empty();
    };
  }

  private static Choice choice(String id, String knob, Object value) {
    return new Choice(id, new Setting(new TreeMap<>(Map.of(knob, value))));
  }
}
