package blockfront.search.study;

import blockfront.blocks.cost.Cost;
import blockfront.blocks.network.Architecture;
import blockfront.search.trial.Deployment;
import blockfront.search.trial.Epoch;
import blockfront.search.trial.FinalRun;
import blockfront.search.trial.FinalTraining;
import blockfront.search.trial.Inspection;
import blockfront.search.trial.Measurement;
import blockfront.search.trial.Outcome;
import blockfront.search.trial.Provenance;
import blockfront.search.trial.Recipe;
import blockfront.search.trial.Rung;
import blockfront.search.trial.Trial;
import blockfront.search.trial.TrialId;
import blockfront.search.trial.TrialState;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Stream;

/** Remembers studies for as long as the process lives: what the command line searches with. */
public final class MemoryStudyStore implements StudyStore {

  private final SortedMap<Long, Kept> studies = new TreeMap<>();
  private long lastStudy;

  /** A study and its trials; guarded by the store's lock. */
  private static final class Kept {
    Study study;
    final List<Imported> known;
    final SortedMap<Integer, Trial> trials = new TreeMap<>();
    final SortedMap<Integer, Measurement> atRungs = new TreeMap<>();
    final SortedMap<Integer, List<Epoch>> epochs = new TreeMap<>();
    final SortedMap<Integer, List<FinalRun>> finals = new TreeMap<>();
    final SortedMap<Integer, Inspection> inspections = new TreeMap<>();

    Kept(Study study, List<Imported> known) {
      this.study = study;
      this.known = List.copyOf(known);
    }
  }

  @Override
  public synchronized Study create(StudyPlan plan, List<Imported> known, Instant now) {
    long id = ++lastStudy;
    Study study = new Study(id, plan, StudyState.RUNNING, "", now, Duration.ZERO, 0);
    studies.put(id, new Kept(study, known));
    return study;
  }

  @Override
  public synchronized List<Imported> imported(long study) {
    return kept(study).map(kept -> kept.known).orElse(List.of());
  }

  @Override
  public synchronized Optional<Study> study(long id) {
    return kept(id).map(kept -> kept.study);
  }

  @Override
  public synchronized List<Study> studies() {
    return studies.values().stream().map(kept -> kept.study).toList().reversed();
  }

  @Override
  public synchronized boolean move(long study, StudyState to, String message) {
    return kept(study)
        .filter(kept -> !kept.study.state().ended())
        .map(
            kept -> {
              Study was = kept.study;
              kept.study =
                  new Study(
                      was.id(),
                      was.plan(),
                      to,
                      message,
                      was.created(),
                      was.searched(),
                      was.duplicates());
              return true;
            })
        .orElse(false);
  }

  @Override
  public synchronized void searched(long study, Duration more) {
    kept(study)
        .ifPresent(
            kept -> {
              Study was = kept.study;
              kept.study =
                  new Study(
                      was.id(),
                      was.plan(),
                      was.state(),
                      was.message(),
                      was.created(),
                      was.searched().plus(more),
                      was.duplicates());
            });
  }

  @Override
  public synchronized void duplicates(long study, long count) {
    kept(study)
        .ifPresent(
            kept -> {
              Study was = kept.study;
              kept.study =
                  new Study(
                      was.id(),
                      was.plan(),
                      was.state(),
                      was.message(),
                      was.created(),
                      was.searched(),
                      count);
            });
  }

  @Override
  public synchronized boolean delete(long study) {
    return kept(study)
        .filter(kept -> kept.study.state().ended())
        .map(kept -> studies.remove(study) != null)
        .orElse(false);
  }

  @Override
  public synchronized Trial enqueue(
      long study,
      String architectureId,
      Architecture architecture,
      Cost cost,
      long askIndex,
      List<String> repairs,
      Instant now) {
    return add(
        study,
        architectureId,
        architecture,
        cost,
        askIndex,
        repairs,
        now,
        new TrialState.Queued(1));
  }

  @Override
  public synchronized Trial refuse(
      long study,
      String architectureId,
      Architecture architecture,
      Cost cost,
      long askIndex,
      String reason,
      Instant now) {
    return add(
        study,
        architectureId,
        architecture,
        cost,
        askIndex,
        List.of(),
        now,
        new TrialState.Finished(1, new Outcome.Failed(Outcome.Reason.REFUSED, reason), now));
  }

