package blockfront.search.study;

import blockfront.search.space.ArchitectureJson;
import blockfront.search.space.GenomeCodec;
import blockfront.search.strategy.SearchStrategy.Proposal;
import blockfront.search.trial.Trial;
import blockfront.search.trial.TrialId;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * A study under way: one step after the other, from the budget to a network to a training. Belongs
 * to the studies' thread.
 */
final class StudyLoop {

  /** A study ends when so many proposals in a row were refused. */
  private static final int REFUSALS = 500;

  private final StudyEnvironment at;
  private final Study study;
  private final GenomeCodec codec;
  private final AskTell strategy;
  private final Parents parents;
  private final TrialRuns runs;
  private final Map<String, Imported> known = new HashMap<>();
  private long duplicates;
  private boolean paused;
  private boolean ended;
  private int counted;
  private int refusals;
  private String lastRefusal = "";
  private long accounted; // as the clock's nanoseconds
  private final ExecutorService thinking;
  private boolean asking;
  private boolean exhausted;
  private boolean slow;
  private Optional<Candidate> ready = Optional.empty();
  private Optional<RuntimeException> failure = Optional.empty();

  /**
   * At its beginning.
   *
   * @param dataHash what its data is from now on
   * @param known what need not be trained
   */
  StudyLoop(
      StudyEnvironment environment,
      Study study,
      String dataHash,
      GenomeCodec codec,
      AskTell strategy,
      List<Imported> known) {
    this.at = environment;
    this.study = study;
    this.codec = codec;
    this.strategy = strategy;
    this.parents = new Parents(codec.genes(), environment.weights());
    this.runs = new TrialRuns(environment, study, dataHash, strategy, parents);
    this.accounted = environment.clock().nanoTime();
    this.thinking =
        Executors.newSingleThreadExecutor(
            Thread.ofPlatform().daemon().name("strategy of study " + study.id()).factory());
    this.paused = study.state() == StudyState.PAUSED;
    known.forEach(each -> this.known.put(ArchitectureJson.id(each.architecture()), each));
  }

  /** From now on it asks for networks of its own accord, and its strategy thinks elsewhere. */
  void begin() {
    strategy.thinkOn(
        work -> {
          if (!thinking.isShutdown()) { // or nobody asks any more
            thinking.execute(() -> think(work));
          }
        });
  }

  private void think(Runnable work) {
    try {
      work.run();
    } catch (RuntimeException e) {
      at.thread()
          .run(
              () -> {
                failure = Optional.of(e);
                at.wake().run();
              });
    }
  }

  long id() {
    return study.id();
  }

  boolean ended() {
    return ended;
  }

  /** One trial more, if the study wants one and a slot is free; ends it if nothing is left. */
  boolean step() {
    if (failure.isPresent()) {
      throw failure.get();
    }
    runs.keepEnds();
    if (ended || paused) {
      return false;
    }
    if (!at.slots().free()) {
      askAhead();
      return false;
    }
    Optional<Trial> waiting = runs.next();
    if (waiting.isPresent()) {
      runs.begin(waiting.get());
      return true;
    }
    Optional<String> late = timeUsed();
    if (late.isPresent()) {
      finishIfIdle(late.get());
      return false;
    }
    Optional<Trial> promoted =
        strategy.ladder().flatMap(Ladder::promoted).flatMap(at.store()::trial);
    if (promoted.isPresent()) {
      runs.begin(promoted.get());
      return true;
    }
    if (ready.isPresent()) {
      Candidate next = ready.get();
      ready = Optional.empty();
      begin(next);
      return true;
    }
    Optional<String> over = trialsUsed().or(this::refusedTooOften);
    if (over.isPresent()) {
      finishIfIdle(over.get());
    } else if (exhausted) {
      finishIfIdle("The space has no other networks");
    } else {
      ask();
    }
    return false;
  }

  /** While all slots are busy, a strategy that takes its time thinks of what comes next. */
  private void askAhead() {
    if (slow && ready.isEmpty() && !exhausted && trialsUsed().or(this::refusedTooOften).isEmpty()) {
      ask();
    }
  }

  /**
   * Asks for one network; the time of asking says later what the strategy had been told by then.
   */
  private void ask() {
    if (asking) {
      return;
    }
    asking = true;
    Instant now = at.clock().now();
    Limits limits = study.plan().limits();
    strategy.ask(
        answer -> {
          Optional<Candidate> candidate =
              answer.proposal().map(made -> Candidate.of(made, now, codec, at.catalogue(), limits));
          candidate
              .filter(made -> made.refusal().isPresent())
              .ifPresent(made -> strategy.refused(made.proposal()));
          at.thread().run(() -> answered(answer, candidate));
        });
  }

