package blockfront.search.study;

import blockfront.search.trial.FinalRun;
import blockfront.search.trial.Outcome;
import blockfront.search.trial.Provenance;
import blockfront.search.trial.Trial;
import blockfront.search.trial.TrialId;
import blockfront.search.trial.TrialRunner;
import blockfront.search.trial.TrialSpec;
import blockfront.search.trial.TrialState;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The final trainings that wait or run. Belongs to the studies' thread. */
final class FinalTrainings {

  private static final Logger LOG = LoggerFactory.getLogger(FinalTrainings.class);

  private final StudyEnvironment at;
  private final Deque<Job> waiting = new ArrayDeque<>();
  private final Map<Job, TrialRunner.Run> running = new LinkedHashMap<>();

  /** One that waits or runs. */
  private record Job(TrialId trial, FinalRun run, int attempt) {

    boolean last() {
      return attempt == TrialState.ATTEMPTS;
    }

    Job again() {
      return new Job(trial, run, attempt + 1);
    }
  }

  FinalTrainings(StudyEnvironment environment) {
    this.at = environment;
  }

  /** Lets runs of a network wait for slots. */
  void add(TrialId trial, List<FinalRun> runs) {
    runs.forEach(run -> waiting.add(new Job(trial, run, 1)));
    at.events().publish(new StudyEvent.TrialChanged(trial));
  }

  /** Goes on with those that the process ended before. */
  void recover() {
    for (TrialId trial : at.store().openFinals()) {
      add(
          trial,
          at.store().finals(trial).runs().stream().filter(run -> run.outcome().isEmpty()).toList());
    }
  }

  /** Ends those of a network. */
  void cancel(TrialId trial) {
    for (Job job : List.copyOf(waiting)) {
      if (job.trial().equals(trial)) {
        waiting.remove(job);
        finish(job, new Outcome.Cancelled());
      }
    }
    running.forEach(
        (job, run) -> {
          if (job.trial().equals(trial)) {
            run.cancel();
          }
        });
    at.events().publish(new StudyEvent.TrialChanged(trial));
  }

  /** Begins those that wait while slots are free and the runner takes them. */
  void fill() {
    boolean taken = true;
    while (taken && at.slots().free() && !waiting.isEmpty()) {
      taken = begin(waiting.removeFirst());
    }
  }

  private boolean begin(Job job) {
    Optional<Trial> trial = at.store().trial(job.trial());
    Optional<Study> study = at.store().study(job.trial().study());
    if (trial.isEmpty() || study.isEmpty()) {
      return true; // deleted since
    }
    TrialSpec spec =
        new TrialSpec(
                job.trial(),
                job.attempt(),
                trial.get().architecture(),
                study.get().plan().data(),
                job.run().recipe(),
                job.run().seed(),
                Optional.of(at.weights().of(job.trial(), job.run().number())))
            .on(trial.get().provenance().map(Provenance::dataHash).filter(hash -> !hash.isEmpty()));
    try {
      running.put(job, at.slots().start(spec, _ -> {}, how -> ended(job, how)));
    } catch (RuntimeException e) {
      LOG.warn("Final training {} of {} is refused", job.run().number(), job.trial(), e);
      again(job, Outcome.Reason.ERROR, "The runner refuses it: " + e.getMessage());
      return false;
    }
    at.events().publish(new StudyEvent.TrialChanged(job.trial()));
    return true;
  }

  private void ended(Job job, TrialRunner.Ended how) {
    running.remove(job);
    switch (how) {
      case TrialRunner.Ended.With(Outcome outcome, var provenance) ->
          at.store().finishFinal(job.trial(), job.run().number(), outcome, Optional.of(provenance));
      case TrialRunner.Ended.WorkerLost(String detail) -> {
        LOG.warn("Final training {} of {}: {}", job.run().number(), job.trial(), detail);
        again(job, Outcome.Reason.WORKER_LOST, detail);
      }
    }
    if (at.store().study(job.trial().study()).isEmpty()) {
      at.weights().delete(job.trial().study());
    }
    at.events().publish(new StudyEvent.TrialChanged(job.trial()));
  }

  /** Waits for another attempt, or has failed if that was the last. */
  private void again(Job job, Outcome.Reason reason, String detail) {
    if (job.last()) {
      finish(job, new Outcome.Failed(reason, detail));
      at.events().publish(new StudyEvent.TrialChanged(job.trial()));
    } else {
      waiting.addFirst(job.again());
    }
  }

  private void finish(Job job, Outcome outcome) {
    at.store().finishFinal(job.trial(), job.run().number(), outcome, Optional.empty());
  }
}
