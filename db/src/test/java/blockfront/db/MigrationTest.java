package blockfront.db;

import static org.assertj.core.api.Assertions.assertThat;

import blockfront.blocks.cost.Cost;
import blockfront.search.study.Leaderboard;
import blockfront.search.trial.Metric;
import blockfront.search.trial.TrialId;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What earlier versions stored is read by this one. */
class MigrationTest {

  private static final String PLAN =
      """
      {"name": "Old", "data": "digits", "space": {"mixers": ["pool_mixer"]},
       "budget": {"trials": 1}}
      """;
  private static final String ARCHITECTURE =
      """
      {"version": 1, "input": "8x8x1", "classes": 10, "stem": "conv_stem",
       "position": "no_position", "stages": [{"width": 16, "layers": [
         {"wrapper": "metaformer_block", "norm": "layer_norm", "mixer": "pool_mixer"}]}],
       "norm": "layer_norm", "head": "mean_pool"}
      """;

  @TempDir Path folder;

  @Test
  void accuraciesOfTheFirstVersionAreScores() throws SQLException {
    String address = DataDirectory.address(folder.toAbsolutePath());
    Flyway.configure(MigrationTest.class.getClassLoader())
        .dataSource(address, DataDirectory.USER, "")
        .locations("classpath:db/migration")
        .target("1")
        .load()
        .migrate();
    try (Connection connection = DriverManager.getConnection(address, DataDirectory.USER, "");
        Statement sql = connection.createStatement()) {
      sql.execute(
          "insert into study (plan, state, message, created, searched_millis, trials) values ('%s',"
                  .formatted(PLAN)
              + " 'FINISHED', '', now(), 5, 1)");
      sql.execute(
          "insert into trial (study, number, architecture_id, architecture, multiply_adds,"
              + " parameters, fourier, elementwise, softmax, peak_activations, cost_rules,"
              + " ask_index, repairs, created, state, attempt, finished, outcome,"
              + " validation_accuracy, validation_loss, test_accuracy, epochs, seconds, confusion)"
              + " values (1, 1, 'abc', '%s', 1000, 10, 20, 30, 40, 50, 1, 0, '[]', now(),"
                  .formatted(ARCHITECTURE)
              + " 'FINISHED', 1, now(), 'TRAINED', 0.75, 0.5, 0.7, 2, 1.5, '[[3]]')");
      sql.execute("insert into epoch values (1, 1, 1, 2.0, 1.0, 0.625, 0.001, 0.5)");
      sql.execute(
          "insert into ranked values (1, 1, 'Old', 'digits', 'abc', 'pool_mixer', 'old', 0.75,"
              + " 1000, 10, 1.5)");
    }

    try (var store = H2StudyStore.open(folder)) {
      var measurement = store.trials(1).getFirst().measurement().orElseThrow();
      assertThat(measurement.metric()).isEqualTo(Metric.ACCURACY);
      assertThat(measurement.validationScore()).isEqualTo(0.75);
      assertThat(measurement.testScore()).isEqualTo(0.7);
      assertThat(store.epochs(new TrialId(1, 1)).getFirst().validationScore()).isEqualTo(0.625);
      assertThat(store.leaderboard(Leaderboard.Query.BEST, 0, 10))
          .extracting(Leaderboard.Row::metric, Leaderboard.Row::validationScore)
          .containsExactly(org.assertj.core.groups.Tuple.tuple(Metric.ACCURACY, 0.75));
      assertThat(store.leaderboard(Leaderboard.Query.BEST, 0, 1).getFirst().cost())
          .isEqualTo(new Cost(1000, 10, 20, 30, 40, 50));
    }
  }
}
