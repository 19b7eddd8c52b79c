package blockfront.search.space;

import blockfront.blocks.catalogue.Catalogue;
import blockfront.blocks.graph.Shape;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.network.Architecture;
import blockfront.blocks.network.Task;
import blockfront.blocks.spi.Block;
import blockfront.blocks.spi.Choice;
import blockfront.blocks.spi.Knob;
import blockfront.blocks.spi.Role;
import blockfront.blocks.spi.Setting;
import io.jenetics.Genotype;
import io.jenetics.util.RandomRegistry;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Genes to networks.
 *
 * <p>Genes are the layout, the stem's stride, the width, the depth, the norm, the position, those
 * of {@link MacroGenes} that leave a choice, and for each of four segments its token mixer, its
 * channel mixer and all their knobs. The segments of a pyramid are its stages; those of an
 * isotropic network are its quarters, or its layers if they are fewer. Genes that act on nothing
 * leave no trace in the network.
 */
public final class GenomeCodec implements Genome {

  private static final int SEGMENTS = 4;
  private static final int SMALLEST_GRID = 2;
  private static final String BY_STRIDE = "auto";
  private static final String SIXTEENTH = "pyramid3_s16";
  private static final List<Integer> STEM_STRIDES = List.of(1, 2, 4);

  private final SearchSpace space;
  private final Task task;
  private final Admission admission;
  private final List<Integer> patches;
  private final List<String> heads;
  private final List<Block> mixers;
  private final List<Block> channelMixers;
  private final Catalogue catalogue;
  private final List<List<Integer>> start;
  private final List<Gene> genes;

  /**
   * For images of one data set; as {@link #GenomeCodec(SearchSpace, Task, Catalogue)}.
   *
   * @param input height, width and channels of an image
   */
  public GenomeCodec(SearchSpace space, Shape input, int classes, Catalogue catalogue) {
    this(space, new Task.ImageClassification(input, classes), catalogue);
  }

  /**
   * For one data set.
   *
   * @throws IllegalArgumentException if the space names blocks or layouts that there are not, or
   *     that are not for the task
   */
  public GenomeCodec(SearchSpace space, Task task, Catalogue catalogue) {
    this(space, task, catalogue, List.of());
  }

  private GenomeCodec(
      SearchSpace space, Task task, Catalogue catalogue, List<List<Integer>> start) {
    this.start = start;
    this.space = space;
    this.task = task;
    this.admission = new Admission(task, catalogue);
    this.catalogue = catalogue;
    mixers = blocks(space.mixers(), Role.TOKEN_MIXER);
    channelMixers = blocks(space.channelMixers(), Role.CHANNEL_MIXER);
    require(space.norms(), Role.NORM);
    require(space.positions(), Role.POSITION);
    MacroGenes macro = space.macro();
    require(macro.stems().stream().filter(stem -> !stem.equals(BY_STRIDE)).toList(), Role.STEM);
    require(macro.heads(), Role.HEAD);
    require(macro.prefixMixers(), Role.TOKEN_MIXER);
    for (String layout : space.layouts()) {
      if (!Blueprint.LAYOUTS.contains(layout)) {
        throw new IllegalArgumentException(
            "No layout '%s'; known are %s".formatted(layout, Blueprint.LAYOUTS));
      }
    }
    admission.require(space);
    heads = admission.heads(macro);
    patches = patches(space, task);
    genes = describeGenes();
  }

