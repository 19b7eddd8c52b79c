package blockfront.search.space;

import blockfront.blocks.catalogue.Catalogue;
import blockfront.blocks.graph.Shape;
import blockfront.blocks.network.Architecture;
import blockfront.blocks.network.Layer;
import blockfront.blocks.network.Stage;
import blockfront.blocks.spi.Block;
import blockfront.blocks.spi.Category;
import blockfront.blocks.spi.Choice;
import blockfront.blocks.spi.Knob;
import blockfront.blocks.spi.Setting;
import io.jenetics.Genotype;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Genes to networks.
 *
 * <p>Genes are the layout, the stem's stride, the width, the depth, the norm, the position, and for
 * each of four segments its token mixer, its channel mixer and all their knobs. The segments of a
 * pyramid are its stages; those of an isotropic network are its quarters, or its layers if they are
 * fewer. Genes that act on nothing leave no trace in the network.
 */
public final class GenomeCodec implements Genome {

  private static final int SEGMENTS = 4;
  private static final int SMALLEST_GRID = 2;
  private static final List<Integer> STEM_STRIDES = List.of(1, 2, 4);

  private final SearchSpace space;
  private final Shape input;
  private final int classes;
  private final Catalogue catalogue;
  private final List<Gene> genes;

  /**
   * For one data set.
   *
   * @throws IllegalArgumentException if the space names blocks or layouts that there are not
   */
  public GenomeCodec(SearchSpace space, Shape input, int classes, Catalogue catalogue) {
    this.space = space;
    this.input = input;
    this.classes = classes;
    this.catalogue = catalogue;
    require(space.mixers(), Category.TOKEN_MIXER);
    require(space.channelMixers(), Category.CHANNEL_MIXER);
    require(space.norms(), Category.NORM);
    require(space.positions(), Category.POSITION);
    for (String layout : space.layouts()) {
      if (!layout.equals("isotropic") && !layout.equals("pyramid")) {
        throw new IllegalArgumentException(
            "No layout '%s'; known are [isotropic, pyramid]".formatted(layout));
      }
    }
    int side = Math.min(input.size(0), input.size(1));
    if (space.patches().stream().noneMatch(patch -> patch <= side)) {
      throw new IllegalArgumentException(
          "No patch of %s fits images of %s".formatted(space.patches(), input));
    }
    genes = describeGenes();
  }

  /** Random genes are drawn from this. */
  public Genotype<ChoiceGene> encoding() {
    return genotype(genes.stream().map(gene -> 0).toList());
  }

  @Override
  public List<Gene> genes() {
    return genes;
  }

  @Override
  public String identity(List<Integer> alleles) {
    return ArchitectureJson.id(decode(alleles));
  }

  @Override
  public List<Integer> canonical(List<Integer> alleles) {
    var reader = new Reader(alleles);
    build(reader);
    return reader.acting();
  }

  /** As {@link #decode(List)}. */
  public Architecture decode(Genotype<ChoiceGene> genotype) {
    return decode(Genome.alleles(genotype));
  }

  /** The network of some genes; always one that can be written down, not always one that fits. */
  public Architecture decode(List<Integer> alleles) {
    return build(new Reader(alleles));
  }

  private Architecture build(Reader reader) {
    String layout = reader.of(space.layouts());
    List<Integer> patches =
        space.patches().stream()
            .filter(patch -> patch <= Math.min(input.size(0), input.size(1)))
            .toList();
    int patch = patches.get(reader.next(patches.size()));
    int width = reader.of(space.widths());
    int depth = space.minDepth() + reader.next();
    Choice norm = Choice.of(reader.of(space.norms()));
    Choice position = Choice.of(reader.of(space.positions()));
    var layers = new ArrayList<Layer>();
    for (int segment = 0; segment < SEGMENTS; segment++) {
      reader.segment();
      Choice mixer = reader.block(space.mixers(), Category.TOKEN_MIXER);
      Choice channel = reader.block(space.channelMixers(), Category.CHANNEL_MIXER);
      layers.add(
          new Layer(
              Choice.of("metaformer_block"), norm, Optional.of(mixer), Optional.of(channel), 0));
    }
    List<Stage> stages =
        layout.equals("pyramid")
            ? pyramid(layers, patch, width, depth)
            : List.of(new Stage(width, Optional.empty(), spread(layers, depth)));
    reader.used(layout.equals("pyramid") ? stages.size() : Math.min(SEGMENTS, depth));
    return new Architecture(
        input, classes, stem(patch), position, stages, norm, Choice.of("mean_pool"));
  }

  /** Convolutions where their strides allow, else patches. */
  private Choice stem(int stride) {
    return STEM_STRIDES.contains(stride)
        ? with("conv_stem", Category.STEM, "stride", stride)
        : with("patch_embed", Category.STEM, "patch", stride);
  }

