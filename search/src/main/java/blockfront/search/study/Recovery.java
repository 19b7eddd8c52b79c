package blockfront.search.study;

import blockfront.search.space.GenomeCodec;
import blockfront.search.strategy.SearchStrategy.Proposal;
import blockfront.search.trial.Outcome;
import blockfront.search.trial.Provenance;
import blockfront.search.trial.Trial;
import blockfront.search.trial.TrialState;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * A study that the process ended with: a new strategy is asked and told as the stored trials say
 * the old one was, and goes on from there.
 */
final class Recovery {

  private Recovery() {}

  /** Something that a strategy was told, and when. */
  private record Past(Instant at, Trial trial, AskTell.Event event) {}

  /**
   * Puts back what was running, and repeats what was asked and told.
   *
   * @param strategy that was asked nothing yet
   * @param dataHash what the study's data is now
   * @throws IllegalStateException if that is not what was trained on, or the strategy does not
   *     propose again what was proposed
   */
  static StudyLoop of(
      StudyEnvironment at, Study study, String dataHash, GenomeCodec codec, AskTell strategy) {
    List<Trial> trials = at.store().trials(study.id());
    trainedOn(trials)
        .filter(hash -> !hash.equals(dataHash))
        .ifPresent(
            hash -> {
              throw new IllegalStateException(
                  "%s: wanted the data that the study began with (SHA-256 %s), got other data (%s)"
                      .formatted(study.plan().data(), hash, dataHash));
            });
    trials.forEach(trial -> OpenTrials.putBack(at, trial));
    trials.forEach(at.clock()::notBefore);
    var loop = new StudyLoop(at, study, dataHash, codec, strategy, at.store().imported(study.id()));
    var events = new ArrayDeque<>(events(trials));
    for (Trial trial : trials) {
      while (!events.isEmpty() && !events.getFirst().at().isAfter(trial.created())) {
        Past past = events.removeFirst();
        strategy.replay(past.trial(), past.event());
      }
      Proposal proposal =
          asked(strategy)
              .filter(asked -> codec.identity(asked.genes()).equals(trial.architectureId()))
              .orElseThrow(
                  () ->
                      new IllegalStateException(
                          "trial %d is not what the strategy proposes again; was another version of"
                                  .formatted(trial.id().number())
                              + " Blockfront at work?"));
      refusal(trial)
          .ifPresentOrElse(
              reason -> {
                strategy.refused(proposal);
                loop.refused(reason);
              },
              () -> loop.tried(proposal, trial.id()));
    }
    events.forEach(past -> strategy.replay(past.trial(), past.event()));
    for (Trial trial : at.store().trials(study.id())) {
      loop.ended(trial);
      if (trial.state() instanceof TrialState.Queued) {
        loop.waits(trial);
      }
    }
    return loop;
  }

  /** The data of what was measured; a training that failed may have done so for finding other. */
  private static Optional<String> trainedOn(List<Trial> trials) {
    return trials.stream()
        .filter(trial -> trial.outcome().isEmpty() || trial.measurement().isPresent())
        .flatMap(trial -> trial.provenance().stream())
        .map(Provenance::dataHash)
        .filter(hash -> !hash.isEmpty())
        .findFirst();
  }

  /** It still thinks on this thread, so it has answered when this returns. */
  private static Optional<Proposal> asked(AskTell strategy) {
    var said = new ArrayList<Proposal>();
    strategy.ask(answer -> answer.proposal().ifPresent(said::add));
    return said.stream().findFirst();
  }

  /** All that was told, in the order it was. */
  private static List<Past> events(List<Trial> trials) {
    var events = new ArrayList<Past>();
    for (Trial trial : trials) {
      trial
          .rungs()
          .forEach(rung -> events.add(new Past(rung.at(), trial, new AskTell.Event.Came(rung))));
      if (trial.state() instanceof TrialState.Finished finished && refusal(trial).isEmpty()) {
        events.add(new Past(finished.at(), trial, new AskTell.Event.Ended(finished.outcome())));
      }
    }
    events.sort(Comparator.comparing(Past::at));
    return events;
  }

  /** Why a trial was refused before training, if it was; a worker would have left its traces. */
  private static Optional<String> refusal(Trial trial) {
    return trial.state()
                instanceof
                TrialState.Finished(
                    int _,
                    Outcome.Failed(Outcome.Reason reason, String detail),
                    Instant _)
            && reason == Outcome.Reason.REFUSED
            && trial.provenance().isEmpty()
        ? Optional.of(detail)
        : Optional.empty();
  }
}
