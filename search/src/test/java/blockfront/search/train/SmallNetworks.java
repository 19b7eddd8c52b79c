package blockfront.search.train;

import blockfront.blocks.graph.Shape;
import blockfront.blocks.network.Architecture;
import blockfront.blocks.network.Layer;
import blockfront.blocks.network.Stage;
import blockfront.blocks.spi.Block;
import blockfront.blocks.spi.Category;
import blockfront.blocks.spi.Choice;
import blockfront.blocks.spi.Layout;
import blockfront.blocks.spi.Setting;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Stream;

/** Small networks around one block each, where everything else is plain. */
public final class SmallNetworks {

  private SmallNetworks() {}

  /** The block where blocks of its category belong. */
  public static Architecture with(Block block, Shape image, int classes) {
    Function<Category, Optional<Choice>> own =
        category ->
            block.category() == category ? Optional.of(Choice.of(block.id())) : Optional.empty();
    Layer layer =
        new Layer(
            own.apply(Category.WRAPPER).orElse(Choice.of("metaformer_block")),
            own.apply(Category.NORM).orElse(Choice.of("layer_norm")),
            Optional.of(own.apply(Category.TOKEN_MIXER).orElse(Choice.of("pool_mixer"))),
            Optional.of(own.apply(Category.CHANNEL_MIXER).orElse(Choice.of("mlp"))),
            0.5);
    Choice layout = block instanceof Layout ? Choice.of(block.id()) : Stage.STACKED;
    Stage first = new Stage(16, Optional.empty(), List.of(layer), layout);
    Optional<Stage> second =
        own.apply(Category.DOWNSAMPLING)
            .map(choice -> new Stage(24, Optional.of(choice), List.of(layer)));
    return new Architecture(
        image,
        classes,
        own.apply(Category.STEM)
            .orElse(new Choice("patch_embed", new Setting(new TreeMap<>(Map.of("patch", 3))))),
        own.apply(Category.POSITION).orElse(Choice.of("no_position")),
        Stream.concat(Stream.of(first), second.stream()).toList(),
        Choice.of("layer_norm"),
        block.id().equals("class_token")
            ? Choice.of("mean_pool")
            : own.apply(Category.HEAD).orElse(Choice.of("mean_pool")));
  }
}
