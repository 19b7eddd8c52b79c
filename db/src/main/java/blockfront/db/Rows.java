package blockfront.db;

import static blockfront.db.schema.Tables.EPOCH;
import static blockfront.db.schema.Tables.RANKED;
import static blockfront.db.schema.Tables.STUDY;
import static blockfront.db.schema.Tables.TRIAL;

import blockfront.blocks.cost.Cost;
import blockfront.search.study.Leaderboard;
import blockfront.search.study.Study;
import blockfront.search.study.StudyState;
import blockfront.search.trial.Deployment;
import blockfront.search.trial.Epoch;
import blockfront.search.trial.FinalTraining;
import blockfront.search.trial.Inspection;
import blockfront.search.trial.Measurement;
import blockfront.search.trial.Metric;
import blockfront.search.trial.Outcome;
import blockfront.search.trial.Provenance;
import blockfront.search.trial.Trial;
import blockfront.search.trial.TrialId;
import blockfront.search.trial.TrialState;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jooq.Field;
import org.jooq.Record;

/** Rows as values, and values as columns. */
final class Rows {

  /** The name of a trial's state in its row. */
  enum State {
    QUEUED,
    RUNNING,
    PAUSED,
    FINISHED
  }

  private enum Kind {
    TRAINED,
    STOPPED_EARLY,
    CANCELLED,
    FAILED
  }

  /** The columns of what exported models showed. */
  static final List<Field<?>> DEPLOYMENT =
      List.of(
          TRIAL.ONNX_TEST_SCORE,
          TRIAL.ONNX_MILLISECONDS,
          TRIAL.ONNX_BYTES,
          TRIAL.INT8_TEST_SCORE,
          TRIAL.INT8_MILLISECONDS,
          TRIAL.INT8_BYTES);

  private Rows() {}

  static Study study(Record row) {
    return new Study(
        row.get(STUDY.ID),
        Documents.plan(row.get(STUDY.PLAN)),
        StudyState.valueOf(row.get(STUDY.STATE)),
        row.get(STUDY.MESSAGE),
        row.get(STUDY.CREATED),
        Duration.ofMillis(row.get(STUDY.SEARCHED_MILLIS)),
        row.get(STUDY.DUPLICATES));
  }

  static Trial trial(Record row) {
    return new Trial(
        new TrialId(row.get(TRIAL.STUDY), row.get(TRIAL.NUMBER)),
        row.get(TRIAL.ARCHITECTURE_ID),
        Documents.architecture(row.get(TRIAL.ARCHITECTURE)),
        new Cost(
            row.get(TRIAL.MULTIPLY_ADDS),
            row.get(TRIAL.PARAMETERS),
            row.get(TRIAL.FOURIER),
            row.get(TRIAL.ELEMENTWISE),
            row.get(TRIAL.SOFTMAX),
            row.get(TRIAL.PEAK_ACTIVATIONS)),
        row.get(TRIAL.ASK_INDEX),
        Documents.texts(row.get(TRIAL.REPAIRS)),
        row.get(TRIAL.CREATED),
        state(row),
        Documents.rungs(row.get(TRIAL.RUNGS)),
        provenance(row),
        deployment(row));
  }

  static TrialState state(Record row) {
    int attempt = row.get(TRIAL.ATTEMPT);
    return switch (State.valueOf(row.get(TRIAL.STATE))) {
      case QUEUED -> new TrialState.Queued(attempt);
      case RUNNING -> new TrialState.Running(attempt, row.get(TRIAL.WORKER), row.get(TRIAL.SINCE));
      case PAUSED -> new TrialState.Paused(attempt, measurement(row), row.get(TRIAL.SINCE));
      case FINISHED -> new TrialState.Finished(attempt, outcome(row), row.get(TRIAL.FINISHED));
    };
  }

  /** What a trial that goes on showed at its latest rung: its columns are emptied by no state. */
  static Optional<Measurement> atRung(Record row) {
    boolean came = !Documents.rungs(row.get(TRIAL.RUNGS)).isEmpty();
    return switch (state(row)) {
      case TrialState.Queued _, TrialState.Running _ ->
          came ? Optional.of(measurement(row)) : Optional.empty();
      case TrialState.Paused paused -> Optional.of(paused.measurement());
      case TrialState.Finished _ -> Optional.empty();
    };
  }

  static Epoch epoch(Record row) {
    return new Epoch(
        row.get(EPOCH.NUMBER),
        row.get(EPOCH.TRAIN_LOSS),
        row.get(EPOCH.VALIDATION_LOSS),
        row.get(EPOCH.VALIDATION_SCORE),
        row.get(EPOCH.LEARNING_RATE),
        row.get(EPOCH.SECONDS));
  }

