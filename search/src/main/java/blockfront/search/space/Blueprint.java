package blockfront.search.space;

import blockfront.blocks.graph.Shape;
import blockfront.blocks.layout.Looped;
import blockfront.blocks.mixer.ClippedSoftmaxAttention;
import blockfront.blocks.mixer.GatedAttention;
import blockfront.blocks.mixer.SoftmaxAttention;
import blockfront.blocks.mixer.WideAttention;
import blockfront.blocks.network.Architecture;
import blockfront.blocks.network.Layer;
import blockfront.blocks.network.Stage;
import blockfront.blocks.network.Task;
import blockfront.blocks.spi.Choice;
import blockfront.blocks.spi.Setting;
import blockfront.blocks.wrapper.SlicedRecursion;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A network in few words, as genes choose it: what is repeated is said once. {@link #expand} says
 * it layer by layer.
 *
 * @param layout one of {@link #LAYOUTS}
 * @param width channels of the first stage
 * @param multipliers widths of the stages as multiples of that
 * @param depths layers of each stage; one number unless the layout is a pyramid
 * @param segments what layers are made of: one a stage in a pyramid, else runs of equal length
 * @param ratio of linear to full attention, as {@link MacroGenes#RATIOS}
 * @param placement where the full layers stand
 * @param prefix how many of the first layers use the prefix mixer
 * @param loops how often a looped layout applies its layers
 * @param recursions how often a recursive layout applies each layer
 * @param gate of softmax attention, as {@link MacroGenes#GATES}
 * @param reduction of tokens half way through
 * @param layerScale where the scales of branches start; 0 for none
 */
public record Blueprint(
    String layout,
    Choice stem,
    int width,
    List<Double> multipliers,
    List<Integer> depths,
    List<Segment> segments,
    Choice position,
    Choice downsampling,
    Choice head,
    String ratio,
    String placement,
    int prefix,
    Choice prefixMixer,
    int loops,
    int recursions,
    String gate,
    String reduction,
    double layerScale) {

  /** What a network's layers can be put together as. */
  public static final List<String> LAYOUTS =
      List.of("isotropic", "pyramid", "pyramid3_s16", "looped", "sliced_recursion", "fit", "wide");

  /** Of a wide layout: layers times heads. */
  private static final int HEADS_IN_ALL = 12;

  private static final Choice FULL = Choice.of("softmax_mha");

  /** A run of equal layers. */
  public record Segment(Choice mixer, Optional<Choice> channel, Choice norm) {}

  public Blueprint {
    multipliers = List.copyOf(multipliers);
    depths = List.copyOf(depths);
    segments = List.copyOf(segments);
    if (!LAYOUTS.contains(layout)) {
      throw new IllegalArgumentException("No layout '%s'; known are %s".formatted(layout, LAYOUTS));
    }
    if (depths.isEmpty() || depths.stream().anyMatch(depth -> depth < 1)) {
      throw new IllegalArgumentException("Every stage needs a layer, got " + depths);
    }
    boolean staged = staged(layout);
    if (!staged && depths.size() > 1) {
      throw new IllegalArgumentException(
          "Layout '%s' has one stage, got depths %s".formatted(layout, depths));
    }
    if (segments.isEmpty() || (staged && segments.size() != depths.size())) {
      throw new IllegalArgumentException(
          "Layout '%s' needs a segment for each of %d stages, got %d"
              .formatted(layout, depths.size(), segments.size()));
    }
    if (staged && multipliers.size() < depths.size()) {
      throw new IllegalArgumentException(
          "%d stages need as many multipliers, got %s".formatted(depths.size(), multipliers));
    }
  }

  /** One that is plain in all but these. */
  public static Blueprint of(
      String layout, Choice stem, int width, List<Integer> depths, List<Segment> segments) {
    MacroGenes none = MacroGenes.NONE;
    return new Blueprint(
        layout,
        stem,
        width,
        multipliers(none.multipliers().getFirst()),
        depths,
        segments,
        Choice.of("learned_position"),
        Choice.of("patch_merge"),
        Choice.of("mean_pool"),
        none.ratios().getFirst(),
        none.placements().getFirst(),
        0,
        Choice.of(none.prefixMixers().getFirst()),
        none.loops().getFirst(),
        none.recursions().getFirst(),
        none.gates().getFirst(),
        none.reductions().getFirst(),
        0);
  }

  /** Whether a layout has stages of different widths. */
  static boolean staged(String layout) {
    return layout.equals("pyramid") || layout.equals("pyramid3_s16");
  }

  /**
   * Reads {@code 1,2,5,8}.
   *
   * @throws IllegalArgumentException if these are no positive numbers
   */
  static List<Double> multipliers(String text) {
    if (!text.matches("[0-9]+(\\.[0-9]+)?(,[0-9]+(\\.[0-9]+)?)*")) {
      throw new IllegalArgumentException(
          "Multipliers '%s' are not numbers joined by ',', as in 1,2,5,8".formatted(text));
    }
    return Stream.of(text.split(",")).map(Double::valueOf).toList();
  }

  /** The network for images, layer by layer. */
  public Architecture expand(Shape input, int classes) {
    return expand(new Task.ImageClassification(input, classes));
  }

  /** The network, layer by layer. */
  public Architecture expand(Task task) {
    List<Layer> layers = layers();
    Choice norm = segments.getLast().norm();
    return new Architecture(task, stem, position, stages(layers), norm, head);
  }

  private List<Stage> stages(List<Layer> layers) {
    var stages = new ArrayList<Stage>();
    if (staged(layout)) {
      int from = 0;
      for (int i = 0; i < depths.size(); i++) {
        int to = from + depths.get(i);
        stages.add(
            new Stage(
                scaled(multipliers.get(i)),
                i == 0 ? Optional.empty() : Optional.of(downsampling),
                layers.subList(from, to)));
        from = to;
      }
      return stages;
    }
    Choice arrangement =
        switch (layout) {
          case "looped" -> Choice.of("looped").with(Looped.LOOPS, loops);
          case "fit" -> Choice.of("fit");
          default -> Stage.STACKED;
        };
    int half = Math.ceilDiv(layers.size(), 2);
    boolean pooled = reduction.equals("pool") && half < layers.size();
    stages.add(
        new Stage(
            width,
            Optional.empty(),
            pooled ? layers.subList(0, half) : layers,
            pooled ? Stage.STACKED : arrangement));
    if (pooled) {
      stages.add(
          new Stage(
              width,
              Optional.of(Choice.of("pool_down")),
              layers.subList(half, layers.size()),
              arrangement));
    }
    return stages;
  }

  /** A multiple of 8, as all widths are. */
  private int scaled(double multiplier) {
    return multiplier == Math.rint(multiplier)
        ? Math.toIntExact(Math.round(width * multiplier))
        : Math.max(8, Math.toIntExact(Math.round(width * multiplier / 8)) * 8);
  }

  private List<Layer> layers() {
    List<Segment> spread = spread();
    int count = spread.size();
    var layers = new ArrayList<Layer>();
    for (int i = 0; i < count; i++) {
      Segment segment = spread.get(i);
      Choice mixer = segment.mixer();
      if (i < prefix) {
        mixer = prefixMixer;
      } else if (full(i - Math.min(prefix, count), count - Math.min(prefix, count))) {
        mixer = FULL;
      }
      Choice wrapper =
          layout.equals("sliced_recursion")
              ? Choice.of("sliced_recursion").with(SlicedRecursion.RECURSIONS, recursions)
              : Choice.of("metaformer_block");
      layers.add(
          new Layer(
              wrapper,
              segment.norm(),
              Optional.of(gated(widened(mixer, count))),
              segment.channel(),
              layerScale));
    }
    return layers;
  }

  /** The segment of each layer. */
  private List<Segment> spread() {
    var spread = new ArrayList<Segment>();
    if (staged(layout)) {
      for (int i = 0; i < depths.size(); i++) {
        spread.addAll(Collections.nCopies(depths.get(i), segments.get(i)));
      }
      return spread;
    }
    int depth = depths.getFirst();
    int used = Math.min(segments.size(), depth);
    for (int i = 0; i < depth; i++) {
      spread.add(segments.get(i * used / depth));
    }
    return spread;
  }

  /** Whether the ratio gives a layer full attention, counted after the prefix. */
  private boolean full(int layer, int count) {
    if (ratio.equals("off") || ratio.equals("all_linear")) {
      return false;
    }
    int linear = ratio.equals("all_full") ? 0 : Integer.parseInt(ratio.replace(":1", ""));
    int period = linear + 1;
    int fulls = Math.max(1, Math.round((float) count / period));
    return switch (placement) {
      case "front" -> layer < fulls;
      case "back" -> layer >= count - fulls;
      // the last of each period, and so the last of all if there is no whole one
      default -> (layer + 1) % period == 0 || (count < period && layer == count - 1);
    };
  }

  private Choice widened(Choice mixer, int layers) {
    if (!layout.equals("wide") || !mixer.id().equals(FULL.id())) {
      return mixer;
    }
    return Choice.of("wide_attention")
        .with(WideAttention.HEADS, Math.max(1, HEADS_IN_ALL / layers))
        .with(WideAttention.HEAD_DIM, mixer.setting().of(SoftmaxAttention.HEAD_DIM));
  }

  private Choice gated(Choice mixer) {
    if (!mixer.id().equals(FULL.id())) {
      return mixer;
    }
    Setting setting = mixer.setting();
    return switch (gate) {
      case "elementwise", "headwise" ->
          new Choice("gated_sdpa", setting).with(GatedAttention.GATE, gate);
      case "clipped" ->
          new Choice("clipped_softmax", setting).with(ClippedSoftmaxAttention.STRETCH, "length");
      case "conditional" -> new Choice("cond_attn_gate", setting);
      default -> mixer;
    };
  }
}
