package blockfront.db;

import static blockfront.db.schema.Tables.EPOCH;
import static blockfront.db.schema.Tables.FINAL_RUN;
import static blockfront.db.schema.Tables.IMPORTED;
import static blockfront.db.schema.Tables.INSPECTION;
import static blockfront.db.schema.Tables.STUDY;
import static blockfront.db.schema.Tables.TRIAL;

import blockfront.blocks.cost.Cost;
import blockfront.blocks.network.Architecture;
import blockfront.search.study.Imported;
import blockfront.search.study.Leaderboard;
import blockfront.search.study.Study;
import blockfront.search.study.StudyPlan;
import blockfront.search.study.StudyState;
import blockfront.search.study.StudyStore;
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
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jooq.Condition;
import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.Record;
import org.jooq.SQLDialect;
import org.jooq.exception.DataAccessException;
import org.jooq.impl.DSL;

/**
 * Studies in a database file in a data directory.
 *
 * <p>What a method has stored outlives the death of the process. A directory is open in one process
 * at a time. Every method throws {@link StoreException} if the database cannot be read or written.
 */
public final class H2StudyStore implements StudyStore, AutoCloseable {

  private static final List<String> GOING_ON =
      Arrays.stream(StudyState.values())
          .filter(Predicate.not(StudyState::ended))
          .map(StudyState::name)
          .toList();

  private final DataDirectory directory;
  private final DSLContext database;

  private H2StudyStore(DataDirectory directory) {
    this.directory = directory;
    this.database = DSL.using(directory.connections(), SQLDialect.H2);
  }

  /**
   * Opens the store of a data directory, which is made if it is missing.
   *
   * @throws StoreException if the directory cannot be written to, is in use by another Blockfront,
   *     or holds what this Blockfront cannot read; nothing in it is changed then
   */
  public static H2StudyStore open(Path dataDirectory) {
    return new H2StudyStore(DataDirectory.open(dataDirectory));
  }

  @Override
  public void close() {
    directory.close();
  }

  @Override
  public Study create(StudyPlan plan, List<Imported> known, Instant now) {
    return inTransaction(
        sql -> {
          long id =
              sql.insertInto(STUDY)
                  .set(STUDY.PLAN, Documents.write(plan))
                  .set(STUDY.STATE, StudyState.RUNNING.name())
                  .set(STUDY.MESSAGE, "")
                  .set(STUDY.CREATED, now)
                  .set(STUDY.SEARCHED_MILLIS, 0L)
                  .set(STUDY.TRIALS, 0)
                  .set(STUDY.DUPLICATES, 0L)
                  .returningResult(STUDY.ID)
                  .fetchSingle()
                  .value1();
          for (int i = 0; i < known.size(); i++) {
            sql.insertInto(IMPORTED)
                .set(IMPORTED.STUDY, id)
                .set(IMPORTED.NUMBER, i + 1)
                .set(IMPORTED.NETWORK, Documents.write(known.get(i)))
                .execute();
          }
          return sql.fetchSingle(STUDY, STUDY.ID.eq(id)).map(Rows::study);
        });
  }

  @Override
  public List<Imported> imported(long study) {
    return inTransaction(
        sql ->
            sql.selectFrom(IMPORTED)
                .where(IMPORTED.STUDY.eq(study))
                .orderBy(IMPORTED.NUMBER)
                .fetch(row -> Documents.imported(row.get(IMPORTED.NETWORK))));
  }

  @Override
  public Optional<Study> study(long id) {
    return inTransaction(sql -> sql.fetchOptional(STUDY, STUDY.ID.eq(id)).map(Rows::study));
  }

  @Override
  public List<Study> studies() {
    return inTransaction(sql -> sql.selectFrom(STUDY).orderBy(STUDY.ID.desc()).fetch(Rows::study));
  }

  @Override
  public boolean move(long study, StudyState to, String message) {
    return inTransaction(
        sql ->
            sql.update(STUDY)
                    .set(STUDY.STATE, to.name())
                    .set(STUDY.MESSAGE, message)
                    .where(STUDY.ID.eq(study), STUDY.STATE.in(GOING_ON))
                    .execute()
                == 1);
  }

