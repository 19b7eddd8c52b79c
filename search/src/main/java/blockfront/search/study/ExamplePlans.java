package blockfront.search.study;

import blockfront.blocks.graph.Shape;
import blockfront.blocks.network.Architecture;
import blockfront.blocks.network.Layer;
import blockfront.blocks.network.Stage;
import blockfront.blocks.spi.Choice;
import blockfront.blocks.stem.ConvStem;
import blockfront.blocks.stem.PatchEmbed;
import blockfront.search.space.SearchSpace;
import blockfront.search.trial.Recipe;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Searches to begin with, on built-in data. */
public enum ExamplePlans {
  /** A few seconds a network. */
  DIGITS("digits") {
    @Override
    public StudyPlan plan() {
      return new StudyPlan(
              "Digits example",
              "digits",
              space(List.of(1, 2), List.of(24, 32, 48)),
              new Recipe(15, 32, 5e-3, 0.05, 1, 0.1, 1, 0, 1, false),
              Budget.ofTrials(20),
              Limits.NONE,
              "auto",
              1)
          .withStart(
              baselines(Shape.of(8, 8, 1), 24, Choice.of("conv_stem").with(ConvStem.STRIDE, 2)));
    }
  },
  /** Half a minute a network. */
  FASHION("fashion") {
    @Override
    public StudyPlan plan() {
      return new StudyPlan(
              "Fashion example",
              "fashion-mini",
              space(List.of(4, 7), List.of(32, 48, 64)),
              new Recipe(10, 64, 4e-3, 0.05, 1, 0.1, 1, 0, 1, true),
              Budget.ofTrials(20),
              Limits.NONE,
              "auto",
              1)
          .withStart(
              baselines(
                  Shape.of(28, 28, 1), 32, Choice.of("patch_embed").with(PatchEmbed.PATCH, 7)));
    }
  },
  /** Which mixers recall: a quarter of a minute a network. */
  MQAR("mqar") {
    @Override
    public StudyPlan plan() {
      return new StudyPlan(
          "Recall example",
          "mqar:length=32,pairs=2,vocabulary=64",
          new SearchSpace(
              List.of("isotropic"),
              List.of("softmax_mha", "gated_sdpa", "deltanet", "gla", "activator_mixer"),
              List.of("mlp", "swiglu"),
              List.of("layer_norm", "rms_norm"),
              List.of("rotary_position", "learned_position"),
              List.of(1),
              List.of(32, 48, 64),
              1,
              3),
          new Recipe(15, 64, 4e-3, 0.01, 1, 0, 1, 0, 0, false),
          Budget.ofTrials(20),
          Limits.NONE,
          "nsga2",
          1);
    }
  };

  private final String text;

  ExamplePlans(String text) {
    this.text = text;
  }

  /** Its name on the command line. */
  public String text() {
    return text;
  }

  public abstract StudyPlan plan();

  public static List<String> names() {
    return List.of(values()).stream().map(ExamplePlans::text).toList();
  }

  /**
   * By its name on the command line.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static ExamplePlans named(String name) {
    return List.of(values()).stream()
        .filter(example -> example.text.equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "No example '%s'; known are %s".formatted(name, names())));
  }

  /** What a front is to be compared with, soon trained: a small PoolFormer and a small ViT. */
  private static List<Architecture> baselines(Shape input, int width, Choice stem) {
    return Stream.of("pool_mixer", "softmax_mha")
        .map(
            mixer ->
                new Layer(
                    Choice.of("metaformer_block"),
                    Choice.of("layer_norm"),
                    Optional.of(Choice.of(mixer)),
                    Optional.of(Choice.of("mlp")),
                    0))
        .map(
            layer ->
                new Architecture(
                    input,
                    10,
                    stem,
                    Choice.of("learned_position"),
                    List.of(new Stage(width, Optional.empty(), List.of(layer, layer))),
                    Choice.of("layer_norm"),
                    Choice.of("mean_pool")))
        .toList();
  }

  /** One mixer of each family, cheap and dear. */
  private static SearchSpace space(List<Integer> patches, List<Integer> widths) {
    return new SearchSpace(
        List.of("isotropic", "pyramid"),
        List.of(
            "pool_mixer",
            "dwconv",
            "softmax_mha",
            "gfnet_filter",
            "fnet",
            "gmlp_sgu",
            "token_mlp",
            "identity_mixer"),
        List.of("mlp", "swiglu", "kat_grkan"),
        List.of("layer_norm"),
        List.of("learned_position"),
        patches,
        widths,
        2,
        4);
  }
}
