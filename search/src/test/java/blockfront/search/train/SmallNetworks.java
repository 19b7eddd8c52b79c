package blockfront.search.train;

import blockfront.blocks.catalogue.Catalogue;
import blockfront.blocks.graph.Shape;
import blockfront.blocks.network.Architecture;
import blockfront.blocks.network.Layer;
import blockfront.blocks.network.Stage;
import blockfront.blocks.network.Task;
import blockfront.blocks.spi.Block;
import blockfront.blocks.spi.Choice;
import blockfront.blocks.spi.Layout;
import blockfront.blocks.spi.Neuron;
import blockfront.blocks.spi.Norm;
import blockfront.blocks.spi.Role;
import blockfront.blocks.spi.Setting;
import blockfront.blocks.spi.TimeSteps;
import blockfront.search.data.DataSet;
import blockfront.search.data.DataSets;
import blockfront.search.space.Admission;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Stream;

/** Small networks around one block each, where everything else is plain. */
public final class SmallNetworks {

  private static final Catalogue CATALOGUE = Catalogue.load();
  private static final DataSet DIGITS = DataSets.load("digits");
  private static final DataSet RECALL =
      DataSets.load("mqar:vocabulary=16,length=12,pairs=2,train=400,test=128");
  private static final DataSet REGRESSION =
      DataSets.load("icl_regression:dimensions=2,examples=6,train=400,test=128");

  private SmallNetworks() {}

  /** Data that a network with the block can be trained on: images, if these will do. */
  public static DataSet data(Block block) {
    return switch (block.id()) {
      case "token_embedding", "each_token" -> RECALL;
      case "vector_embedding", "last_token" -> REGRESSION;
      default -> DIGITS;
    };
  }

  /** The block where blocks of its role belong, for images. */
  public static Architecture with(Block block, Shape image, int classes) {
    return with(block, new Task.ImageClassification(image, classes));
  }

  /** The block where blocks of its role belong. */
  public static Architecture with(Block block, Task task) {
    var admission = new Admission(task, CATALOGUE);
    // what needs no grid and sees no later token, where a task wants that
    String mixer = task.sequence().isPresent() ? "gated_sdpa" : "pool_mixer";
    Function<Role, Optional<Choice>> own =
        role -> block.role() == role ? Optional.of(choice(block)) : Optional.empty();
    Layer layer =
        new Layer(
            own.apply(Role.WRAPPER).orElse(Choice.of("metaformer_block")),
            block instanceof Norm ? choice(block) : Choice.of("layer_norm"),
            Optional.of(own.apply(Role.TOKEN_MIXER).orElse(Choice.of(mixer))),
            Optional.of(own.apply(Role.CHANNEL_MIXER).orElse(Choice.of("mlp"))),
            0.5);
    Choice layout = block instanceof Layout ? Choice.of(block.id()) : Stage.STACKED;
    Stage first = new Stage(16, Optional.empty(), List.of(layer), layout);
    Optional<Stage> second =
        own.apply(Role.DOWNSAMPLING)
            .map(choice -> new Stage(24, Optional.of(choice), List.of(layer)));
    return new Architecture(
        task,
        own.apply(Role.STEM)
            .or(() -> admission.stem().map(Choice::of))
            .orElse(new Choice("patch_embed", new Setting(new TreeMap<>(Map.of("patch", 3))))),
        own.apply(Role.POSITION).orElse(Choice.of("no_position")),
        Stream.concat(Stream.of(first), second.stream()).toList(),
        Choice.of("layer_norm"),
        block.id().equals("class_token")
            ? Choice.of("mean_pool")
            : own.apply(Role.HEAD).orElse(Choice.of(admission.usualHead())));
  }

  /** As it is, but for neurons: two steps are enough, and few tokens need low thresholds. */
  private static Choice choice(Block block) {
    Choice choice = Choice.of(block.id());
    Choice lively =
        block.knobs().contains(Neuron.THRESHOLD) ? choice.with(Neuron.THRESHOLD, 0.25) : choice;
    return block.knobs().contains(TimeSteps.STEPS) ? lively.with(TimeSteps.STEPS, 2) : lively;
  }
}