  @Override
  public void searched(long study, Duration more) {
    inTransaction(
        sql ->
            sql.update(STUDY)
                .set(STUDY.SEARCHED_MILLIS, STUDY.SEARCHED_MILLIS.plus(more.toMillis()))
                .where(STUDY.ID.eq(study))
                .execute());
  }

  @Override
  public void duplicates(long study, long count) {
    inTransaction(
        sql -> sql.update(STUDY).set(STUDY.DUPLICATES, count).where(STUDY.ID.eq(study)).execute());
  }

  @Override
  public boolean delete(long study) {
    return inTransaction(
        sql ->
            sql.deleteFrom(STUDY).where(STUDY.ID.eq(study), STUDY.STATE.notIn(GOING_ON)).execute()
                == 1);
  }

  @Override
  public Trial enqueue(
      long study,
      String architectureId,
      Architecture architecture,
      Cost cost,
      long askIndex,
      List<String> repairs,
      Instant now) {
    var queued = new TrialState.Queued(1);
    return add(study, architectureId, architecture, cost, askIndex, repairs, now, queued);
  }

  @Override
  public Trial refuse(
      long study,
      String architectureId,
      Architecture architecture,
      Cost cost,
      long askIndex,
      String reason,
      Instant now) {
    var refused =
        new TrialState.Finished(1, new Outcome.Failed(Outcome.Reason.REFUSED, reason), now);
    return add(study, architectureId, architecture, cost, askIndex, List.of(), now, refused);
  }

  @Override
  public boolean start(TrialId trial, int attempt, String worker, Instant now) {
    var running = Rows.columns(new TrialState.Queued(attempt).startedBy(worker, now));
    Rows.DEPLOYMENT.forEach(column -> running.put(column, null));
    return inTransaction(
        sql ->
            move(sql, trial, attempt, running, Rows.State.QUEUED, Rows.State.PAUSED)
                && forgetInspection(sql, trial));
  }

  @Override
  public boolean pause(
      TrialId trial, int attempt, Measurement measurement, Rung rung, Provenance provenance) {
    var columns = Rows.columns(new TrialState.Paused(attempt, measurement, rung.at()));
    columns.putAll(Rows.columns(provenance));
    return inTransaction(
        sql ->
            locked(sql, trial)
                .map(
                    row -> {
                      var rungs = new ArrayList<>(Documents.rungs(row.get(TRIAL.RUNGS)));
                      rungs.add(rung);
                      columns.put(TRIAL.RUNGS, Documents.writeRungs(rungs));
                      return move(sql, trial, attempt, columns, Rows.State.RUNNING);
                    })
                .orElse(false));
  }

  @Override
  public boolean epoch(TrialId trial, int attempt, Epoch epoch) {
    return inTransaction(
        sql -> {
          boolean running =
              locked(sql, trial)
                  .map(Rows::state)
                  .filter(state -> isRunning(state, attempt))
                  .isPresent();
          if (running) {
            keep(sql, trial, epoch);
          }
          return running;
        });
  }

  @Override
  public boolean finish(
      TrialId trial, int attempt, Outcome outcome, Optional<Provenance> provenance, Instant now) {
    var columns = Rows.columns(new TrialState.Finished(attempt, outcome, now));
    provenance.map(Rows::columns).ifPresent(columns::putAll);
    return inTransaction(
        sql -> {
          boolean moved =
              move(
                  sql,
                  trial,
                  attempt,
                  columns,
                  Rows.State.QUEUED,
                  Rows.State.RUNNING,
                  Rows.State.PAUSED);
          if (moved) {
            rank(sql, trial);
          }
          return moved;
        });
  }

  @Override
  public boolean workerLost(TrialId trial, int attempt, Instant now) {
    return inTransaction(
        sql ->
            locked(sql, trial)
                .map(Rows::state)
                .filter(state -> isRunning(state, attempt))
                .map(TrialState.Running.class::cast)
                .map(running -> Rows.columns(running.workerLost(now)))
                .map(columns -> move(sql, trial, attempt, columns, Rows.State.RUNNING))
                .filter(moved -> moved && forgetEpochs(sql, trial))
                .isPresent());
  }