  @Override
  public synchronized boolean start(TrialId trial, int attempt, String worker, Instant now) {
    boolean changed =
        change(
            trial,
            state ->
                switch (state) {
                  case TrialState.Queued queued when queued.attempt() == attempt ->
                      Optional.of(queued.startedBy(worker, now));
                  case TrialState.Paused paused when paused.attempt() == attempt ->
                      Optional.of(paused.startedBy(worker, now));
                  case TrialState.Queued _,
                      TrialState.Running _,
                      TrialState.Paused _,
                      TrialState.Finished _ ->
                      Optional.empty();
                },
            Optional.empty());
    if (changed) {
      kept(trial.study()).ifPresent(kept -> kept.inspections.remove(trial.number()));
    }
    return changed;
  }

  @Override
  public synchronized boolean pause(
      TrialId trial, int attempt, Measurement measurement, Rung rung, Provenance provenance) {
    boolean changed =
        change(
            trial,
            state ->
                state instanceof TrialState.Running running && running.attempt() == attempt
                    ? Optional.of(new TrialState.Paused(attempt, measurement, rung.at()))
                    : Optional.empty(),
            Optional.of(provenance));
    if (changed) {
      Trial paused = trial(trial).orElseThrow();
      var rungs = new ArrayList<>(paused.rungs());
      rungs.add(rung);
      Kept kept = kept(trial.study()).orElseThrow();
      kept.trials.put(trial.number(), paused.in(paused.state(), rungs, paused.provenance()));
      kept.atRungs.put(trial.number(), measurement);
    }
    return changed;
  }

  @Override
  public synchronized boolean epoch(TrialId trial, int attempt, Epoch epoch) {
    Optional<Kept> kept = kept(trial.study());
    boolean running =
        trial(trial)
            .filter(
                found ->
                    found.state() instanceof TrialState.Running state && state.attempt() == attempt)
            .isPresent();
    if (running) {
      kept.orElseThrow()
          .epochs
          .computeIfAbsent(trial.number(), number -> new ArrayList<>())
          .add(epoch);
    }
    return running;
  }

  @Override
  public synchronized boolean finish(
      TrialId trial, int attempt, Outcome outcome, Optional<Provenance> provenance, Instant now) {
    return change(
        trial,
        state ->
            switch (state) {
              case TrialState.Queued queued when queued.attempt() == attempt ->
                  Optional.of(new TrialState.Finished(attempt, outcome, now));
              case TrialState.Running running when running.attempt() == attempt ->
                  Optional.of(running.ended(outcome, now));
              case TrialState.Paused paused when paused.attempt() == attempt ->
                  Optional.of(new TrialState.Finished(attempt, outcome, now));
              case TrialState.Queued _,
                  TrialState.Running _,
                  TrialState.Paused _,
                  TrialState.Finished _ ->
                  Optional.empty();
            },
        provenance);
  }

  @Override
  public synchronized boolean workerLost(TrialId trial, int attempt, Instant now) {
    boolean changed =
        change(
            trial,
            state ->
                state instanceof TrialState.Running running && running.attempt() == attempt
                    ? Optional.of(running.workerLost(now))
                    : Optional.empty(),
            Optional.empty());
    return changed && forgetEpochs(trial);
  }

  @Override
  public synchronized boolean requeue(TrialId trial, int attempt) {
    boolean changed =
        change(
            trial,
            state ->
                state instanceof TrialState.Running running && running.attempt() == attempt
                    ? Optional.of(new TrialState.Queued(attempt))
                    : Optional.empty(),
            Optional.empty());
    return changed && forgetEpochs(trial);
  }

  @Override
  public synchronized Optional<Trial> trial(TrialId trial) {
    return kept(trial.study())
        .flatMap(kept -> Optional.ofNullable(kept.trials.get(trial.number())));
  }

