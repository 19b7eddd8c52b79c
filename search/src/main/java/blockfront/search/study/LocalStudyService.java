package blockfront.search.study;

import blockfront.blocks.catalogue.Catalogue;
import blockfront.search.data.DataException;
import blockfront.search.data.DataSet;
import blockfront.search.data.DataSets;
import blockfront.search.space.GenomeCodec;
import blockfront.search.strategy.Strategies;
import blockfront.search.trial.FinalRun;
import blockfront.search.trial.Trial;
import blockfront.search.trial.TrialId;
import blockfront.search.trial.TrialRunner;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Drives studies over one runner, from one thread of its own: strategies, slots and the life of
 * trials belong to it alone.
 */
public final class LocalStudyService implements StudyService {

  private static final Logger LOG = LoggerFactory.getLogger(LocalStudyService.class);

  private final StudyStore store;
  private final TrialRunner runner;
  private final Catalogue catalogue;
  private final StudyEvents events = new StudyEvents();
  private final StudyThread thread = new StudyThread();
  private final Slots slots;
  private final StudyEnvironment environment;

  // all below belong to the thread
  private final SequencedMap<Long, StudyLoop> studies = new LinkedHashMap<>();
  private final FinalTrainings finals;
  private boolean closed;

  /**
   * Takes over the runner, and closes it in the end.
   *
   * @param weights folder for the trained weights, see {@link WeightFiles}
   */
  public LocalStudyService(
      StudyStore store, TrialRunner runner, Catalogue catalogue, Path weights, Clock clock) {
    this(store, runner, catalogue, weights, new TrialClock(clock, System::nanoTime));
  }

  LocalStudyService(
      StudyStore store, TrialRunner runner, Catalogue catalogue, Path weights, TrialClock clock) {
    this.store = store;
    this.runner = runner;
    this.catalogue = catalogue;
    this.slots = new Slots(runner, thread, this::schedule);
    this.environment =
        new StudyEnvironment(
            store,
            thread,
            slots,
            this::schedule,
            catalogue,
            new WeightFiles(weights.toAbsolutePath()),
            clock,
            events);
    this.finals = new FinalTrainings(environment);
    thread.repeat(this::schedule, Duration.ofSeconds(1));
  }

  @Override
  public Study start(StudyPlan plan, List<Imported> known) {
    Strategies strategy = Strategies.named(plan.strategy());
    DataSet data = data(plan);
    SpaceProbe.refusal(plan.space(), plan.limits(), data.task(), catalogue)
        .ifPresent(
            why -> {
              throw new IllegalArgumentException(why);
            });
    GenomeCodec codec = codec(plan, data);
    var started = new AskTell(plan, strategy.start(codec, plan.seed()));
    Study study = store.create(plan, known, environment.clock().instant());
    thread.run(
        () -> {
          var loop = new StudyLoop(environment, study, data.hash(), codec, started, known);
          loop.begin();
          studies.put(study.id(), loop);
          events.publish(new StudyEvent.StudyChanged(study.id()));
          schedule();
        });
    return study;
  }

  @Override
  public void pause(long study) {
    with(study, StudyLoop::pause);
  }

  @Override
  public void resume(long study) {
    with(
        study,
        loop -> {
          loop.resume();
          schedule();
        });
  }

  @Override
  public void stop(long study) {
    with(study, loop -> end(loop, StudyState.STOPPED, "Stopped by a person"));
  }

  @Override
  public void cancel(TrialId trial) {
    with(trial.study(), loop -> loop.cancel(trial));
  }

  @Override
  public void trainFinal(TrialId id, FinalPlan plan) {
    Trial trial =
        store.trial(id).orElseThrow(() -> new IllegalArgumentException("No network " + id));
    if (trial.measurement().isEmpty()) {
      throw new IllegalArgumentException(
          "Network %s cannot be trained to the end: it is %s".formatted(id, trial.status()));
    }
    if (!store.finals(id).ended()) {
      throw new IllegalArgumentException("Network %s is being trained to the end".formatted(id));
    }
    Study study = store.study(id.study()).orElseThrow();
    int before = store.finals(id).runs().size();
    List<FinalRun> runs =
        store.addFinals(id, plan.seedsAfter(before), plan.recipe(study.plan().recipe()));
    thread.run(
        () -> {
          finals.add(id, runs);
          schedule();
        });
  }