  /** The strides that fit an image; a sequence is taken element by element. */
  private static List<Integer> patches(SearchSpace space, Task task) {
    if (task.sequence().isPresent()) {
      return List.of(1);
    }
    Shape input = task.input();
    int side = Math.min(input.size(0), input.size(1));
    List<Integer> fitting = space.patches().stream().filter(patch -> patch <= side).toList();
    if (fitting.isEmpty()) {
      throw new IllegalArgumentException(
          "No patch of %s fits images of %s".formatted(space.patches(), input));
    }
    return fitting;
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
  public List<List<Integer>> priors() {
    var priors = new ArrayList<>(start);
    if (space.macro().priors()) {
      Priors.of(space, genes).stream().map(this::canonical).forEach(priors::add);
    }
    return priors.stream().distinct().toList();
  }

  /** Networks drawn evenly from the space, without end; a seed always gives the same. */
  public Stream<Architecture> draws(long seed) {
    var random = new SplittableRandom(seed);
    return Stream.generate(
        () -> decode(RandomRegistry.with(random).call(() -> encoding().newInstance())));
  }

  /** The same space, where the networks likest to some are tried before all others. */
  public GenomeCodec startingWith(List<Architecture> networks) {
    return new GenomeCodec(
        space, task, catalogue, networks.stream().map(this::likest).distinct().toList());
  }

  @Override
  public String identity(List<Integer> alleles) {
    return ArchitectureJson.id(decode(alleles));
  }

  @Override
  public List<Integer> canonical(List<Integer> alleles) {
    var reader = new Reader(alleles);
    var _ = blueprint(reader);
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

  /**
   * Genes whose network is likest to another: that very network, if the space holds it.
   *
   * <p>One gene after the other takes the choice that makes the network likest, until none can be
   * bettered.
   */
  public List<Integer> likest(Architecture wanted) {
    Architecture fitted = wanted.forTask(task);
    String id = ArchitectureJson.id(fitted);
    List<Integer> best = List.of();
    double greatest = -1;
    for (int layout = 0; layout < space.layouts().size(); layout++) {
      var alleles = new ArrayList<>(Collections.nCopies(genes.size(), 0));
      alleles.set(0, layout);
      double likeness = climb(alleles, fitted);
      if (ArchitectureJson.id(decode(alleles)).equals(id)) {
        return canonical(alleles);
      }
      if (likeness > greatest) {
        greatest = likeness;
        best = alleles;
      }
    }
    return canonical(best);
  }

  /** Genes that act on nothing are left as they are: another choice would be the same network. */
  private double climb(List<Integer> alleles, Architecture wanted) {
    Map<String, Object> features = ArchitectureFeatures.of(wanted);
    var reader = new Reader(alleles);
    double likeness = ArchitectureFeatures.likeness(build(reader), features);
    for (boolean better = true; better; ) {
      better = false;
      for (int gene = 0; gene < genes.size(); gene++) {
        if (!reader.acted(gene)) {
          continue;
        }
        int kept = alleles.get(gene);
        for (int choice = 0; choice < genes.get(gene).choices(); choice++) {
          if (choice == kept) {
            continue;
          }
          alleles.set(gene, choice);
          var tried = new Reader(alleles);
          double found = ArchitectureFeatures.likeness(build(tried), features);
          if (found > likeness) {
            likeness = found;
            kept = choice;
            reader = tried;
            better = true;
          }
        }
        alleles.set(gene, kept);
      }
    }
    return likeness;
  }

  /** The network of some genes in few words. */
  public Blueprint blueprint(List<Integer> alleles) {
    return blueprint(new Reader(alleles));
  }

  private Architecture build(Reader reader) {
    return blueprint(reader).expand(task);
  }

  private Blueprint blueprint(Reader reader) {
    String layout = reader.of(space.layouts());
    int patch = patches.get(reader.next(patches.size()));
    int width = reader.of(space.widths());
    int depth = space.minDepth() + reader.next();
    Choice norm = Choice.of(reader.of(space.norms()));
    Choice position = Choice.of(reader.of(space.positions()));
    MacroGenes macro = space.macro();
    String stem = reader.macro(macro.stems(), !layout.equals(SIXTEENTH));
    String multipliers = reader.macro(macro.multipliers(), Blueprint.staged(layout));
    String head = reader.macro(heads, true);
    String ratio = reader.macro(macro.ratios(), true);
    String placement = reader.macro(macro.placements(), ratio.contains(":"));
    int prefix = Math.min(depth, reader.macro(macro.prefixes(), true));
    String prefixMixer = reader.macro(macro.prefixMixers(), prefix > 0);
    int loops = reader.macro(macro.loops(), layout.equals("looped"));
    int recursions = reader.macro(macro.recursions(), layout.equals("sliced_recursion"));
    String reduction = reader.macro(macro.reductions(), !Blueprint.staged(layout));
    String gate = reader.macro(macro.gates(), true);
    double layerScale = reader.macro(macro.layerScales(), true);
    var segments = new ArrayList<Blueprint.Segment>();
    for (int segment = 0; segment < SEGMENTS; segment++) {
      reader.segment();
      Choice mixer = reader.block(mixers);
      Choice channel = reader.block(channelMixers);
      segments.add(new Blueprint.Segment(mixer, Optional.of(channel), norm));
    }
    List<Double> widths = Blueprint.multipliers(multipliers);
    List<Integer> depths =
        Blueprint.staged(layout)
            ? stages(layout, layout.equals(SIXTEENTH) ? 16 : stride(stem, patch), widths, depth)
            : List.of(depth);
    int used = Blueprint.staged(layout) ? depths.size() : Math.min(SEGMENTS, depth);
    reader.used(used);
    return new Blueprint(
        layout,
        layout.equals(SIXTEENTH)
            ? Choice.of("conv16_stem")
            : admission.stem().map(Choice::of).orElseGet(() -> stem(stem, patch)),
        width,
        widths,
        depths,
        segments.subList(0, used),
        position,
        Choice.of(layout.equals(SIXTEENTH) ? "shvit_merge" : "patch_merge"),
        Choice.of(head),
        ratio,
        placement,
        prefix,
        Choice.of(prefixMixer),
        loops,
        recursions,
        gate,
        reduction,
        layerScale);
  }

  private Choice stem(String id, int patch) {
    return id.equals(BY_STRIDE) ? stem(patch) : with(id, patch);
  }

  /** A stem with its stride or patch as wanted, if it has such a knob; else as it is. */
  private Choice with(String id, int patch) {
    for (String knob : List.of("stride", "patch")) {
      boolean fits =
          block(id, Role.STEM).knobs().stream()
              .filter(each -> each.name().equals(knob))
              .anyMatch(each -> each.bounds().isEmpty() ? each.choices().contains(patch) : true);
      if (fits) {
        return with(id, Role.STEM, knob, patch);
      }
    }
    return Choice.of(id);
  }

  /** Pixels from one token to the next. */
  private int stride(String stem, int patch) {
    Shape tokens =
        catalogue
            .stem(stem(stem, patch).id())
            .embed(Tensor.input("image", task.input()), 8, stem(stem, patch).setting())
            .shape();
    return Math.max(1, Math.ceilDiv(task.input().size(0), tokens.size(0)));
  }

  /** Convolutions where their strides allow, else patches. */
  private Choice stem(int stride) {
    return STEM_STRIDES.contains(stride)
        ? with("conv_stem", Role.STEM, "stride", stride)
        : with("patch_embed", Role.STEM, "patch", stride);
  }

  private Choice with(String id, Role role, String knob, int value) {
    Block block = block(id, role);
    var values = new TreeMap<String, Object>();
    values.put(knob, value);
    return new Choice(id, Setting.of(block.knobs(), values));
  }

  /** As many stages as the grid, the depth and the multipliers allow; the grid halves. */
  private List<Integer> stages(String layout, int patch, List<Double> widths, int depth) {
    int most = Math.min(layout.equals(SIXTEENTH) ? 3 : SEGMENTS, widths.size());
    Shape input = task.input();
    int side = Math.ceilDiv(Math.min(input.size(0), input.size(1)), patch);
    int stages = 1;
    while (stages < Math.min(most, depth) && Math.ceilDiv(side, 1 << stages) >= SMALLEST_GRID) {
      stages++;
    }
    var result = new ArrayList<Integer>();
    for (int i = 0; i < stages; i++) {
      result.add((i + 1) * depth / stages - i * depth / stages);
    }
    return result;
  }

  private List<Gene> describeGenes() {
    var list = new ArrayList<Gene>();
    list.add(new Gene("layout", space.layouts().size(), false));
    int strides = task.sequence().isPresent() ? patches.size() : space.patches().size();
    list.add(new Gene("patch", strides, true));
    list.add(new Gene("width", space.widths().size(), true));
    list.add(new Gene("depth", space.maxDepth() - space.minDepth() + 1, true));
    list.add(new Gene("norm", space.norms().size(), false));
    list.add(new Gene("position", space.positions().size(), false));
    MacroGenes macro = space.macro();
    addMacro(list, "stem", macro.stems(), false);
    addMacro(list, "multipliers", macro.multipliers(), false);
    addMacro(list, "head", heads, false);
    addMacro(list, "ratio", macro.ratios(), true);
    addMacro(list, "placement", macro.placements(), false);
    addMacro(list, "prefix", macro.prefixes(), true);
    addMacro(list, "prefix mixer", macro.prefixMixers(), false);
    addMacro(list, "loops", macro.loops(), true);
    addMacro(list, "recursions", macro.recursions(), true);
    addMacro(list, "reduction", macro.reductions(), false);
    addMacro(list, "gate", macro.gates(), false);
    addMacro(list, "layer scale", macro.layerScales(), true);
    for (int segment = 1; segment <= SEGMENTS; segment++) {
      addBlocks(list, "mixer " + segment, mixers);
      addBlocks(list, "channels " + segment, channelMixers);
    }
    return List.copyOf(list);
  }

  /** A gene only where there is a choice, so that plans without keep their genes. */
  private static void addMacro(List<Gene> list, String name, List<?> allowed, boolean ordinal) {
    if (allowed.size() > 1) {
      list.add(new Gene(name, allowed.size(), ordinal));
    }
  }

  private static void addBlocks(List<Gene> list, String name, List<Block> blocks) {
    list.add(new Gene(name, blocks.size(), false));
    for (Block block : blocks) {
      for (Knob<?> knob : block.knobs()) {
        list.add(
            new Gene(
                "%s %s.%s".formatted(name, block.id(), knob.name()),
                knob.choices().size(),
                knob.ordinal()));
      }
    }
  }

  private Block block(String id, Role role) {
    return catalogue.all(role).stream()
        .filter(block -> block.id().equals(id))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "No %s '%s'; known are %s"
                        .formatted(
                            role.text(),
                            id,
                            catalogue.all(role).stream().map(Block::id).toList())));
  }