  @Override
  public synchronized Optional<Measurement> atRung(TrialId id) {
    return trial(id)
        .filter(trial -> trial.outcome().isEmpty())
        .flatMap(_ -> kept(id.study()))
        .flatMap(kept -> Optional.ofNullable(kept.atRungs.get(id.number())));
  }

  @Override
  public synchronized List<Trial> trials(long study) {
    return kept(study).map(kept -> List.copyOf(kept.trials.values())).orElse(List.of());
  }

  @Override
  public synchronized List<Epoch> epochs(TrialId trial) {
    return kept(trial.study())
        .map(kept -> List.copyOf(kept.epochs.getOrDefault(trial.number(), List.of())))
        .orElse(List.of());
  }

  @Override
  public synchronized boolean deploy(TrialId id, int epochs, Deployment deployment) {
    Optional<Trial> trial = trial(id).filter(found -> isTrained(found, epochs));
    trial.ifPresent(
        found ->
            kept(id.study()).orElseThrow().trials.put(id.number(), found.deployed(deployment)));
    return trial.isPresent();
  }

  @Override
  public synchronized boolean inspect(TrialId id, int epochs, Inspection inspection) {
    boolean trained = trial(id).filter(found -> isTrained(found, epochs)).isPresent();
    if (trained) {
      kept(id.study()).orElseThrow().inspections.put(id.number(), inspection);
    }
    return trained;
  }

  private static boolean isTrained(Trial trial, int epochs) {
    return trial.measurement().filter(shown -> shown.epochs() == epochs).isPresent();
  }

  @Override
  public synchronized Optional<Inspection> inspection(TrialId id) {
    return kept(id.study()).flatMap(kept -> Optional.ofNullable(kept.inspections.get(id.number())));
  }

  @Override
  public synchronized FinalTraining finals(TrialId trial) {
    return new FinalTraining(
        kept(trial.study())
            .map(kept -> kept.finals.getOrDefault(trial.number(), List.of()))
            .orElse(List.of()));
  }

  @Override
  public synchronized List<TrialId> openFinals() {
    return studies.values().stream()
        .flatMap(
            kept ->
                kept.finals.keySet().stream().map(number -> new TrialId(kept.study.id(), number)))
        .filter(trial -> !finals(trial).ended())
        .toList();
  }

  @Override
  public synchronized List<FinalRun> addFinals(TrialId id, List<Long> seeds, Recipe recipe) {
    var _ = trial(id).orElseThrow(() -> new IllegalArgumentException("No trial " + id));
    List<FinalRun> runs =
        kept(id.study()).orElseThrow().finals.computeIfAbsent(id.number(), _ -> new ArrayList<>());
    int before = runs.size();
    for (long seed : seeds) {
      runs.add(FinalRun.queued(runs.size() + 1, seed, recipe));
    }
    return List.copyOf(runs.subList(before, runs.size()));
  }

  @Override
  public synchronized boolean finishFinal(
      TrialId id, int run, Outcome outcome, Optional<Provenance> provenance) {
    return change(
        id,
        run,
        found ->
            found.outcome().isPresent()
                ? Optional.empty()
                : Optional.of(found.ended(outcome, provenance)));
  }

  @Override
  public synchronized boolean deployFinal(TrialId id, int run, Deployment deployment) {
    return change(
        id,
        run,
        found ->
            found.measurement().isEmpty()
                ? Optional.empty()
                : Optional.of(found.deployed(deployment)));
  }

  private boolean change(TrialId id, int number, Function<FinalRun, Optional<FinalRun>> change) {
    List<FinalRun> runs =
        kept(id.study())
            .map(kept -> kept.finals.getOrDefault(id.number(), List.of()))
            .orElse(List.of());
    if (number < 1 || number > runs.size()) {
      return false;
    }
    Optional<FinalRun> changed = change.apply(runs.get(number - 1));
    changed.ifPresent(run -> runs.set(number - 1, run));
    return changed.isPresent();
  }

  @Override
  public synchronized List<Leaderboard.Row> leaderboard(
      Leaderboard.Query query, int offset, int limit) {
    return rows(query).sorted(order(query)).skip(offset).limit(limit).toList();
  }

  @Override
  public synchronized int leaderboardSize(Leaderboard.Query query) {
    return Math.toIntExact(rows(query).count());
  }