  static Leaderboard.Row ranked(Record row) {
    return new Leaderboard.Row(
        new TrialId(row.get(RANKED.STUDY), row.get(RANKED.TRIAL)),
        row.get(RANKED.STUDY_NAME),
        row.get(RANKED.DATA),
        row.get(RANKED.ARCHITECTURE_ID),
        row.get(RANKED.MIXERS),
        Metric.valueOf(row.get(RANKED.METRIC)),
        row.get(RANKED.VALIDATION_SCORE),
        new Cost(
            row.get(RANKED.MULTIPLY_ADDS),
            row.get(RANKED.PARAMETERS),
            row.get(RANKED.FOURIER),
            row.get(RANKED.ELEMENTWISE),
            row.get(RANKED.SOFTMAX),
            row.get(RANKED.PEAK_ACTIVATIONS)),
        Optional.ofNullable(row.get(RANKED.STATE_BYTES)),
        Optional.ofNullable(row.get(RANKED.PRODUCTS))
            .map(
                products ->
                    new Inspection.Activity(
                        products,
                        row.get(RANKED.SPIKE_OPERATIONS),
                        row.get(RANKED.MOST_SPIKE_OPERATIONS))),
        row.get(RANKED.SECONDS),
        Optional.ofNullable(row.get(RANKED.INT8_DROP)),
        Optional.ofNullable(row.get(RANKED.FINAL_TEST_MEAN))
            .map(mean -> new FinalTraining.Spread(mean, row.get(RANKED.FINAL_TEST_DEVIATION))));
  }

  /** The columns of a trial that is in a state; those of other states are emptied. */
  static Map<Field<?>, Object> columns(TrialState state) {
    var columns = new HashMap<Field<?>, Object>();
    columns.put(TRIAL.WORKER, null);
    columns.put(TRIAL.SINCE, null);
    switch (state) {
      case TrialState.Queued(int attempt) -> put(columns, State.QUEUED, attempt);
      case TrialState.Running(int attempt, String worker, var since) -> {
        put(columns, State.RUNNING, attempt);
        columns.put(TRIAL.WORKER, worker);
        columns.put(TRIAL.SINCE, since);
      }
      case TrialState.Paused(int attempt, Measurement measurement, var since) -> {
        put(columns, State.PAUSED, attempt);
        columns.put(TRIAL.SINCE, since);
        put(columns, measurement);
      }
      case TrialState.Finished(int attempt, Outcome outcome, var at) -> {
        put(columns, State.FINISHED, attempt);
        columns.put(TRIAL.FINISHED, at);
        put(columns, outcome);
      }
    }
    return columns;
  }

  static Map<Field<?>, Object> columns(Provenance provenance) {
    var columns = new HashMap<Field<?>, Object>();
    columns.put(TRIAL.PROVENANCE_SEED, provenance.seed());
    columns.put(TRIAL.PROVENANCE_DATA_HASH, provenance.dataHash());
    columns.put(TRIAL.PROVENANCE_COST_RULES, provenance.costRules());
    columns.put(TRIAL.PROVENANCE_VERSION, provenance.version());
    columns.put(TRIAL.PROVENANCE_MACHINE, provenance.machine());
    columns.put(TRIAL.PROVENANCE_WORKER, provenance.worker());
    columns.put(TRIAL.PROVENANCE_PARENT, provenance.parent().orElse(null));
    return columns;
  }

  static Map<Field<?>, Object> columns(Deployment deployment) {
    return Map.of(
        TRIAL.ONNX_TEST_SCORE, deployment.float32().testScore(),
        TRIAL.ONNX_MILLISECONDS, deployment.float32().milliseconds(),
        TRIAL.ONNX_BYTES, deployment.float32().bytes(),
        TRIAL.INT8_TEST_SCORE, deployment.int8().testScore(),
        TRIAL.INT8_MILLISECONDS, deployment.int8().milliseconds(),
        TRIAL.INT8_BYTES, deployment.int8().bytes());
  }

  static Map<Field<?>, Object> columns(Cost cost) {
    return Map.of(
        TRIAL.MULTIPLY_ADDS, cost.multiplyAdds(),
        TRIAL.PARAMETERS, cost.parameters(),
        TRIAL.FOURIER, cost.fourier(),
        TRIAL.ELEMENTWISE, cost.elementwise(),
        TRIAL.SOFTMAX, cost.softmax(),
        TRIAL.PEAK_ACTIVATIONS, cost.peakActivations(),
        TRIAL.COST_RULES, Cost.RULES_VERSION);
  }

