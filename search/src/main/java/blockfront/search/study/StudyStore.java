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
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Remembers studies. Every change is durable when its method returns.
 *
 * <p>A trial changes state only from the state its writer saw: a method that returns false found
 * another state and changed nothing. Safe for use by many threads.
 */
public interface StudyStore {

  /** Keeps a new study that knows nothing, {@link StudyState#RUNNING}. */
  default Study create(StudyPlan plan, Instant now) {
    return create(plan, List.of(), now);
  }

  /** Keeps a new study, {@link StudyState#RUNNING}, and what it knows from elsewhere. */
  Study create(StudyPlan plan, List<Imported> known, Instant now);

  /** What a study knew from elsewhere when it began, in the order it was told. */
  List<Imported> imported(long study);

  Optional<Study> study(long id);

  /** All studies, the newest first. */
  List<Study> studies();

  /** Moves a study that has not ended to another state. */
  boolean move(long study, StudyState to, String message);

  /** Keeps how often the strategy drew what it had proposed before. */
  void duplicates(long study, long count);

  /** Adds to the time a study has searched. */
  void searched(long study, Duration more);

  /** Deletes a study that has ended, with its trials. */
  boolean delete(long study);

  /** Keeps a new trial, queued for its first attempt; its number is the study's next. */
  Trial enqueue(
      long study,
      String architectureId,
      Architecture architecture,
      Cost cost,
      long askIndex,
      List<String> repairs,
      Instant now);

  /** Keeps a new trial that was refused before training: finished from the start. */
  Trial refuse(
      long study,
      String architectureId,
      Architecture architecture,
      Cost cost,
      long askIndex,
      String reason,
      Instant now);

  /**
   * Queued or paused to running. What {@link #deploy} and {@link #inspect} kept of a paused trial
   * is forgotten: it was of other weights than those to come.
   */
  boolean start(TrialId trial, int attempt, String worker, Instant now);

  /**
   * Running to paused at a rung: what was trained by then outlives a lost worker.
   *
   * @param rung later than those before it
   */
  boolean pause(
      TrialId trial, int attempt, Measurement measurement, Rung rung, Provenance provenance);

  /**
   * Keeps an epoch of the attempt that is running; those of earlier attempts are forgotten, except
   * for what came before the latest rung.
   */
  boolean epoch(TrialId trial, int attempt, Epoch epoch);

  /**
   * To finished from any other state.
   *
   * @param provenance what is kept of a rung stays, if empty
   */
  boolean finish(
      TrialId trial, int attempt, Outcome outcome, Optional<Provenance> provenance, Instant now);

  /** Running to what {@link blockfront.search.trial.TrialState.Running#workerLost} says. */
  boolean workerLost(TrialId trial, int attempt, Instant now);

  /**
   * Running back to queued with the same attempt, epochs forgotten: what the process that ran it
   * was shut down or killed with.
   */
  boolean requeue(TrialId trial, int attempt);

  Optional<Trial> trial(TrialId trial);

  /**
   * What a trial that goes on showed at its latest rung; empty if it came to none, or has ended.
   */
  Optional<Measurement> atRung(TrialId trial);

  /** All trials of a study by number. */
  List<Trial> trials(long study);

  List<Epoch> epochs(TrialId trial);

  /**
   * Keeps what the exported models of a trained trial showed, in place of what was kept before.
   *
   * @param epochs that the weights were trained for; not kept if they are others by now
   */
  boolean deploy(TrialId trial, int epochs, Deployment deployment);

  /**
   * Keeps what probes saw in a trained trial, in place of what was kept before.
   *
   * @param epochs that the weights were trained for; not kept if they are others by now
   */
  boolean inspect(TrialId trial, int epochs, Inspection inspection);

  /** What probes saw in a trial, if they looked. */
  Optional<Inspection> inspection(TrialId trial);

  /** The final trainings of a trial; none if it had none. */
  FinalTraining finals(TrialId trial);

  /** Trials with final trainings that have not ended. */
  List<TrialId> openFinals();

  /** Keeps new final trainings of a trial, a seed each, numbered on from those before. */
  List<FinalRun> addFinals(TrialId trial, List<Long> seeds, Recipe recipe);

  /** Ends a final training that has not ended. */
  boolean finishFinal(TrialId trial, int run, Outcome outcome, Optional<Provenance> provenance);

  /** As {@link #deploy}, of the weights of a final training. */
  boolean deployFinal(TrialId trial, int run, Deployment deployment);

  /** A page of the networks trained, over all studies. */
  List<Leaderboard.Row> leaderboard(Leaderboard.Query query, int offset, int limit);

  int leaderboardSize(Leaderboard.Query query);
}