  private Stream<Leaderboard.Row> rows(Leaderboard.Query query) {
    return studies.values().stream()
        .flatMap(
            kept -> kept.trials.values().stream().flatMap(trial -> row(kept.study, trial).stream()))
        .filter(row -> row.metric() == query.metric())
        .filter(row -> query.data().map(row.data()::equals).orElse(true))
        .filter(
            row ->
                query.maxMultiplyAdds().map(most -> row.cost().multiplyAdds() <= most).orElse(true))
        .filter(row -> query.text().map(text -> contains(row, text)).orElse(true));
  }

  private static boolean contains(Leaderboard.Row row, String text) {
    String all = row.study() + "\n" + row.architectureId() + "\n" + row.mixers();
    return all.toLowerCase(Locale.ROOT).contains(text.toLowerCase(Locale.ROOT));
  }

  private Optional<Leaderboard.Row> row(Study study, Trial trial) {
    return trial
        .measurement()
        .map(
            (Measurement measurement) ->
                new Leaderboard.Row(
                    trial.id(),
                    study.plan().name(),
                    study.plan().data(),
                    trial.architectureId(),
                    Leaderboard.mixers(trial.architecture()),
                    measurement.metric(),
                    measurement.validationScore(),
                    trial.cost(),
                    measurement.stateBytes(),
                    inspection(trial.id()).map(Inspection::activity),
                    measurement.seconds(),
                    trial.deployment().map(Deployment::drop),
                    finals(trial.id()).test()));
  }

  private static Comparator<Leaderboard.Row> order(Leaderboard.Query query) {
    Comparator<Leaderboard.Row> order =
        switch (query.order()) {
          case VALIDATION_SCORE -> Comparator.comparingDouble(Leaderboard.Row::validationScore);
          case MULTIPLY_ADDS -> Comparator.comparingLong(row -> row.cost().multiplyAdds());
          case PARAMETERS -> Comparator.comparingLong(row -> row.cost().parameters());
          case SECONDS -> Comparator.comparingDouble(Leaderboard.Row::seconds);
          case STUDY -> Comparator.comparing(Leaderboard.Row::study);
          case TRIAL -> byTrial();
        };
    return (query.descending() ? order.reversed() : order).thenComparing(byTrial());
  }

  private static Comparator<Leaderboard.Row> byTrial() {
    return Comparator.comparingLong((Leaderboard.Row row) -> row.trial().study())
        .thenComparingInt(row -> row.trial().number());
  }

  private Trial add(
      long study,
      String architectureId,
      Architecture architecture,
      Cost cost,
      long askIndex,
      List<String> repairs,
      Instant now,
      TrialState state) {
    Kept kept = kept(study).orElseThrow(() -> new IllegalArgumentException("No study " + study));
    int number = kept.trials.isEmpty() ? 1 : kept.trials.lastKey() + 1;
    Trial trial =
        new Trial(
            new TrialId(study, number),
            architectureId,
            architecture,
            cost,
            askIndex,
            repairs,
            now,
            state,
            List.of(),
            Optional.empty(),
            Optional.empty());
    kept.trials.put(number, trial);
    return trial;
  }

  private boolean change(
      TrialId id,
      Function<TrialState, Optional<? extends TrialState>> move,
      Optional<Provenance> provenance) {
    Optional<Trial> was = trial(id);
    Optional<? extends TrialState> to = was.flatMap(trial -> move.apply(trial.state()));
    to.ifPresent(
        state -> {
          Trial trial = was.orElseThrow();
          Trial changed = trial.in(state, trial.rungs(), provenance.or(trial::provenance));
          kept(id.study()).orElseThrow().trials.put(id.number(), changed);
        });
    return to.isPresent();
  }

  private boolean forgetEpochs(TrialId trial) {
    int last = trial(trial).map(Trial::epochsKept).orElse(0);
    kept(trial.study())
        .map(kept -> kept.epochs.get(trial.number()))
        .ifPresent(epochs -> epochs.removeIf(epoch -> epoch.number() > last));
    return true;
  }

  private Optional<Kept> kept(long study) {
    return Optional.ofNullable(studies.get(study));
  }
}
