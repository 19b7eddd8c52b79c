package blockfront.search.space;

import blockfront.blocks.catalogue.Catalogue;
import blockfront.blocks.network.Sequence;
import blockfront.blocks.network.Task;
import blockfront.blocks.spi.Block;
import blockfront.blocks.spi.Head;
import blockfront.blocks.spi.Role;
import blockfront.blocks.spi.Traits;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Which blocks and layouts a network for a task can be made of. */
public final class Admission {

  private static final List<String> WITHOUT_FULL = List.of("off", "all_linear");

  private static final String ONCE = "only once";
  private static final String AT_EACH = "at each token";

  private final Task task;
  private final Catalogue catalogue;

  public Admission(Task task, Catalogue catalogue) {
    this.task = task;
    this.catalogue = catalogue;
  }

  /** Why a block cannot be used, if it cannot; a sentence without an end. */
  public Optional<String> refusal(Block block) {
    Traits traits = block.traits();
    boolean sequence = task.sequence().isPresent();
    if (task.causal() && traits.causality() == Traits.Causality.NEVER) {
      return Optional.of(
          "Block '%s' lets tokens see later ones, which the task forbids".formatted(block.id()));
    }
    if (sequence && traits.layout() == Traits.Layout.GRID) {
      return Optional.of(
          "Block '%s' needs tokens on a grid, the task has a sequence".formatted(block.id()));
    }
    if (block.role() == Role.STEM && !block.id().equals(stem().orElse(block.id()))) {
      return Optional.of(
          "Stem '%s' is not for %s, use '%s'"
              .formatted(block.id(), task.text(), stem().orElse("")));
    }
    if (!sequence && block.role() == Role.STEM && traits.layout() == Traits.Layout.SEQUENCE) {
      return Optional.of("Stem '%s' needs a sequence, the task has images".formatted(block.id()));
    }
    boolean each = task instanceof Task.TokenPrediction;
    if (block instanceof Head head && head.answersEachToken() != each) {
      return Optional.of(
          "Head '%s' answers %s, the task wants an answer %s"
              .formatted(block.id(), each ? ONCE : AT_EACH, each ? AT_EACH : ONCE));
    }
    return Optional.empty();
  }

  public boolean admits(Block block) {
    return refusal(block).isEmpty();
  }

  /** Why a layout of {@link Blueprint#LAYOUTS} cannot be used, if it cannot. */
  public Optional<String> refusalOfLayout(String layout) {
    if (task.sequence().isPresent() && Blueprint.staged(layout)) {
      return Optional.of("Layout '%s' needs images, the task has a sequence".formatted(layout));
    }
    Optional<Block> block =
        switch (layout) {
          case "fit", "sliced_recursion" -> catalogue.find(layout);
          default -> Optional.empty();
        };
    return block.flatMap(this::refusal);
  }

  /**
   * Checks all that a space holds.
   *
   * @throws IllegalArgumentException if something in it cannot be used, saying what and why
   */
  void require(SearchSpace space) {
    var refusals = new ArrayList<String>();
    space.layouts().forEach(layout -> refusalOfLayout(layout).ifPresent(refusals::add));
    MacroGenes macro = space.macro();
    var ids = new ArrayList<String>();
    ids.addAll(space.mixers());
    ids.addAll(space.channelMixers());
    ids.addAll(space.norms());
    ids.addAll(space.positions());
    ids.addAll(macro.stems());
    ids.addAll(heads(macro));
    if (macro.prefixes().stream().anyMatch(prefix -> prefix > 0)) {
      ids.addAll(macro.prefixMixers());
    }
    if (!WITHOUT_FULL.containsAll(macro.ratios())) {
      ids.add("softmax_mha");
    }
    if (task.sequence().isPresent() && macro.reductions().contains("pool")) {
      refusals.add("Reduction 'pool' needs images, the task has a sequence");
    }
    for (String id : ids) {
      catalogue.find(id).flatMap(this::refusal).ifPresent(refusals::add);
    }
    if (!refusals.isEmpty()) {
      throw new IllegalArgumentException(String.join("; ", refusals.stream().distinct().toList()));
    }
  }

  /** The one stem that is for a task, unless there are several. */
  public Optional<String> stem() {
    return task.sequence()
        .map(
            sequence ->
                switch (sequence) {
                  case Sequence.Tokens _ -> "token_embedding";
                  case Sequence.Vectors _ -> "vector_embedding";
                });
  }

  /** The head of a network of which nothing else is said. */
  public String usualHead() {
    return heads(MacroGenes.NONE).getFirst();
  }

  /** The heads to try: those of the plan, or the usual one if the plan leaves it open. */
  List<String> heads(MacroGenes macro) {
    boolean open = macro.heads().equals(MacroGenes.NONE.heads());
    return switch (task) {
      case Task.ImageClassification _, Task.SequenceClassification _ -> macro.heads();
      case Task.TokenPrediction _ -> open ? List.of("each_token") : macro.heads();
      case Task.InContextRegression _ -> open ? List.of("last_token") : macro.heads();
    };
  }
}
