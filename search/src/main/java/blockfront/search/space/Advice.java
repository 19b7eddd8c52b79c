package blockfront.search.space;

import blockfront.blocks.catalogue.Catalogue;
import blockfront.blocks.network.Architecture;
import blockfront.blocks.network.Layer;
import blockfront.blocks.network.Stage;
import blockfront.blocks.spi.Block;
import blockfront.blocks.spi.Choice;
import blockfront.blocks.spi.Knob;
import blockfront.blocks.spi.Traits;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** What to tell a person about a network or a space: allowed, but perhaps not meant. */
public final class Advice {

  private static final int LEAST_BATCH = 8;

  /** Of the side of a window or kernel, the names that knobs have. */
  private static final List<String> SIDES = List.of("kernel", "size", "window");

  private static final int USUAL_SIDE = 3;

  /** Of the steps from one token of a window to the next, the name that the knob has. */
  private static final List<String> STEPS = List.of("dilation");

  private Advice() {}

  /**
   * About a network.
   *
   * @param distance that information must travel: the tokens of a row, the longest gap of a task
   */
  public static List<String> about(Architecture architecture, Catalogue catalogue, int distance) {
    var advice = new ArrayList<String>();
    int field = 1;
    int stride = 1;
    boolean mixes = false;
    boolean global = false;
    for (Stage stage : architecture.stages()) {
      stride *= stage.downsampling().isPresent() ? 2 : 1;
      for (Layer layer : stage.layers()) {
        for (Choice choice : choices(layer)) {
          switch (catalogue.block(choice.id()).traits().mixes()) {
            case NONE -> {}
            case LOCAL -> {
              mixes = true;
              Block block = catalogue.block(choice.id());
              field += (side(block, choice) - 1) * dilation(block, choice) * stride;
            }
            case GLOBAL -> {
              mixes = true;
              global = true;
            }
          }
        }
      }
    }
    if (!mixes) {
      advice.add("No block mixes tokens: the network sees its input as a bag of tokens");
    } else if (!global && field < distance) {
      advice.add("Blocks mix nearby tokens only: a token sees %d of %d".formatted(field, distance));
    }
    return advice;
  }

  /** About a space, for batches of some size. */
  public static List<String> about(SearchSpace space, Catalogue catalogue, int batch) {
    var advice = new ArrayList<String>();
    boolean mixes =
        Stream.concat(space.mixers().stream(), space.channelMixers().stream())
            .flatMap(id -> catalogue.find(id).stream())
            .anyMatch(block -> block.traits().mixes() != Traits.Mixing.NONE);
    if (!mixes) {
      advice.add("No block of the space mixes tokens: networks see bags of tokens");
    }
    if (space.norms().contains("batch_norm") && batch < LEAST_BATCH) {
      advice.add("Batch norm wants batches of %d or more, not %d".formatted(LEAST_BATCH, batch));
    }
    return advice;
  }

  /**
   * Why blocks cannot be used on some tokens; empty if all can.
   *
   * @param causal whether no token may see later ones
   * @param grid whether tokens lie on a grid
   */
  public static List<String> refusals(
      List<String> ids, Catalogue catalogue, boolean causal, boolean grid) {
    var refusals = new ArrayList<String>();
    for (String id : ids) {
      Traits traits = catalogue.block(id).traits();
      if (causal && traits.causality() == Traits.Causality.NEVER) {
        refusals.add("Block '%s' lets tokens see later ones".formatted(id));
      } else if (!grid && traits.layout() == Traits.Layout.GRID) {
        refusals.add("Block '%s' needs tokens on a grid".formatted(id));
      }
    }
    return refusals;
  }

  private static List<Choice> choices(Layer layer) {
    return Stream.of(layer.mixer(), layer.channel()).flatMap(Optional::stream).toList();
  }

  /** Tokens that a local block sees along a row. */
  private static int side(Block block, Choice choice) {
    return whole(block, choice, SIDES).orElse(USUAL_SIDE);
  }

  private static int dilation(Block block, Choice choice) {
    return whole(block, choice, STEPS).orElse(1);
  }

  private static Optional<Integer> whole(Block block, Choice choice, List<String> names) {
    return block.knobs().stream()
        .filter(knob -> names.contains(knob.name()) && knob.type() == Integer.class)
        .findFirst()
        .map(knob -> (Integer) value(choice, knob));
  }

  private static <T extends Comparable<T>> Object value(Choice choice, Knob<T> knob) {
    return choice.setting().of(knob);
  }
}