  @Override
  public boolean requeue(TrialId trial, int attempt) {
    var queued = Rows.columns(new TrialState.Queued(attempt));
    return inTransaction(
        sql -> move(sql, trial, attempt, queued, Rows.State.RUNNING) && forgetEpochs(sql, trial));
  }

  @Override
  public Optional<Trial> trial(TrialId trial) {
    return inTransaction(sql -> sql.fetchOptional(TRIAL, is(trial)).map(Rows::trial));
  }

  @Override
  public Optional<Measurement> atRung(TrialId trial) {
    return inTransaction(sql -> sql.fetchOptional(TRIAL, is(trial)).flatMap(Rows::atRung));
  }

  @Override
  public List<Trial> trials(long study) {
    return inTransaction(
        sql ->
            sql.selectFrom(TRIAL)
                .where(TRIAL.STUDY.eq(study))
                .orderBy(TRIAL.NUMBER)
                .fetch(Rows::trial));
  }

  @Override
  public List<Epoch> epochs(TrialId trial) {
    return inTransaction(
        sql -> sql.selectFrom(EPOCH).where(isOf(trial)).orderBy(EPOCH.NUMBER).fetch(Rows::epoch));
  }

  @Override
  public boolean deploy(TrialId trial, int epochs, Deployment deployment) {
    return inTransaction(
        sql -> {
          boolean trained = isTrained(sql, trial, epochs);
          if (trained) {
            sql.update(TRIAL).set(Rows.columns(deployment)).where(is(trial)).execute();
            Ranking.deployed(sql, trial, deployment);
          }
          return trained;
        });
  }

  @Override
  public boolean inspect(TrialId trial, int epochs, Inspection inspection) {
    return inTransaction(
        sql -> {
          boolean trained = isTrained(sql, trial, epochs) && forgetInspection(sql, trial);
          if (trained) {
            sql.insertInto(INSPECTION)
                .set(INSPECTION.STUDY, trial.study())
                .set(INSPECTION.TRIAL, trial.number())
                .set(INSPECTION.INSPECTION_, Documents.write(inspection))
                .execute();
            Ranking.inspected(sql, trial, inspection.activity());
          }
          return trained;
        });
  }

  @Override
  public Optional<Inspection> inspection(TrialId trial) {
    return inTransaction(sql -> inspection(sql, trial));
  }

  @Override
  public FinalTraining finals(TrialId trial) {
    return inTransaction(sql -> finals(sql, trial));
  }

  @Override
  public List<TrialId> openFinals() {
    return inTransaction(
        sql ->
            sql.selectDistinct(FINAL_RUN.STUDY, FINAL_RUN.TRIAL)
                .from(FINAL_RUN)
                .where(FINAL_RUN.ENDED.isFalse())
                .orderBy(FINAL_RUN.STUDY, FINAL_RUN.TRIAL)
                .fetch(row -> new TrialId(row.value1(), row.value2())));
  }

  @Override
  public List<FinalRun> addFinals(TrialId trial, List<Long> seeds, Recipe recipe) {
    return inTransaction(
        sql -> {
          if (locked(sql, trial).isEmpty()) {
            throw new IllegalArgumentException("No trial " + trial);
          }
          var added = new ArrayList<FinalRun>();
          int before = finals(sql, trial).runs().size();
          for (long seed : seeds) {
            FinalRun run = FinalRun.queued(before + added.size() + 1, seed, recipe);
            sql.insertInto(FINAL_RUN)
                .set(FINAL_RUN.STUDY, trial.study())
                .set(FINAL_RUN.TRIAL, trial.number())
                .set(FINAL_RUN.NUMBER, run.number())
                .set(FINAL_RUN.ENDED, false)
                .set(FINAL_RUN.RUN, Documents.write(run))
                .execute();
            added.add(run);
          }
          return List.copyOf(added);
        });
  }

