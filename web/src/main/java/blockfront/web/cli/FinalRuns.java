package blockfront.web.cli;

import blockfront.search.export.Trained;
import blockfront.search.trial.FinalRun;
import blockfront.search.trial.Outcome;
import blockfront.search.trial.Provenance;
import blockfront.search.trial.TrialId;
import blockfront.search.trial.TrialRunner;
import blockfront.search.trial.TrialSpec;
import blockfront.search.trial.TrialState;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntConsumer;

/**
 * Final trainings of a network, as the workbench does them: on the data that the search trained it
 * on, and again if a worker is lost.
 */
final class FinalRuns {

  private final KeptStudy study;
  private final Trained trained;
  private final TrialRunner runner;
  private final IntConsumer told;

  /** One that waits for an attempt. */
  private record Job(FinalRun run, int attempt) {}

  /** One that is under way. */
  private record Begun(Job job, CompletableFuture<TrialRunner.Ended> ended) {}

  /**
   * Of a network.
   *
   * @param told the number of each that has ended and is kept
   */
  FinalRuns(KeptStudy study, Trained trained, TrialRunner runner, IntConsumer told) {
    this.study = study;
    this.trained = trained;
    this.runner = runner;
    this.told = told;
  }

  /** Trains all, as many at a time as there are slots. */
  void train(List<FinalRun> runs) {
    Deque<Job> waiting = new ArrayDeque<>();
    runs.forEach(run -> waiting.addLast(new Job(run, 1)));
    var begun = new ArrayList<Begun>();
    while (!waiting.isEmpty() || !begun.isEmpty()) {
      while (!waiting.isEmpty() && begun.size() < runner.slots()) {
        Job next = waiting.removeFirst();
        begun.add(new Begun(next, runner.start(spec(next), _ -> {}).ended()));
      }
      var ends = begun.stream().map(Begun::ended).toArray(CompletableFuture[]::new);
      var _ = CompletableFuture.anyOf(ends).join();
      List<Begun> over = begun.stream().filter(each -> each.ended().isDone()).toList();
      begun.removeAll(over);
      over.forEach(each -> ended(each.job(), each.ended().join()).ifPresent(waiting::addFirst));
    }
  }

  private TrialSpec spec(Job job) {
    return new TrialSpec(
            new TrialId(1, trained.number()),
            job.attempt(),
            trained.architecture(),
            study.plan().data(),
            job.run().recipe(),
            job.run().seed(),
            Optional.of(study.finalWeights(trained.number(), job.run().number())))
        .on(Optional.of(trained.provenance().dataHash()).filter(hash -> !hash.isEmpty()));
  }

  /** Keeps how it ended, or says what is to be tried again. */
  private Optional<Job> ended(Job job, TrialRunner.Ended how) {
    return switch (how) {
      case TrialRunner.Ended.With(Outcome outcome, Provenance provenance) ->
          keep(job, outcome, provenance);
      case TrialRunner.Ended.WorkerLost _ when job.attempt() < TrialState.ATTEMPTS ->
          Optional.of(new Job(job.run(), job.attempt() + 1));
      case TrialRunner.Ended.WorkerLost(String detail) ->
          keep(job, new Outcome.Failed(Outcome.Reason.WORKER_LOST, detail), Provenance.UNKNOWN);
    };
  }

  private Optional<Job> keep(Job job, Outcome outcome, Provenance provenance) {
    study.finishFinal(trained.number(), job.run().number(), outcome, provenance);
    told.accept(job.run().number());
    return Optional.empty();
  }
}
