package blockfront.search.study;

import static org.assertj.core.api.Assertions.assertThat;

import blockfront.blocks.catalogue.Catalogue;
import blockfront.blocks.graph.Shape;
import blockfront.blocks.network.Task;
import blockfront.search.space.GenomeCodec;
import blockfront.search.space.SearchSpace;
import blockfront.search.strategy.SearchStrategy;
import blockfront.search.strategy.Strategies;
import blockfront.search.study.ScriptedRunner.ScriptedRun;
import blockfront.search.trial.Recipe;
import blockfront.search.trial.Trial;
import blockfront.search.trial.TrialId;
import blockfront.search.trial.TrialState;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** That a strategy which thinks holds up no worker. */
@Timeout(60)
class StudyLoopTest {

  private static final Catalogue CATALOGUE = Catalogue.load();

  @TempDir private Path weights;

  private final MemoryStudyStore store = new MemoryStudyStore();
  private final StudyThread thread = new StudyThread();
  private final TrialClock clock = new SettableClock().ofTrials();
  private final List<StudyLoop> loops = new ArrayList<>();

  @AfterEach
  void close() {
    thread.close();
  }

  @Test
  void aStrategyThatThinksDelaysNoOtherStudy() throws Exception {
    ScriptedRunner runner = ScriptedRunner.byHand(2);
    var permits = new Semaphore(0);
    long thinking = begin(runner, new Thinking(Strategies.RANDOM, permits, false));
    long other = begin(runner, new Thinking(Strategies.RANDOM, new Semaphore(1_000), false));

    assertThat(runner.next().spec().id()).isEqualTo(new TrialId(other, 1));
    assertThat(store.trials(thinking)).isEmpty();

    permits.release();
    runner.next(); // of whichever study was asked first
    permits.release(1_000);
  }

  @Test
  void whatTakesLongToThinkOfIsThoughtOfWhileWorkersAreBusy() throws Exception {
    ScriptedRunner runner = ScriptedRunner.byHand(1);
    var permits = new Semaphore(2);
    var strategy = new Thinking(Strategies.NSGA2_ASYNC, permits, true);
    long study = begin(runner, strategy);
    ScriptedRun first = runner.next();
    assertThat(strategy.answered.await(30, TimeUnit.SECONDS)).isTrue();

    first.train(); // there is no permit left to think
    ScriptedRun second = runner.next();

    assertThat(second.spec().id()).isEqualTo(new TrialId(study, 2));
    permits.release(1_000);
    second.train();
    runner.next().train();
    runner.next();
    onThread(() -> loops.forEach(StudyLoop::putBack));
    // what was thought of ahead was not told of the first network, and is not when replayed
    Trial one = store.trials(study).getFirst();
    assertThat(((TrialState.Finished) one.state()).at())
        .isAfter(store.trials(study).get(1).created());
    GenomeCodec codec = codec();
    StudyPlan plan = store.study(study).orElseThrow().plan();
    var again = new AskTell(plan, Strategies.NSGA2_ASYNC.start(codec, plan.seed()));
    onThread(
        () ->
            assertThat(
                    Recovery.of(
                            environment(ScriptedRunner.byHand(1)),
                            store.study(study).orElseThrow(),
                            "data",
                            codec,
                            again)
                        .id())
                .isEqualTo(study));
  }

  @Test
  void aRefusalIsToldBeforeWhatEndedMeanwhileAndReplayedSo() throws Exception {
    List<Candidate> cheapestFirst = candidates();
    Candidate dearest = cheapestFirst.getLast();
    List<Candidate> order = new ArrayList<>(cheapestFirst.subList(0, 2));
    order.add(dearest);
    order.addAll(cheapestFirst.subList(2, 4));
    var limits = new Limits(Optional.of(dearest.cost().multiplyAdds() - 1), Optional.empty());
    var permits = new Semaphore(2);
    var strategy = new Written(order, permits);
    ScriptedRunner runner = ScriptedRunner.byHand(2);
    long study = begin(runner, strategy, limits);
    ScriptedRun first = runner.next();
    runner.next();
    assertThat(strategy.thirdAsked.await(30, TimeUnit.SECONDS)).isTrue();

    first.train();
    onThread(
        () ->
            assertThat(store.trials(study).getFirst().state())
                .isInstanceOf(TrialState.Finished.class));
    permits.release(1_000);
    runner.next();
    onThread(() -> loops.forEach(StudyLoop::putBack));

    List<String> expected =
        List.of("ask 0", "ask 1", "ask 2", "tell 2 Failed", "tell 0 Measured", "ask 3");
    assertThat(strategy.calls).startsWith(expected.toArray(String[]::new));
    var again = new Written(order, new Semaphore(1_000));
    Study kept = store.study(study).orElseThrow();
    onThread(
        () ->
            assertThat(
                    Recovery.of(
                            environment(ScriptedRunner.byHand(2)),
                            kept,
                            "data",
                            codec(),
                            new AskTell(kept.plan(), again))
                        .id())
                .isEqualTo(study));
    assertThat(again.calls).isEqualTo(expected);
  }

  /** Some networks of the space, of which the last costs more than all others. */
  private static List<Candidate> candidates() {
    SearchStrategy random = Strategies.RANDOM.start(codec(), 5);
    return IntStream.range(0, 20)
        .mapToObj(_ -> random.ask().orElseThrow())
        .map(made -> Candidate.of(made, Instant.EPOCH, codec(), CATALOGUE, Limits.NONE))
        .sorted(Comparator.comparingLong(candidate -> candidate.cost().multiplyAdds()))
        .toList();
  }

