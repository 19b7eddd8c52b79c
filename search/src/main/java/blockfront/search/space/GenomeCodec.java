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
import io.jenetics.util.ISeq;
import java.math.BigInteger;
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
public final class GenomeCodec {

  private static final int SEGMENTS = 4;
  private static final int SMALLEST_GRID = 2;
  private static final List<Integer> STEM_STRIDES = List.of(1, 2, 4);

  private final SearchSpace space;
  private final Shape input;
  private final int classes;
  private final Catalogue catalogue;
  private final List<Gene> genes;

  /** What one gene chooses from. */
  private record Gene(int choices, boolean ordinal) {}

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
    genes = genes();
  }

  /** Random genes are drawn from this. */
  public Genotype<ChoiceGene> encoding() {
    return genotype(genes.stream().map(gene -> 0).toList());
  }

  /** A genotype of given choices. */
  public Genotype<ChoiceGene> genotype(List<Integer> alleles) {
    var sequence = new ArrayList<ChoiceGene>();
    for (int i = 0; i < genes.size(); i++) {
      sequence.add(new ChoiceGene(alleles.get(i), genes.get(i).choices(), genes.get(i).ordinal()));
    }
    return Genotype.of(new ChoiceChromosome(ISeq.of(sequence)));
  }

  /** Choices of each gene. */
  public List<Integer> cardinalities() {
    return genes.stream().map(Gene::choices).toList();
  }

  /** Different genotypes; several may be one network. */
  public BigInteger size() {
    return genes.stream()
        .map(gene -> BigInteger.valueOf(gene.choices()))
        .reduce(BigInteger.ONE, BigInteger::multiply);
  }

  /** The network of some genes; always one that can be written down, not always one that fits. */
  public Architecture decode(Genotype<ChoiceGene> genotype) {
    var reader = new Reader(genotype);
    String layout = reader.of(space.layouts());
    List<Integer> patches =
        space.patches().stream()
            .filter(patch -> patch <= Math.min(input.size(0), input.size(1)))
            .toList();
    int patch = patches.get(reader.next() % patches.size());
    int width = reader.of(space.widths());
    int depth = space.minDepth() + reader.next();
    Choice norm = Choice.of(reader.of(space.norms()));
    Choice position = Choice.of(reader.of(space.positions()));
    var layers = new ArrayList<Layer>();
    for (int segment = 0; segment < SEGMENTS; segment++) {
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

  private List<Gene> genes() {
    var list = new ArrayList<Gene>();
    list.add(new Gene(space.layouts().size(), false));
    list.add(new Gene(space.patches().size(), true));
    list.add(new Gene(space.widths().size(), true));
    list.add(new Gene(space.maxDepth() - space.minDepth() + 1, true));
    list.add(new Gene(space.norms().size(), false));
    list.add(new Gene(space.positions().size(), false));
    for (int segment = 0; segment < SEGMENTS; segment++) {
      addBlocks(list, space.mixers(), Category.TOKEN_MIXER);
      addBlocks(list, space.channelMixers(), Category.CHANNEL_MIXER);
    }
    return List.copyOf(list);
  }

  private void addBlocks(List<Gene> list, List<String> ids, Category category) {
    list.add(new Gene(ids.size(), false));
    for (String id : ids) {
      for (Knob<?> knob : block(id, category).knobs()) {
        list.add(new Gene(knob.choices().size(), knob.ordinal()));
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

  /** Takes genes one after the other. */
  private final class Reader {
    private final Genotype<ChoiceGene> genotype;
    private int at;

    Reader(Genotype<ChoiceGene> genotype) {
      this.genotype = genotype;
    }

    int next() {
      return genotype.get(0).get(at++).allele();
    }

    <T> T of(List<T> choices) {
      return choices.get(next());
    }

    Choice block(List<String> ids, Category category) {
      String chosen = of(ids);
      Choice choice = Choice.of(chosen);
      for (String id : ids) {
        for (Knob<?> knob : GenomeCodec.this.block(id, category).knobs()) {
          int index = next();
          if (id.equals(chosen)) {
            choice = set(choice, knob, index);
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