  private List<Block> blocks(List<String> ids, Role role) {
    return ids.stream().map(id -> block(id, role)).toList();
  }

  private void require(List<String> ids, Role role) {
    var _ = blocks(ids, role);
  }

  /** Takes genes one after the other, and remembers which of them acted. */
  private final class Reader {
    private final List<Integer> alleles;
    private final List<Integer> acting;
    private final List<Integer> segments = new ArrayList<>();
    private final BitSet acted = new BitSet();
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
      acted.set(at);
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
        acted.clear(segments.get(count), acting.size());
      }
    }

    /** Whether another choice of a gene would be another network. */
    boolean acted(int gene) {
      return acted.get(gene);
    }

    List<Integer> acting() {
      return List.copyOf(acting);
    }

    <T> T of(List<T> choices) {
      return choices.get(next());
    }

    /** A gene that is there only where there is a choice, and acts only where told. */
    <T> T macro(List<T> choices, boolean acts) {
      if (choices.size() == 1) {
        return choices.getFirst();
      }
      if (acts) {
        return of(choices);
      }
      skipped();
      return choices.getFirst();
    }

    Choice block(List<Block> blocks) {
      Block chosen = of(blocks);
      Choice choice = Choice.of(chosen.id());
      for (Block block : blocks) {
        for (Knob<?> knob : block.knobs()) {
          if (block.equals(chosen)) {
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