  private Choice with(String id, Category category, String knob, int value) {
    Block block = block(id, category);
    var values = new TreeMap<String, Object>();
    values.put(knob, value);
    return new Choice(id, Setting.of(block.knobs(), values));
  }

  /** Depth layers, each quarter (or each layer, if there are few) after its segment. */
  private static List<Layer> spread(List<Layer> segments, int depth) {
    var layers = new ArrayList<Layer>();
    int used = Math.min(SEGMENTS, depth);
    for (int i = 0; i < depth; i++) {
      layers.add(segments.get(i * used / depth));
    }
    return layers;
  }

  /** As many stages as the grid, the depth and four allow; the width doubles, the grid halves. */
  private List<Stage> pyramid(List<Layer> segments, int patch, int width, int depth) {
    int side = Math.ceilDiv(Math.min(input.size(0), input.size(1)), patch);
    int stages = 1;
    while (stages < Math.min(SEGMENTS, depth) && Math.ceilDiv(side, 1 << stages) >= SMALLEST_GRID) {
      stages++;
    }
    var result = new ArrayList<Stage>();
    for (int i = 0; i < stages; i++) {
      int layers = (i + 1) * depth / stages - i * depth / stages;
      result.add(
          new Stage(
              width << i,
              i == 0 ? Optional.empty() : Optional.of(Choice.of("patch_merge")),
              Collections.nCopies(layers, segments.get(i))));
    }
    return result;
  }

  private List<Gene> describeGenes() {
    var list = new ArrayList<Gene>();
    list.add(new Gene("layout", space.layouts().size(), false));
    list.add(new Gene("patch", space.patches().size(), true));
    list.add(new Gene("width", space.widths().size(), true));
    list.add(new Gene("depth", space.maxDepth() - space.minDepth() + 1, true));
    list.add(new Gene("norm", space.norms().size(), false));
    list.add(new Gene("position", space.positions().size(), false));
    for (int segment = 1; segment <= SEGMENTS; segment++) {
      addBlocks(list, "mixer " + segment, space.mixers(), Category.TOKEN_MIXER);
      addBlocks(list, "channels " + segment, space.channelMixers(), Category.CHANNEL_MIXER);
    }
    return List.copyOf(list);
  }

  private void addBlocks(List<Gene> list, String name, List<String> ids, Category category) {
    list.add(new Gene(name, ids.size(), false));
    for (String id : ids) {
      for (Knob<?> knob : block(id, category).knobs()) {
        list.add(
            new Gene(
                "%s %s.%s".formatted(name, id, knob.name()),
                knob.choices().size(),
                knob.ordinal()));
      }
    }
  }

  private Block block(String id, Category category) {
    return catalogue.all(category).stream()
        .filter(block -> block.id().equals(id))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "No %s '%s'; known are %s"
                        .formatted(
                            category.text(),
                            id,
                            catalogue.all(category).stream().map(Block::id).toList())));
  }

  private void require(List<String> ids, Category category) {
    ids.forEach(id -> block(id, category));
  }

  /** Takes genes one after the other, and remembers which of them acted. */
  private final class Reader {
    private final List<Integer> alleles;
    private final List<Integer> acting;
    private final List<Integer> segments = new ArrayList<>();
    private int at;

    Reader(List<Integer> alleles) {
      if (alleles.size() != genes.size()) {
        throw new IllegalArgumentException(
            "A genome of %d genes got %d alleles".formatted(genes.size(), alleles.size()));
      }
      this.alleles = alleles;
      this.acting = new ArrayList<>(Collections.nCopies(alleles.size(), 0));
    }

    int next() {
      return next(Integer.MAX_VALUE);
    }

    /** One of the first choices only; the others stand for them in turn. */
    int next(int choices) {
      int allele = alleles.get(at) % choices;
      acting.set(at, allele);
      at++;
      return allele;
    }

    private int skipped() {
      return alleles.get(at++);
    }

    /** The genes of the next segment begin. */
    void segment() {
      segments.add(at);
    }

    /** Only so many segments came to be in the network. */
    void used(int count) {
      if (count < segments.size()) {
        Collections.fill(acting.subList(segments.get(count), acting.size()), 0);
      }
    }

    List<Integer> acting() {
      return List.copyOf(acting);
    }

    <T> T of(List<T> choices) {
      return choices.get(next());
    }

    Choice block(List<String> ids, Category category) {
      String chosen = of(ids);
      Choice choice = Choice.of(chosen);
      for (String id : ids) {
        for (Knob<?> knob : GenomeCodec.this.block(id, category).knobs()) {
          if (id.equals(chosen)) {
            choice = set(choice, knob, next());
          } else {
            skipped();
          }
        }
      }
      return choice;
    }

    private <T extends Comparable<T>> Choice set(Choice choice, Knob<T> knob, int index) {
      return choice.with(knob, knob.choices().get(index));
    }
  }
}