  @Override
  public void cancelFinal(TrialId id) {
    thread.run(() -> finals.cancel(id));
  }

  @Override
  public void recover() {
    thread.run(
        () -> {
          finals.recover();
          for (Study study : store.studies().reversed()) {
            if (!study.state().ended() && !studies.containsKey(study.id())) {
              recover(study);
            }
          }
          schedule();
        });
  }

  @Override
  public boolean delete(long study) {
    boolean deleted = store.delete(study);
    if (deleted) {
      environment.weights().delete(study);
      events.publish(new StudyEvent.StudyChanged(study));
    }
    return deleted;
  }

  @Override
  public Subscription subscribe(Consumer<StudyEvent> listener) {
    return events.subscribe(listener);
  }

  @Override
  public void close() {
    thread.run(
        () -> {
          closed = true;
          slots.close();
          studies.values().forEach(StudyLoop::putBack);
        });
    thread.close();
    runner.close();
  }

  // ---- on the thread

  /**
   * Fills free slots; ends studies that have nothing left to do. Whoever began a trial is asked
   * last from then on, so that no study leaves the others without slots.
   */
  private void schedule() {
    if (closed) {
      return;
    }
    studies.values().forEach(StudyLoop::account);
    finals.fill(); // somebody waits for these
    boolean progress = true;
    while (progress) {
      progress = false;
      for (StudyLoop loop : List.copyOf(studies.values())) {
        if (step(loop)) {
          studies.putLast(loop.id(), loop);
          progress = true;
        }
      }
    }
  }

  private boolean step(StudyLoop loop) {
    try {
      boolean progress = loop.step();
      if (loop.ended()) {
        studies.remove(loop.id());
      }
      return progress;
    } catch (RuntimeException e) {
      LOG.error("Study {} fails", loop.id(), e);
      end(loop, StudyState.FAILED, "Cannot go on: " + e);
      return false;
    }
  }

  private void end(StudyLoop loop, StudyState state, String message) {
    studies.remove(loop.id());
    loop.end(state, message);
  }

  private void recover(Study study) {
    try {
      StudyPlan plan = study.plan();
      DataSet data = data(plan);
      GenomeCodec codec = codec(plan, data);
      var strategy = new AskTell(plan, Strategies.named(plan.strategy()).start(codec, plan.seed()));
      StudyLoop loop = Recovery.of(environment, study, data.hash(), codec, strategy);
      loop.begin();
      studies.put(study.id(), loop);
      events.publish(new StudyEvent.StudyChanged(study.id()));
    } catch (RuntimeException e) {
      LOG.warn("Study {} cannot go on", study.id(), e);
      endTrials(study.id());
      store.move(study.id(), StudyState.FAILED, "Cannot go on: " + e.getMessage());
      events.publish(new StudyEvent.StudyChanged(study.id()));
    }
  }

  /** As far as they can be read: a study fails without them, and the others go on. */
  private void endTrials(long study) {
    try {
      OpenTrials.endAll(environment, study, Optional.empty());
    } catch (RuntimeException e) {
      LOG.warn("Trials of study {} stay open", study, e);
    }
  }

  /** Does something with a study, if it is under way. */
  private void with(long study, Consumer<StudyLoop> work) {
    thread.run(() -> Optional.ofNullable(studies.get(study)).ifPresent(work));
  }

  // ---- on any thread

  private GenomeCodec codec(StudyPlan plan, DataSet data) {
    return new GenomeCodec(plan.space(), data.task(), catalogue).startingWith(plan.start());
  }

  private static DataSet data(StudyPlan plan) {
    try {
      return DataSets.load(plan.data());
    } catch (DataException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }
}
