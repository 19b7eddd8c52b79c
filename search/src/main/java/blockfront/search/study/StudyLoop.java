package blockfront.search.study;

import blockfront.blocks.cost.Cost;
import blockfront.blocks.network.Architecture;
import blockfront.blocks.network.Network;
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
  private final TrialRuns runs;
  private final Map<String, Imported> known = new HashMap<>();
  private long duplicates;
  private boolean paused;
  private boolean ended;
  private int counted;
  private int refusals;
  private String lastRefusal = "";
  private Instant accounted;

  /**
   * At its beginning.
   *
   * @param known what need not be trained
   */
  StudyLoop(
      StudyEnvironment environment,
      Study study,
      GenomeCodec codec,
      AskTell strategy,
      List<Imported> known) {
    this.at = environment;
    this.study = study;
    this.codec = codec;
    this.strategy = strategy;
    this.runs = new TrialRuns(environment, study, strategy);
    this.accounted = environment.clock().instant();
    this.paused = study.state() == StudyState.PAUSED;
    known.forEach(each -> this.known.put(ArchitectureJson.id(each.architecture()), each));
  }

  long id() {
    return study.id();
  }

  boolean ended() {
    return ended;
  }

  /** One trial more, if the study wants one and a slot is free; ends it if nothing is left. */
  boolean step() {
    if (ended || paused || !at.slots().free()) {
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
    Optional<String> over = trialsUsed().or(this::refusedTooOften);
    if (over.isPresent()) {
      finishIfIdle(over.get());
      return false;
    }
    Optional<Proposal> asked = strategy.ask();
    if (strategy.duplicates() > duplicates) {
      duplicates = strategy.duplicates();
      at.store().duplicates(id(), duplicates);
    }
    if (asked.isEmpty()) {
      if (strategy.exhausted()) {
        finishIfIdle("The space has no other networks");
      }
      return false;
    }
    propose(asked.get());
    return true;
  }

  private void propose(Proposal proposal) {
    Architecture architecture = codec.decode(proposal.genes());
    String architectureId = ArchitectureJson.id(architecture);
    Cost cost = new Cost(0, 0, 0, 0, 0, 0);
    Optional<String> refusal;
    List<String> repairs = List.of();
    try {
      Network network = Network.of(architecture, at.catalogue());
      cost = Cost.of(network.logits());
      repairs = network.repairs();
      refusal = study.plan().limits().refusal(cost);
    } catch (IllegalArgumentException e) {
      refusal = Optional.of(String.valueOf(e.getMessage()));
    }
    if (refusal.isPresent()) {
      Trial refused =
          at.store()
              .refuse(
                  id(),
                  architectureId,
                  architecture,
                  cost,
                  proposal.askIndex(),
                  refusal.get(),
                  at.clock().now());
      at.events().publish(new StudyEvent.TrialChanged(refused.id()));
      refused(proposal, refusal.get());
      return;
    }
    Trial trial =
        at.store()
            .enqueue(
                id(),
                architectureId,
                architecture,
                cost,
                proposal.askIndex(),
                repairs,
                at.clock().now());
    tried(proposal, trial.id());
    Imported imported = known.get(architectureId);
    if (imported != null) {
      runs.take(trial, imported);
    } else {
      runs.begin(trial);
    }
  }

  /** A proposal was refused before training. */
  void refused(Proposal proposal, String reason) {
    strategy.refused(proposal);
    refusals++;
    lastRefusal = reason;
  }

  /** A proposal became a trial. */
  void tried(Proposal proposal, TrialId trial) {
    refusals = 0;
    counted++;
    strategy.tried(proposal, trial);
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
      accounted = at.clock().instant();
      move(StudyState.RUNNING, "");
    }
  }

  void cancel(TrialId trial) {
    runs.cancel(trial);
  }

  void end(StudyState state, String message) {
    account();
    ended = true;
    runs.end();
    move(state, message);
  }

  /** The process ends and the study goes on in another. */
  void putBack() {
    account();
    runs.putBack();
  }

  /** Adds the time since the last look to a study that searches. */
  void account() {
    Instant now = at.clock().instant();
    Duration passed = Duration.between(accounted, now);
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