  private void answered(AskTell.Answer answer, Optional<Candidate> candidate) {
    asking = false;
    if (ended) {
      return;
    }
    exhausted = answer.exhausted();
    slow = answer.slow();
    if (answer.duplicates() > duplicates) {
      duplicates = answer.duplicates();
      at.store().duplicates(id(), duplicates);
    }
    candidate.ifPresent(
        made -> {
          if (made.refusal().isPresent()) {
            refuse(made, made.refusal().get());
          } else {
            ready = candidate;
          }
        });
    if (candidate.isPresent() || exhausted) {
      at.wake().run(); // else there is nothing to do until more is told
    }
  }

  private void refuse(Candidate candidate, String reason) {
    Trial refused =
        at.store()
            .refuse(
                id(),
                candidate.id(),
                candidate.architecture(),
                candidate.cost(),
                candidate.proposal().askIndex(),
                reason,
                candidate.asked());
    at.events().publish(new StudyEvent.TrialChanged(refused.id()));
    refused(reason);
  }

  private void begin(Candidate candidate) {
    Trial trial =
        at.store()
            .enqueue(
                id(),
                candidate.id(),
                candidate.architecture(),
                candidate.cost(),
                candidate.proposal().askIndex(),
                candidate.repairs(),
                candidate.asked());
    tried(candidate.proposal(), trial.id());
    Imported imported = known.get(candidate.id());
    if (imported != null && tells(imported, candidate)) {
      runs.take(trial, imported);
    } else {
      runs.begin(trial);
    }
  }

  /** Whether it was measured in all that the study asks for. */
  private boolean tells(Imported imported, Candidate candidate) {
    return study.plan().aims().values(imported.measurement(), candidate.cost()).isPresent();
  }

  /** A proposal was refused before training, and the strategy told. */
  void refused(String reason) {
    refusals++;
    lastRefusal = reason;
  }

  /** A proposal became a trial. */
  void tried(Proposal proposal, TrialId trial) {
    refusals = 0;
    counted++;
    strategy.tried(proposal, trial);
    if (study.plan().initialWeights() == InitialWeights.INHERITED) {
      parents.tried(trial, codec.canonical(proposal.genes()));
    }
  }

  /** A trial of before has ended. */
  void ended(Trial trial) {
    parents.ended(trial);
  }

  /** A trial of before waits for its next attempt. */
  void waits(Trial trial) {
    strategy.ladder().ifPresent(ladder -> ladder.settled(trial.id()));
    runs.add(trial);
  }

  void pause() {
    if (!paused) {
      account();
      paused = true;
      move(StudyState.PAUSED, "Paused; trials under way are finished");
    }
  }

  void resume() {
    if (paused) {
      paused = false;
      accounted = at.clock().nanoTime();
      move(StudyState.RUNNING, "");
    }
  }

  void cancel(TrialId trial) {
    runs.cancel(trial);
  }

  void end(StudyState state, String message) {
    account();
    ended = true;
    thinking.shutdown();
    runs.end();
    move(state, message);
  }

  /** The process ends and the study goes on in another. */
  void putBack() {
    account();
    thinking.shutdown();
    runs.putBack();
  }

  /** Adds the time since the last look, without the machine's sleep, to a study that searches. */
  void account() {
    long now = at.clock().nanoTime();
    Duration passed = Duration.ofNanos(now - accounted);
    if (!paused && passed.isPositive()) {
      at.store().searched(id(), passed);
    }
    accounted = now;
  }

  private void move(StudyState state, String message) {
    at.store().move(id(), state, message);
    at.events().publish(new StudyEvent.StudyChanged(id()));
  }

  private void finishIfIdle(String message) {
    if (runs.idle()) {
      end(StudyState.FINISHED, message);
    }
  }

  private Optional<String> trialsUsed() {
    return study
        .plan()
        .budget()
        .trials()
        .filter(trials -> counted >= trials)
        .map("All %d trials are done"::formatted);
  }

  private Optional<String> timeUsed() {
    Duration searched = at.store().study(id()).map(Study::searched).orElse(Duration.ZERO);
    return study
        .plan()
        .budget()
        .time()
        .filter(time -> searched.compareTo(time) >= 0)
        .map(time -> "The time of %s is used".formatted(words(time)));
  }

  private Optional<String> refusedTooOften() {
    return refusals < REFUSALS
        ? Optional.empty()
        : Optional.of("The last %d networks were refused: %s".formatted(REFUSALS, lastRefusal));
  }

  private static String words(Duration time) {
    return time.equals(Duration.ofMinutes(time.toMinutes()))
        ? "%d minutes".formatted(time.toMinutes())
        : "%s seconds".formatted(time.toMillis() / 1000.0);
  }
}
