package blockfront.db;

import static blockfront.db.schema.Tables.RANKED;

import blockfront.search.study.Leaderboard;
import blockfront.search.study.StudyPlan;
import blockfront.search.trial.Deployment;
import blockfront.search.trial.FinalTraining;
import blockfront.search.trial.Inspection;
import blockfront.search.trial.Measurement;
import blockfront.search.trial.Trial;
import blockfront.search.trial.TrialId;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jooq.Condition;
import org.jooq.DSLContext;
import org.jooq.Field;
import org.jooq.OrderField;
import org.jooq.impl.DSL;

/** The leaderboard's own narrow table. */
final class Ranking {

  private Ranking() {}

  /** Keeps a trial that was measured; its numbers never change after. */
  static void add(DSLContext sql, StudyPlan plan, Trial trial, Measurement measurement) {
    String mixers = Leaderboard.mixers(trial.architecture());
    sql.insertInto(RANKED)
        .set(RANKED.STUDY, trial.id().study())
        .set(RANKED.TRIAL, trial.id().number())
        .set(RANKED.STUDY_NAME, plan.name())
        .set(RANKED.DATA, plan.data())
        .set(RANKED.ARCHITECTURE_ID, trial.architectureId())
        .set(RANKED.MIXERS, mixers)
        .set(
            RANKED.SEARCHABLE,
            folded(String.join("\n", plan.name(), trial.architectureId(), mixers)))
        .set(RANKED.METRIC, measurement.metric().name())
        .set(RANKED.VALIDATION_SCORE, measurement.validationScore())
        .set(RANKED.MULTIPLY_ADDS, trial.cost().multiplyAdds())
        .set(RANKED.PARAMETERS, trial.cost().parameters())
        .set(RANKED.FOURIER, trial.cost().fourier())
        .set(RANKED.ELEMENTWISE, trial.cost().elementwise())
        .set(RANKED.SOFTMAX, trial.cost().softmax())
        .set(RANKED.PEAK_ACTIVATIONS, trial.cost().peakActivations())
        .set(RANKED.STATE_BYTES, measurement.stateBytes().orElse(null))
        .set(RANKED.SECONDS, measurement.seconds())
        .execute();
  }

  /** Adds what its exported models showed. */
  static void deployed(DSLContext sql, TrialId trial, Deployment deployment) {
    sql.update(RANKED)
        .set(RANKED.INT8_DROP, deployment.drop())
        .where(RANKED.STUDY.eq(trial.study()), RANKED.TRIAL.eq(trial.number()))
        .execute();
  }

  /** Adds what it was seen to do for an answer. */
  static void inspected(DSLContext sql, TrialId trial, Inspection.Activity activity) {
    sql.update(RANKED)
        .set(RANKED.PRODUCTS, activity.multiplyAdds())
        .set(RANKED.SPIKE_OPERATIONS, activity.spikeOperations())
        .set(RANKED.MOST_SPIKE_OPERATIONS, activity.mostSpikeOperations())
        .where(RANKED.STUDY.eq(trial.study()), RANKED.TRIAL.eq(trial.number()))
        .execute();
  }

  /** Adds what its final trainings showed. */
  static void finals(DSLContext sql, TrialId trial, FinalTraining.Spread test) {
    sql.update(RANKED)
        .set(RANKED.FINAL_TEST_MEAN, test.mean())
        .set(RANKED.FINAL_TEST_DEVIATION, test.deviation())
        .where(RANKED.STUDY.eq(trial.study()), RANKED.TRIAL.eq(trial.number()))
        .execute();
  }

  static List<Leaderboard.Row> page(
      DSLContext sql, Leaderboard.Query query, int offset, int limit) {
    return sql.selectFrom(RANKED)
        .where(matches(query))
        .orderBy(order(query))
        .limit(limit)
        .offset(offset)
        .fetch(Rows::ranked);
  }

  static int size(DSLContext sql, Leaderboard.Query query) {
    return sql.fetchCount(RANKED, matches(query));
  }

  private static Condition matches(Leaderboard.Query query) {
    var conditions = new ArrayList<Condition>();
    conditions.add(RANKED.METRIC.eq(query.metric().name()));
    query.data().ifPresent(data -> conditions.add(RANKED.DATA.eq(data)));
    query
        .text()
        .filter(text -> !text.isEmpty())
        .ifPresent(
            text -> conditions.add(DSL.position(RANKED.SEARCHABLE, folded(text)).greaterThan(0)));
    query
        .maxMultiplyAdds()
        .ifPresent(most -> conditions.add(RANKED.MULTIPLY_ADDS.lessOrEqual(most)));
    return DSL.and(conditions);
  }

  private static List<OrderField<?>> order(Leaderboard.Query query) {
    List<Field<?>> by =
        switch (query.order()) {
          case VALIDATION_SCORE -> List.of(RANKED.VALIDATION_SCORE);
          case MULTIPLY_ADDS -> List.of(RANKED.MULTIPLY_ADDS);
          case PARAMETERS -> List.of(RANKED.PARAMETERS);
          case SECONDS -> List.of(RANKED.SECONDS);
          case STUDY -> List.of(RANKED.STUDY_NAME);
          case TRIAL -> List.of(RANKED.STUDY, RANKED.TRIAL);
        };
    var order = new ArrayList<OrderField<?>>();
    by.forEach(field -> order.add(query.descending() ? field.desc() : field.asc()));
    // equals keep one order, or pages would repeat rows and miss others
    List.of(RANKED.STUDY, RANKED.TRIAL).stream()
        .filter(field -> !by.contains(field))
        .forEach(order::add);
    return order;
  }

  private static String folded(String text) {
    return text.toLowerCase(Locale.ROOT);
  }
}
