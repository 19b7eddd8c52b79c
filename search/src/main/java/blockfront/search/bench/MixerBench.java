package blockfront.search.bench;

import blockfront.blocks.catalogue.Catalogue;
import blockfront.blocks.cost.Cost;
import blockfront.blocks.graph.Shape;
import blockfront.blocks.network.Architecture;
import blockfront.blocks.network.Layer;
import blockfront.blocks.network.Network;
import blockfront.blocks.network.Stage;
import blockfront.blocks.network.Task;
import blockfront.blocks.spi.Block;
import blockfront.blocks.spi.Choice;
import blockfront.blocks.spi.Role;
import blockfront.blocks.spi.Traits;
import blockfront.blocks.stem.PatchEmbed;
import blockfront.search.data.DataSet;
import blockfront.search.data.DataSets;
import blockfront.search.space.Admission;
import blockfront.search.trial.Measurement;
import blockfront.search.trial.Outcome;
import blockfront.search.trial.Recipe;
import blockfront.search.trial.TrialId;
import blockfront.search.trial.TrialRunner;
import blockfront.search.trial.TrialSpec;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Every token mixer in the same small isotropic network, trained alike, and on classifications of
 * images a linear classifier beside them.
 *
 * <p>Channel mixers that let tokens meet are among them where layers have no other.
 */
public final class MixerBench {

  /** What the linear classifier is called. */
  public static final String LINEAR = "linear classifier";

  private static final int PATCH = 7;
  private static final int ATTEMPTS = 3;

  private final String name;
  private final DataSet data;
  private final Body body;
  private final Recipe recipe;
  private final long seed;
  private final Catalogue catalogue;

  /**
   * What each mixer is put in.
   *
   * @param width channels
   * @param depth layers
   * @param channel id of the channel mixer of each layer; empty for none
   */
  public record Body(int width, int depth, Optional<String> channel) {

    public static final Body STANDARD = new Body(64, 2, Optional.of("mlp"));

    /** As in "Zoology" (Arora et al., 2023): what recalls is the mixer alone. */
    public static final Body RECALL = new Body(64, 2, Optional.empty());

    /** For people. */
    public String text() {
      return "%d layers of %d channels, %s"
          .formatted(depth, width, channel.map(id -> "channel mixer " + id).orElse("no MLPs"));
    }
  }

  /**
   * A network and how it did.
   *
   * @param name id of the mixer, or {@link #LINEAR}
   * @param mixes how far the mixer's tokens see; empty for the linear classifier
   * @param cost of one example
   */
  public record Row(String name, Optional<Traits.Mixing> mixes, Cost cost, Outcome outcome) {

    /** What was measured, if it was trained to its end. */
    public Optional<Measurement> measurement() {
      return outcome instanceof Outcome.Trained(Measurement measurement)
          ? Optional.of(measurement)
          : Optional.empty();
    }
  }

  private record Candidate(
      String name, Optional<Traits.Mixing> mixes, Architecture architecture, Cost cost) {}

  /**
   * On one data set.
   *
   * @param name of the data set
   * @param seed of each training
   * @throws blockfront.search.data.DataException if there is no such set, or it is broken
   */
  public MixerBench(String name, Body body, Recipe recipe, long seed, Catalogue catalogue) {
    this.name = name;
    this.data = DataSets.load(name);
    this.body = body;
    this.recipe = recipe;
    this.seed = seed;
    this.catalogue = catalogue;
  }

  public DataSet data() {
    return data;
  }

  /**
   * Trains all of them, as many at a time as the runner has slots.
   *
   * @param only ids of mixers; empty for all that the task admits
   * @param done told of each as it ends, in no order
   * @return the best test score first; what was not trained comes last
   * @throws IllegalArgumentException if a mixer is unknown or not for the task
   */
  public List<Row> run(TrialRunner runner, List<String> only, Consumer<Row> done)
      throws InterruptedException {
    List<Candidate> candidates = candidates(only);
    var rows = new ArrayList<Row>();
    try (ExecutorService threads = Executors.newFixedThreadPool(runner.slots())) {
      var futures = new ArrayList<Future<Row>>();
      for (int i = 0; i < candidates.size(); i++) {
        Candidate candidate = candidates.get(i);
        int number = i + 1;
        futures.add(
            threads.submit(
                () -> {
                  Row row = train(runner, candidate, number);
                  done.accept(row);
                  return row;
                }));
      }
      for (Future<Row> future : futures) {
        rows.add(future.get());
      }
    } catch (ExecutionException e) {
      throw new IllegalStateException("A training could not be begun", e);
    }
    rows.sort(Comparator.comparingDouble(MixerBench::error).thenComparing(Row::name));
    return List.copyOf(rows);
  }

  /** Of the test examples; more than any if there is none. */
  private static double error(Row row) {
    return row.measurement()
        .map(measurement -> measurement.metric().error(measurement.testScore()))
        .orElse(2.0);
  }