  @Override
  public boolean finishFinal(
      TrialId trial, int run, Outcome outcome, Optional<Provenance> provenance) {
    return change(
        trial,
        run,
        found ->
            found.outcome().isPresent()
                ? Optional.empty()
                : Optional.of(found.ended(outcome, provenance)));
  }

  @Override
  public boolean deployFinal(TrialId trial, int run, Deployment deployment) {
    return change(
        trial,
        run,
        found ->
            found.measurement().isEmpty()
                ? Optional.empty()
                : Optional.of(found.deployed(deployment)));
  }

  @Override
  public List<Leaderboard.Row> leaderboard(Leaderboard.Query query, int offset, int limit) {
    return inTransaction(sql -> Ranking.page(sql, query, offset, limit));
  }

  @Override
  public int leaderboardSize(Leaderboard.Query query) {
    return inTransaction(sql -> Ranking.size(sql, query));
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
    return inTransaction(
        sql -> {
          var id = new TrialId(study, nextNumber(sql, study));
          sql.insertInto(TRIAL)
              .set(TRIAL.STUDY, study)
              .set(TRIAL.NUMBER, id.number())
              .set(TRIAL.ARCHITECTURE_ID, architectureId)
              .set(TRIAL.ARCHITECTURE, Documents.write(architecture))
              .set(TRIAL.ASK_INDEX, askIndex)
              .set(TRIAL.REPAIRS, Documents.write(repairs))
              .set(TRIAL.CREATED, now)
              .set(TRIAL.RUNGS, "[]")
              .set(Rows.columns(cost))
              .set(Rows.columns(state))
              .execute();
          return sql.fetchSingle(TRIAL, is(id)).map(Rows::trial);
        });
  }

  /** Holds the study's row, so that two new trials of it never get one number. */
  private static int nextNumber(DSLContext sql, long study) {
    int studies =
        sql.update(STUDY)
            .set(STUDY.TRIALS, STUDY.TRIALS.plus(1))
            .where(STUDY.ID.eq(study))
            .execute();
    if (studies == 0) {
      throw new IllegalArgumentException("No study " + study);
    }
    return sql.select(STUDY.TRIALS).from(STUDY).where(STUDY.ID.eq(study)).fetchSingle().value1();
  }

  /** Moves a trial on, if it is in one of some states and in this attempt. */
  private static boolean move(
      DSLContext sql, TrialId trial, int attempt, Map<Field<?>, Object> to, Rows.State... from) {
    return sql.update(TRIAL)
            .set(to)
            .where(
                is(trial),
                TRIAL.ATTEMPT.eq(attempt),
                TRIAL.STATE.in(Arrays.stream(from).map(Rows.State::name).toList()))
            .execute()
        == 1;
  }

  private static void rank(DSLContext sql, TrialId id) {
    Trial trial = sql.fetchSingle(TRIAL, is(id)).map(Rows::trial);
    trial
        .measurement()
        .ifPresent(
            measurement -> {
              Study study = sql.fetchSingle(STUDY, STUDY.ID.eq(id.study())).map(Rows::study);
              Ranking.add(sql, study.plan(), trial, measurement);
              // what was measured while it was paused
              trial.deployment().ifPresent(known -> Ranking.deployed(sql, id, known));
              inspection(sql, id).ifPresent(known -> Ranking.inspected(sql, id, known.activity()));
              finals(sql, id).test().ifPresent(known -> Ranking.finals(sql, id, known));
            });
  }

  private static Optional<Inspection> inspection(DSLContext sql, TrialId trial) {
    return sql.select(INSPECTION.INSPECTION_)
        .from(INSPECTION)
        .where(INSPECTION.STUDY.eq(trial.study()), INSPECTION.TRIAL.eq(trial.number()))
        .fetchOptional(INSPECTION.INSPECTION_)
        .map(Documents::inspection);
  }

  private static FinalTraining finals(DSLContext sql, TrialId trial) {
    return new FinalTraining(
        sql.selectFrom(FINAL_RUN)
            .where(isFinalOf(trial))
            .orderBy(FINAL_RUN.NUMBER)
            .fetch(row -> Documents.finalRun(row.get(FINAL_RUN.RUN))));
  }

