package blockfront.search.study;

import blockfront.blocks.cost.Cost;
import blockfront.search.strategy.SearchStrategy;
import blockfront.search.strategy.SearchStrategy.Proposal;
import blockfront.search.strategy.SearchStrategy.Result;
import blockfront.search.trial.Measurement;
import blockfront.search.trial.Outcome;
import blockfront.search.trial.Rung;
import blockfront.search.trial.Trial;
import blockfront.search.trial.TrialId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/**
 * What a study asks its strategy and tells it of trials, in the order of time; who came to which
 * rung, and what that lets expect. Belongs to the studies' thread, which never waits for the
 * strategy to think once it does so elsewhere.
 */
final class AskTell {

  private final Aims aims;
  private final SearchStrategy strategy;
  private final Optional<Ladder> ladder;
  private final Forecast forecast;
  private final Map<TrialId, Proposal> open = new HashMap<>();
  private final Set<TrialId> told = new HashSet<>();
  private Executor thinking = Runnable::run;

  /** What a strategy is told of a trial. */
  sealed interface Event {
    record Came(Rung rung) implements Event {}

    record Ended(Outcome outcome) implements Event {}
  }

  /** With a strategy that was asked nothing yet. */
  AskTell(StudyPlan plan, SearchStrategy strategy) {
    int epochs = plan.recipe().epochs();
    this.aims = plan.aims();
    this.strategy = strategy;
    this.ladder =
        plan.halving().map(halving -> new Ladder(halving, epochs, aims.objectives().size()));
    this.forecast =
        new Forecast(plan.halving().map(halving -> halving.rungs(epochs)).orElse(List.of(epochs)));
  }

  /** Who came to which rung; empty if every network is trained to the end. */
  Optional<Ladder> ladder() {
    return ladder;
  }

  /**
   * What a strategy said.
   *
   * @param exhausted whether it will never say anything else
   * @param duplicates drawn so far
   * @param slow whether to ask ahead from now on
   */
  record Answer(Optional<Proposal> proposal, boolean exhausted, long duplicates, boolean slow) {}

  /**
   * Lets the strategy think elsewhere from now on.
   *
   * @param elsewhere does one thing after the other
   */
  void thinkOn(Executor elsewhere) {
    thinking = elsewhere;
  }

  /** Asks after all that was told before, and answers where the strategy thinks. */
  void ask(Consumer<Answer> answered) {
    thinking.execute(
        () -> {
          Optional<Proposal> proposal = strategy.ask();
          answered.accept(
              new Answer(proposal, strategy.exhausted(), strategy.duplicates(), strategy.slow()));
        });
  }

  /** A proposal became a trial. */
  void tried(Proposal proposal, TrialId trial) {
    open.put(trial, proposal);
  }

  /**
   * The proposal that was just answered with is refused: told before all that waits to be told, as
   * it will be when replayed. Called where the strategy thinks, before {@link #ask} is through.
   */
  void refused(Proposal proposal) {
    strategy.tell(proposal, new Result.Failed());
  }

  /** A training came to a rung. */
  void came(Trial trial, Rung rung) {
    tell(trial, new Event.Came(rung));
  }

  void ended(Trial trial, Outcome outcome) {
    tell(trial, new Event.Ended(outcome));
  }

  /** Tells what was told before the process ended. */
  void replay(Trial trial, Event event) {
    if (event instanceof Event.Ended) {
      ladder.ifPresent(each -> each.settled(trial.id()));
    }
    tell(trial, event);
  }

  /** Tells the strategy, or tells it better; learns from trainings that went on what to expect. */
  private void tell(Trial trial, Event event) {
    if (event instanceof Event.Came(Rung rung)) {
      ladder.ifPresent(each -> each.came(trial.id(), rung));
    }
    Proposal proposal = open.get(trial.id());
    if (proposal == null) {
      return;
    }
    Optional<Result> result =
        switch (event) {
          case Event.Came(Rung rung) -> {
            learn(trial, rung.epochs(), rung.objectives());
            yield Optional.of(expected(rung));
          }
          case Event.Ended(Outcome outcome) -> result(trial, outcome);
        };
    boolean before = told.contains(trial.id());
    if (result.isPresent() && before) {
      thinking.execute(() -> strategy.revise(proposal, result.get()));
    } else if (result.isPresent()) {
      thinking.execute(() -> strategy.tell(proposal, result.get()));
      told.add(trial.id());
    } else if (!before) {
      thinking.execute(() -> strategy.drop(proposal));
    }
    if (event instanceof Event.Ended) {
      open.remove(trial.id());
    }
  }

  private Optional<Result> result(Trial trial, Outcome outcome) {
    return switch (outcome) {
      case Outcome.Trained(Measurement measurement) -> {
        aims.values(measurement, trial.cost())
            .ifPresent(values -> learn(trial, measurement.epochs(), aims.scaled(values)));
        yield Optional.of(measured(measurement, trial.cost()));
      }
      case Outcome.StoppedEarly(Measurement measurement, String _) ->
          trial.rungs().isEmpty()
              ? Optional.of(measured(measurement, trial.cost()))
              : Optional.empty(); // told at its rung
      case Outcome.Failed _ -> Optional.of(new Result.Failed());
      case Outcome.Cancelled() -> Optional.empty();
    };
  }

  /** What could not be measured as the plan wants counts as failed. */
  private Result measured(Measurement measurement, Cost cost) {
    return aims.values(measurement, cost)
        .<Result>map(
            values -> new Result.Measured(aims.scaled(values), aims.violation(measurement, cost)))
        .orElseGet(Result.Failed::new);
  }

  /** A training went on: what it showed at its rung before tells what others may come to. */
  private void learn(Trial trial, int epochs, List<Double> objectives) {
    int error = aims.objectives().indexOf(Objective.ERROR);
    List<Rung> before = trial.rungs().stream().filter(rung -> rung.epochs() < epochs).toList();
    if (error >= 0 && !objectives.isEmpty() && !before.isEmpty()) {
      Rung last = before.getLast();
      if (!last.objectives().isEmpty()) {
        forecast.learn(last.epochs(), last.objectives().get(error), objectives.get(error));
      }
    }
  }

  /** What a training that is paused is expected to show in the end. */
  private Result expected(Rung rung) {
    if (rung.objectives().isEmpty()) {
      return new Result.Failed();
    }
    var objectives = new ArrayList<>(rung.objectives());
    int error = aims.objectives().indexOf(Objective.ERROR);
    if (error >= 0) {
      objectives.set(error, forecast.of(rung.epochs(), objectives.get(error)));
    }
    return new Result.Measured(objectives, rung.violation());
  }
}