  /** A lost worker says nothing of the network: it is trained again. */
  private Row train(TrialRunner runner, Candidate candidate, int number) {
    Outcome outcome = train(runner, candidate, number, 1);
    for (int attempt = 2; attempt <= ATTEMPTS && isLost(outcome); attempt++) {
      outcome = train(runner, candidate, number, attempt);
    }
    return new Row(candidate.name(), candidate.mixes(), candidate.cost(), outcome);
  }

  private static boolean isLost(Outcome outcome) {
    return outcome instanceof Outcome.Failed failed
        && failed.reason() == Outcome.Reason.WORKER_LOST;
  }

  private Outcome train(TrialRunner runner, Candidate candidate, int number, int attempt) {
    var spec =
        new TrialSpec(
            new TrialId(1, number),
            attempt,
            candidate.architecture(),
            name,
            recipe,
            seed,
            Optional.empty());
    return switch (runner.start(spec, _ -> {}).ended().join()) {
      case TrialRunner.Ended.With(Outcome ended, var _) -> ended;
      case TrialRunner.Ended.WorkerLost(String detail) ->
          new Outcome.Failed(Outcome.Reason.WORKER_LOST, detail);
    };
  }

  private List<Candidate> candidates(List<String> only) {
    var admission = new Admission(data.task(), catalogue);
    List<Block> mixers = new ArrayList<>();
    if (only.isEmpty()) {
      Stream.concat(
              catalogue.tokenMixers().stream(),
              catalogue.channelMixers().stream()
                  .filter(_ -> body.channel().isEmpty())
                  .filter(block -> block.traits().mixes() != Traits.Mixing.NONE))
          .filter(this::inPlace)
          .filter(admission::admits)
          .forEach(mixers::add);
    }
    for (String id : only) {
      Block mixer =
          catalogue
              .find(id)
              .filter(block -> block.role() == Role.CHANNEL_MIXER)
              .orElseGet(() -> catalogue.tokenMixer(id));
      admission
          .refusal(mixer)
          .ifPresent(
              why -> {
                throw new IllegalArgumentException(why);
              });
      mixers.add(mixer);
    }
    var candidates = new ArrayList<Candidate>();
    for (Block mixer : mixers) {
      candidates.add(candidate(mixer.id(), Optional.of(mixer), network(mixer)));
    }
    linear().ifPresent(network -> candidates.add(candidate(LINEAR, Optional.empty(), network)));
    return candidates;
  }

  /** On images only mixers that know of a grid, or do not care. */
  private boolean inPlace(Block mixer) {
    return data.task().sequence().isPresent() || mixer.traits().layout() != Traits.Layout.SEQUENCE;
  }

  private Candidate candidate(String name, Optional<Block> mixer, Architecture architecture) {
    Cost cost;
    try {
      cost = Cost.of(Network.of(architecture, catalogue).logits());
    } catch (IllegalArgumentException e) {
      // the training says why
      cost = new Cost(0, 0, 0, 0, 0, 0);
    }
    return new Candidate(name, mixer.map(each -> each.traits().mixes()), architecture, cost);
  }

  /** With positions, so that mixers that do not tell places apart are not at a loss. */
  private Architecture network(Block mixer) {
    Optional<Choice> choice = Optional.of(Choice.of(mixer.id()));
    boolean tokens = mixer.role() == Role.TOKEN_MIXER;
    Layer layer =
        new Layer(
            Choice.of("metaformer_block"),
            Choice.of("layer_norm"),
            choice.filter(_ -> tokens),
            tokens ? body.channel().map(Choice::of) : choice,
            0);
    var admission = new Admission(data.task(), catalogue);
    return new Architecture(
        data.task(),
        admission.stem().map(Choice::of).orElseGet(() -> patches(PATCH)),
        Choice.of(data.task().sequence().isPresent() ? "rotary_position" : "learned_position"),
        List.of(
            new Stage(body.width(), Optional.empty(), Collections.nCopies(body.depth(), layer))),
        Choice.of("layer_norm"),
        Choice.of(admission.usualHead()));
  }

  /** One token of the whole image and no norm: two linear maps, one after the other. */
  private Optional<Architecture> linear() {
    if (!(data.task() instanceof Task.ImageClassification(Shape shape, int classes))) {
      return Optional.empty();
    }
    int side = Math.max(shape.size(0), shape.size(1));
    Layer nothing =
        new Layer(
            Choice.of("metaformer_block"),
            Choice.of("no_norm"),
            Optional.empty(),
            Optional.empty(),
            0);
    if (side > PatchEmbed.PATCH.bounds().getLast()) {
      return Optional.empty();
    }
    return Optional.of(
        new Architecture(
            data.task(),
            patches(side),
            Choice.of("no_position"),
            List.of(new Stage(Math.max(body.width(), classes), Optional.empty(), List.of(nothing))),
            Choice.of("no_norm"),
            Choice.of("mean_pool")));
  }

  private static Choice patches(int side) {
    return Choice.of("patch_embed").with(PatchEmbed.PATCH, side);
  }
}