  private boolean change(TrialId trial, int number, Function<FinalRun, Optional<FinalRun>> change) {
    return inTransaction(
        sql -> {
          Optional<FinalRun> changed =
              sql.selectFrom(FINAL_RUN)
                  .where(isFinalOf(trial), FINAL_RUN.NUMBER.eq(number))
                  .forUpdate()
                  .fetchOptional(row -> Documents.finalRun(row.get(FINAL_RUN.RUN)))
                  .flatMap(change);
          changed.ifPresent(
              run -> {
                sql.update(FINAL_RUN)
                    .set(FINAL_RUN.ENDED, run.outcome().isPresent())
                    .set(FINAL_RUN.RUN, Documents.write(run))
                    .where(isFinalOf(trial), FINAL_RUN.NUMBER.eq(number))
                    .execute();
                finals(sql, trial).test().ifPresent(test -> Ranking.finals(sql, trial, test));
              });
          return changed.isPresent();
        });
  }

  private static Condition isFinalOf(TrialId trial) {
    return FINAL_RUN.STUDY.eq(trial.study()).and(FINAL_RUN.TRIAL.eq(trial.number()));
  }

  /** The row of a trial, which nobody else changes until the transaction ends. */
  private static Optional<? extends Record> locked(DSLContext sql, TrialId trial) {
    return sql.selectFrom(TRIAL).where(is(trial)).forUpdate().fetchOptional();
  }

  /** Whether it shows what so many epochs gave; nobody changes it until the transaction ends. */
  private static boolean isTrained(DSLContext sql, TrialId trial, int epochs) {
    return locked(sql, trial)
        .map(Rows::trial)
        .flatMap(Trial::measurement)
        .filter(shown -> shown.epochs() == epochs)
        .isPresent();
  }

  private static boolean isRunning(TrialState state, int attempt) {
    return state instanceof TrialState.Running running && running.attempt() == attempt;
  }

  private static void keep(DSLContext sql, TrialId trial, Epoch epoch) {
    sql.insertInto(EPOCH)
        .set(EPOCH.STUDY, trial.study())
        .set(EPOCH.TRIAL, trial.number())
        .set(EPOCH.NUMBER, epoch.number())
        .set(EPOCH.TRAIN_LOSS, epoch.trainLoss())
        .set(EPOCH.VALIDATION_LOSS, epoch.validationLoss())
        .set(EPOCH.VALIDATION_SCORE, epoch.validationScore())
        .set(EPOCH.LEARNING_RATE, epoch.learningRate())
        .set(EPOCH.SECONDS, epoch.seconds())
        .execute();
  }

  private static boolean forgetEpochs(DSLContext sql, TrialId trial) {
    int last = sql.fetchSingle(TRIAL, is(trial)).map(Rows::trial).epochsKept();
    sql.deleteFrom(EPOCH).where(isOf(trial), EPOCH.NUMBER.gt(last)).execute();
    return true;
  }

  private static boolean forgetInspection(DSLContext sql, TrialId trial) {
    sql.deleteFrom(INSPECTION)
        .where(INSPECTION.STUDY.eq(trial.study()), INSPECTION.TRIAL.eq(trial.number()))
        .execute();
    return true;
  }

  private static Condition is(TrialId trial) {
    return TRIAL.STUDY.eq(trial.study()).and(TRIAL.NUMBER.eq(trial.number()));
  }

  private static Condition isOf(TrialId trial) {
    return EPOCH.STUDY.eq(trial.study()).and(EPOCH.TRIAL.eq(trial.number()));
  }

  private <T> T inTransaction(Function<DSLContext, T> work) {
    try {
      return database.transactionResult(inner -> work.apply(inner.dsl()));
    } catch (DataAccessException e) {
      throw new StoreException(
          "Cannot read or write the studies in %s: %s"
              .formatted(directory.path(), DataDirectory.firstLine(e)),
          e);
    }
  }
}
