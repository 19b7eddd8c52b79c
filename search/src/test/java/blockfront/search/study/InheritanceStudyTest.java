package blockfront.search.study;

import static org.assertj.core.api.Assertions.assertThat;

import blockfront.blocks.catalogue.Catalogue;
import blockfront.blocks.graph.Shape;
import blockfront.blocks.network.Architecture;
import blockfront.blocks.network.Task;
import blockfront.search.space.Genome.Gene;
import blockfront.search.space.GenomeCodec;
import blockfront.search.space.SearchSpace;
import blockfront.search.strategy.SuccessiveHalving;
import blockfront.search.study.ScriptedRunner.ScriptedRun;
import blockfront.search.trial.Outcome;
import blockfront.search.trial.Parent;
import blockfront.search.trial.Recipe;
import blockfront.search.trial.Trial;
import blockfront.search.trial.TrialSpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Which network each inherits its weights from. */
@Timeout(120)
class InheritanceStudyTest {

  private static final Catalogue CATALOGUE = Catalogue.load();

  @TempDir private Path weights;

  private final MemoryStudyStore store = new MemoryStudyStore();
  private final List<LocalStudyService> services = new ArrayList<>();

  @AfterEach
  void closeServices() {
    services.forEach(LocalStudyService::close);
  }

  @Test
  void theParentIsTheLikestOfThoseThatWereTrainedBefore() throws Exception {
    var specs = new ArrayList<TrialSpec>();
    long study =
        run(
            plan(InitialWeights.INHERITED),
            run -> {
              specs.add(run.spec());
              end(run);
            });

    List<Trial> trials = store.trials(study);
    assertThat(specs).hasSize(30);
    assertThat(specs.getFirst().parent()).isEmpty();
    int inherited = 0;
    for (TrialSpec spec : specs) {
      List<Integer> own = genes(spec.architecture());
      double least =
          trials.stream()
              .filter(each -> each.id().number() < spec.id().number())
              .filter(each -> each.measurement().isPresent())
              .mapToDouble(each -> distance(own, genes(each.architecture())))
              .min()
              .orElse(Double.NaN);
      if (spec.parent().isPresent()) {
        Parent parent = spec.parent().get();
        Trial from = trials.get(parent.trial() - 1);
        assertThat(from.measurement()).as("%s trained", parent).isPresent();
        assertThat(distance(own, genes(from.architecture()))).as("%s", parent).isEqualTo(least);
        assertThat(parent.weights())
            .isEqualTo(new WeightFiles(weights.toAbsolutePath()).of(from.id()));
        inherited++;
      }
    }
    assertThat(inherited).isEqualTo(29);
  }

  @Test
  void aTrialThatTheProcessDiedWithInheritsFromTheSame() throws Exception {
    var specs = new ArrayList<TrialSpec>();
    long whole =
        run(
            plan(InitialWeights.INHERITED),
            run -> {
              specs.add(run.spec());
              end(run);
            });
    assertThat(store.trials(whole)).hasSize(30);

    var dying = new CountDownLatch(1);
    var service =
        service(
            run -> {
              if (run.spec().id().number() < 20) {
                end(run);
              } else {
                dying.countDown(); // and nothing more comes of it
              }
            });
    long study = service.start(plan(InitialWeights.INHERITED)).id();
    assertThat(dying.await(60, TimeUnit.SECONDS)).isTrue();
    var later = new ArrayList<TrialSpec>();
    LocalStudyService heir =
        service(
            run -> {
              later.add(run.spec());
              end(run);
            });
    awaitEnd(heir, study, heir::recover);

    assertThat(later.stream().map(InheritanceStudyTest::parent))
        .containsExactlyElementsOf(
            specs.subList(19, 30).stream().map(InheritanceStudyTest::parent).toList());
  }

  /** What was ended where it waited is a parent, and still is after the process died. */
  @Test
  void whatIsCancelledAtItsRungIsAParent() throws Exception {
    StudyPlan plan =
        plan(InitialWeights.INHERITED).withHalving(Optional.of(new SuccessiveHalving(2, 3, 0.5)));
    var begun = new LinkedBlockingQueue<ScriptedRun>();
    LocalStudyService service = service(begun::add);
    service.start(plan);
    ScriptedRun first = next(begun);
    write(first);
    first.trainTo(0.5);
    ScriptedRun second = next(begun);
    service.cancel(first.spec().id());
    second.trainTo(0.1); // so that it is not trained on
    ScriptedRun third = next(begun);
    assertThat(third.spec().id().number()).isEqualTo(3);
    assertThat(parent(third.spec())).isEqualTo("3 from 1");

    // no close: this is what a kill leaves
    var again = new LinkedBlockingQueue<ScriptedRun>();
    service(again::add).recover();
    assertThat(parent(next(again).spec())).isEqualTo("3 from 1");
  }