  private static void put(Map<Field<?>, Object> columns, State state, int attempt) {
    columns.put(TRIAL.STATE, state.name());
    columns.put(TRIAL.ATTEMPT, attempt);
  }

  private static void put(Map<Field<?>, Object> columns, Outcome outcome) {
    switch (outcome) {
      case Outcome.Trained(Measurement measurement) -> {
        columns.put(TRIAL.OUTCOME, Kind.TRAINED.name());
        put(columns, measurement);
      }
      case Outcome.StoppedEarly(Measurement measurement, String reason) -> {
        columns.put(TRIAL.OUTCOME, Kind.STOPPED_EARLY.name());
        columns.put(TRIAL.DETAIL, reason);
        put(columns, measurement);
      }
      case Outcome.Cancelled() -> columns.put(TRIAL.OUTCOME, Kind.CANCELLED.name());
      case Outcome.Failed(Outcome.Reason reason, String detail) -> {
        columns.put(TRIAL.OUTCOME, Kind.FAILED.name());
        columns.put(TRIAL.REASON, reason.name());
        columns.put(TRIAL.DETAIL, detail);
      }
    }
  }

  private static void put(Map<Field<?>, Object> columns, Measurement measurement) {
    columns.put(TRIAL.METRIC, measurement.metric().name());
    columns.put(TRIAL.VALIDATION_SCORE, measurement.validationScore());
    columns.put(TRIAL.VALIDATION_LOSS, measurement.validationLoss());
    columns.put(TRIAL.TEST_SCORE, measurement.testScore());
    columns.put(TRIAL.EPOCHS, measurement.epochs());
    columns.put(TRIAL.SECONDS, measurement.seconds());
    columns.put(TRIAL.STATE_BYTES, measurement.stateBytes().orElse(null));
    columns.put(TRIAL.LATENCY_MILLIS, measurement.latencyMillis().orElse(null));
    columns.put(TRIAL.INT8_VALIDATION_DROP, measurement.int8Drop().orElse(null));
    columns.put(TRIAL.CONFUSION, Documents.write(measurement.confusion()));
  }

  private static Outcome outcome(Record row) {
    return switch (Kind.valueOf(row.get(TRIAL.OUTCOME))) {
      case TRAINED -> new Outcome.Trained(measurement(row));
      case STOPPED_EARLY -> new Outcome.StoppedEarly(measurement(row), row.get(TRIAL.DETAIL));
      case CANCELLED -> new Outcome.Cancelled();
      case FAILED ->
          new Outcome.Failed(Outcome.Reason.valueOf(row.get(TRIAL.REASON)), row.get(TRIAL.DETAIL));
    };
  }

  private static Measurement measurement(Record row) {
    return new Measurement(
        Metric.valueOf(row.get(TRIAL.METRIC)),
        row.get(TRIAL.VALIDATION_SCORE),
        row.get(TRIAL.VALIDATION_LOSS),
        row.get(TRIAL.TEST_SCORE),
        row.get(TRIAL.EPOCHS),
        row.get(TRIAL.SECONDS),
        Optional.ofNullable(row.get(TRIAL.LATENCY_MILLIS)),
        Optional.ofNullable(row.get(TRIAL.STATE_BYTES)),
        Optional.ofNullable(row.get(TRIAL.INT8_VALIDATION_DROP)),
        Documents.matrix(row.get(TRIAL.CONFUSION)));
  }

  private static Optional<Provenance> provenance(Record row) {
    return Optional.ofNullable(row.get(TRIAL.PROVENANCE_SEED))
        .map(
            seed ->
                new Provenance(
                    seed,
                    row.get(TRIAL.PROVENANCE_DATA_HASH),
                    row.get(TRIAL.PROVENANCE_COST_RULES),
                    row.get(TRIAL.PROVENANCE_VERSION),
                    row.get(TRIAL.PROVENANCE_MACHINE),
                    row.get(TRIAL.PROVENANCE_WORKER),
                    Optional.ofNullable(row.get(TRIAL.PROVENANCE_PARENT))));
  }

  private static Optional<Deployment> deployment(Record row) {
    return Optional.ofNullable(row.get(TRIAL.ONNX_TEST_SCORE))
        .map(
            score ->
                new Deployment(
                    Metric.valueOf(row.get(TRIAL.METRIC)),
                    new Deployment.Model(
                        score, row.get(TRIAL.ONNX_MILLISECONDS), row.get(TRIAL.ONNX_BYTES)),
                    new Deployment.Model(
                        row.get(TRIAL.INT8_TEST_SCORE),
                        row.get(TRIAL.INT8_MILLISECONDS),
                        row.get(TRIAL.INT8_BYTES))));
  }
}