  /** Proposes what is written, each with a permit, and writes down what it is asked and told. */
  private static final class Written implements SearchStrategy {
    private final List<Candidate> order;
    private final Semaphore permits;
    private int asked;
    final List<String> calls = new CopyOnWriteArrayList<>();
    final CountDownLatch thirdAsked = new CountDownLatch(3);

    Written(List<Candidate> order, Semaphore permits) {
      this.order = order;
      this.permits = permits;
    }

    @Override
    public Optional<Proposal> ask() {
      if (exhausted()) {
        return Optional.empty();
      }
      int index = asked++;
      calls.add("ask " + index);
      thirdAsked.countDown();
      permits.acquireUninterruptibly();
      return Optional.of(new Proposal(index, order.get(index).proposal().genes()));
    }

    @Override
    public void tell(Proposal proposal, Result result) {
      calls.add("tell %d %s".formatted(proposal.askIndex(), result.getClass().getSimpleName()));
    }

    @Override
    public void revise(Proposal proposal, Result result) {
      calls.add("revise " + proposal.askIndex());
    }

    @Override
    public void drop(Proposal proposal) {
      calls.add("drop " + proposal.askIndex());
    }

    @Override
    public boolean exhausted() {
      return asked == order.size();
    }

    @Override
    public boolean slow() {
      return true;
    }

    @Override
    public long duplicates() {
      return 0;
    }
  }

  @Test
  void aStrategyThatFailsEndsItsStudyWithItsWords() throws Exception {
    var failing =
        new Thinking(Strategies.RANDOM, new Semaphore(1_000), false) {
          @Override
          public Optional<Proposal> ask() {
            throw new IllegalStateException("no idea");
          }
        };
    var failure = new CountDownLatch(1);
    long study = begin(ScriptedRunner.byHand(1), failing);
    for (boolean failed = false; !failed; ) {
      var seen = new boolean[1];
      onThread(
          () -> {
            try {
              loops.getFirst().step();
            } catch (IllegalStateException e) {
              assertThat(e).hasMessage("no idea");
              failure.countDown();
              seen[0] = true;
            }
          });
      failed = seen[0];
    }
    assertThat(failure.getCount()).isZero();
    assertThat(store.trials(study)).isEmpty();
  }

  /** Answers only with a permit. */
  private static class Thinking implements SearchStrategy {
    private final SearchStrategy strategy;
    private final Semaphore permits;
    private final boolean slow;
    final CountDownLatch answered = new CountDownLatch(2);

    Thinking(Strategies strategy, Semaphore permits, boolean slow) {
      this.strategy = strategy.start(codec(), 5);
      this.permits = permits;
      this.slow = slow;
    }

    @Override
    public Optional<Proposal> ask() {
      permits.acquireUninterruptibly();
      Optional<Proposal> answer = strategy.ask();
      answered.countDown();
      return answer;
    }

    @Override
    public void tell(Proposal proposal, Result result) {
      strategy.tell(proposal, result);
    }

    @Override
    public void revise(Proposal proposal, Result result) {
      strategy.revise(proposal, result);
    }

    @Override
    public void drop(Proposal proposal) {
      strategy.drop(proposal);
    }

    @Override
    public boolean exhausted() {
      return strategy.exhausted();
    }

    @Override
    public boolean slow() {
      return slow;
    }

    @Override
    public long duplicates() {
      return strategy.duplicates();
    }
  }

  private long begin(ScriptedRunner runner, SearchStrategy strategy) throws Exception {
    return begin(runner, strategy, Limits.NONE);
  }

  private long begin(ScriptedRunner runner, SearchStrategy strategy, Limits limits)
      throws Exception {
    StudyPlan plan =
        new StudyPlan(
            "A study",
            "digits",
            space(),
            Recipe.STANDARD,
            Budget.ofTrials(40),
            limits,
            "random",
            5);
    Study study = store.create(plan, clock.instant());
    StudyEnvironment environment = environment(runner);
    onThread(
        () -> {
          var loop =
              new StudyLoop(
                  environment, study, "data", codec(), new AskTell(plan, strategy), List.of());
          loop.begin();
          loops.add(loop);
          step();
        });
    return study.id();
  }

  private StudyEnvironment environment(ScriptedRunner runner) {
    return new StudyEnvironment(
        store,
        thread,
        new Slots(runner, thread, this::step),
        this::step,
        CATALOGUE,
        new WeightFiles(weights),
        clock,
        new StudyEvents());
  }

  private void step() {
    boolean progress = true;
    while (progress) {
      progress = false;
      for (StudyLoop loop : loops) {
        progress |= loop.step();
      }
    }
  }

  private void onThread(Runnable work) throws Exception {
    var done = new CountDownLatch(1);
    var failed = new ArrayList<Throwable>();
    thread.run(
        () -> {
          try {
            work.run();
          } catch (RuntimeException | AssertionError e) {
            failed.add(e);
          } finally {
            done.countDown();
          }
        });
    assertThat(done.await(30, TimeUnit.SECONDS)).isTrue();
    assertThat(failed).isEmpty();
  }

  private static GenomeCodec codec() {
    return new GenomeCodec(space(), new Task.ImageClassification(Shape.of(8, 8, 1), 10), CATALOGUE);
  }

  private static SearchSpace space() {
    return new SearchSpace(
        List.of("isotropic"),
        List.of("pool_mixer", "dwconv", "identity_mixer", "token_mlp"),
        List.of("mlp"),
        List.of("layer_norm"),
        List.of("no_position"),
        List.of(4),
        List.of(8, 16),
        1,
        2);
  }
}