  private static ScriptedRun next(BlockingQueue<ScriptedRun> begun) throws InterruptedException {
    return Optional.ofNullable(begun.poll(30, TimeUnit.SECONDS)).orElseThrow();
  }

  @Test
  void withoutTheOptionEveryTrainingBeginsFromScratch() throws Exception {
    var specs = new ArrayList<TrialSpec>();
    run(
        plan(InitialWeights.DRAWN),
        run -> {
          specs.add(run.spec());
          end(run);
        });

    assertThat(specs).hasSize(30).allSatisfy(spec -> assertThat(spec.parent()).isEmpty());
  }

  @Test
  void theOptionIsWrittenAndRead() {
    StudyPlan plan = plan(InitialWeights.INHERITED);
    assertThat(StudyPlanJson.write(plan)).contains("\"inheritWeights\" : true");
    assertThat(StudyPlanJson.read(StudyPlanJson.write(plan))).isEqualTo(plan);
    assertThat(StudyPlanJson.write(plan(InitialWeights.DRAWN))).doesNotContain("inheritWeights");
  }

  private static String parent(TrialSpec spec) {
    return spec.id().number() + " from " + spec.parent().map(Parent::trial).orElse(0);
  }

  /** Writes weights as a worker would; some trainings fail. */
  private static void end(ScriptedRun run) {
    if (run.spec().id().number() % 7 == 3) {
      run.end(new Outcome.Failed(Outcome.Reason.DIVERGED, "Loss is NaN"));
      return;
    }
    write(run);
    run.train();
  }

  private static void write(ScriptedRun run) {
    try {
      Path file = run.spec().weights().orElseThrow();
      Files.createDirectories(file.resolveSibling("."));
      Files.writeString(file, "weights");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<Integer> genes(Architecture architecture) {
    return codec().likest(architecture);
  }

  /** The gene's own arithmetic, once more. */
  private static double distance(List<Integer> one, List<Integer> other) {
    double sum = 0;
    List<Gene> genes = codec().genes();
    for (int g = 0; g < genes.size(); g++) {
      double apart = Math.abs(one.get(g) - other.get(g));
      sum +=
          genes.get(g).ordinal()
              ? apart / Math.max(1, genes.get(g).choices() - 1)
              : apart == 0 ? 0 : 1;
    }
    return sum;
  }

  private long run(StudyPlan plan, Consumer<ScriptedRun> script) throws Exception {
    LocalStudyService service = service(script);
    var id = new long[1];
    awaitEnd(service, 0, () -> id[0] = service.start(plan).id());
    return id[0];
  }

  private void awaitEnd(LocalStudyService service, long study, Runnable begin) throws Exception {
    var ended = new CountDownLatch(1);
    try (var _ =
        service.subscribe(
            event -> {
              boolean over =
                  store.study(event.study()).filter(now -> now.state().ended()).isPresent();
              if (over && (study == 0 || study == event.study())) {
                ended.countDown();
              }
            })) {
      begin.run();
      assertThat(ended.await(60, TimeUnit.SECONDS)).isTrue();
    }
  }

  private LocalStudyService service(Consumer<ScriptedRun> script) {
    var service =
        new LocalStudyService(
            store, new ScriptedRunner(1, script), CATALOGUE, weights, new SettableClock());
    services.add(service);
    return service;
  }

  private static GenomeCodec codec() {
    return new GenomeCodec(space(), new Task.ImageClassification(Shape.of(8, 8, 1), 10), CATALOGUE);
  }

  private static StudyPlan plan(InitialWeights initial) {
    return new StudyPlan(
            "A study",
            "digits",
            space(),
            Recipe.STANDARD,
            Budget.ofTrials(30),
            Limits.NONE,
            "nsga2-async",
            5)
        .withInitialWeights(initial);
  }

  private static SearchSpace space() {
    return new SearchSpace(
        List.of("isotropic"),
        List.of("pool_mixer", "dwconv", "identity_mixer", "token_mlp"),
        List.of("mlp"),
        List.of("layer_norm"),
        List.of("no_position"),
        List.of(4),
        List.of(8, 16, 32),
        1,
        3);
  }
}
