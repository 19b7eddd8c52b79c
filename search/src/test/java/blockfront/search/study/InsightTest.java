package blockfront.search.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import blockfront.blocks.cost.Cost;
import blockfront.blocks.graph.Shape;
import blockfront.blocks.network.Architecture;
import blockfront.blocks.network.Layer;
import blockfront.blocks.network.Stage;
import blockfront.blocks.spi.Choice;
import blockfront.search.trial.Measurement;
import blockfront.search.trial.Metric;
import blockfront.search.trial.Outcome;
import blockfront.search.trial.Trial;
import blockfront.search.trial.TrialId;
import blockfront.search.trial.TrialState;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Fronts in two and three objectives, and what choices have to do with them. */
class InsightTest {

  private static final Aims THREE =
      new Aims(List.of(Objective.ERROR, Objective.FLOPS, Objective.PARAMETERS), List.of());

  @Test
  void whatDecidesAnObjectiveIsFirst() {
    var random = new SplittableRandom(1);
    var trials = new ArrayList<Trial>();
    for (int i = 1; i <= 400; i++) {
      boolean attends = random.nextBoolean();
      int width = 16 << random.nextInt(3);
      int depth = 1 + random.nextInt(4);
      // error by the mixer, a little by the depth; cost by the width
      double accuracy = 0.5 + (attends ? 0.3 : 0) + 0.02 * depth;
      trials.add(
          trial(
              i,
              network(attends ? "softmax_mha" : "pool_mixer", width, depth),
              accuracy,
              1000L * width * width,
              10));
    }
    Insight insight = Insight.of(trials, Aims.STANDARD);
    List<String> names = insight.choices().stream().map(Insight.Choice::name).toList();
    assertThat(names).contains("width", "depth", "mixer 1").doesNotContain("norm", "stem");
    Insight.Choice width = insight.choices().get(names.indexOf("width"));
    assertThat(width.values()).containsExactly("16", "32", "64");
    assertThat(width.shares().get(0)).isCloseTo(0, within(0.02));
    assertThat(width.shares().get(1)).isCloseTo(1, within(0.05));
    // the four quarters have one mixer here, so they share what it explains
    double mixers =
        insight.choices().stream()
            .filter(choice -> choice.name().startsWith("mixer"))
            .mapToDouble(choice -> choice.shares().getFirst())
            .max()
            .orElseThrow();
    assertThat(mixers).isGreaterThan(0.1);
    Insight.Choice depth = insight.choices().get(names.indexOf("depth"));
    assertThat(depth.shares().getFirst()).isLessThan(mixers);
    assertThat(insight.networks()).hasSize(400);
  }

  @Test
  void aStudyWithoutResultsShowsNothing() {
    assertThat(Insight.of(List.of(), Aims.STANDARD).choices()).isEmpty();
  }

  @Test
  void ofThreeObjectivesWhatIsBestInOneIsOnTheFront() {
    Architecture network = network("pool_mixer", 16, 1);
    List<Trial> trials =
        List.of(
            trial(1, network, 0.9, 100, 100),
            trial(2, network, 0.8, 100, 50), // fewer parameters
            trial(3, network, 0.8, 90, 100), // fewer FLOPs
            trial(4, network, 0.8, 100, 100), // beaten by all of them
            trial(5, network, 0.9, 100, 100)); // equals the first
    assertThat(numbers(ParetoFront.of(trials, THREE))).containsExactlyInAnyOrder(1, 2, 3);
    assertThat(numbers(ParetoFront.of(trials))).containsExactlyInAnyOrder(1, 3);
  }

  @Test
  void whatViolatesAConstraintIsNeverOnTheFront() {
    Architecture network = network("pool_mixer", 16, 1);
    List<Trial> trials = List.of(trial(1, network, 0.9, 100, 100), trial(2, network, 0.7, 50, 100));
    Aims aims =
        new Aims(Aims.STANDARD.objectives(), List.of(new Aims.Constraint(Objective.ERROR, 0.2)));
    assertThat(numbers(ParetoFront.of(trials, aims))).containsExactly(1);
    assertThat(aims.violation(trials.get(1).measurement().orElseThrow(), trials.get(1).cost()))
        .isCloseTo(0.5, within(1e-9));
  }

  @Test
  void whatWasNotMeasuredAsThePlanWantsIsNotOnTheFront() {
    Aims aims = new Aims(List.of(Objective.ERROR, Objective.LATENCY), List.of());
    assertThat(
            ParetoFront.of(List.of(trial(1, network("pool_mixer", 16, 1), 0.9, 9, 9)), aims)
                .points())
        .isEmpty();
  }

  @Test
  void hypervolumeGrowsToThatOfTheFront() {
    var random = new SplittableRandom(3);
    Architecture network = network("pool_mixer", 16, 1);
    for (Aims aims : List.of(Aims.STANDARD, THREE)) {
      var trials = new ArrayList<Trial>();
      var growing = new Hypervolume(aims);
      for (int i = 1; i <= 60; i++) {
        Trial trial =
            trial(
                i,
                network,
                random.nextDouble(),
                (long) Math.pow(10, 4 + 6 * random.nextDouble()),
                (long) Math.pow(10, 2 + 6 * random.nextDouble()));
        trials.add(trial);
        growing.add(trial);
        assertThat(growing.share())
            .isCloseTo(ParetoFront.of(trials, aims).hypervolume(), within(1e-12));
      }
      assertThat(growing.share()).isCloseTo(drawn(trials, aims), within(0.01));
    }
  }

  /** The share of points drawn in the box that some trial is at least as good as. */
  private static double drawn(List<Trial> trials, Aims aims) {
    var random = new SplittableRandom(4);
    int inside = 0;
    for (int i = 0; i < 40_000; i++) {
      double error = random.nextDouble();
      double flops = 2 * Math.pow(10, 3 + 9 * random.nextDouble());
      double parameters = Math.pow(10, 1 + 10 * random.nextDouble());
      inside +=
          trials.stream()
                  .anyMatch(
                      trial ->
                          1 - trial.measurement().orElseThrow().validationScore() <= error
                              && trial.cost().flops() <= flops
                              && (aims.objectives().size() == 2
                                  || trial.cost().parameters() <= parameters))
              ? 1
              : 0;
    }
    return inside / 40_000.0;
  }

  @Test
  void objectivesAreTwoOrThreeDifferentOnes() {
    assertThatThrownBy(() -> new Aims(List.of(Objective.ERROR), List.of()))
        .hasMessage("Study needs 2 or 3 objectives, got [error]");
    assertThatThrownBy(() -> new Aims(List.of(Objective.ERROR, Objective.ERROR), List.of()))
        .hasMessage("Study names an objective twice: [error, error]");
    assertThatThrownBy(() -> new Aims.Constraint(Objective.LATENCY, 0))
        .hasMessage("Constraint on latency needs a positive bound, got 0.0");
    assertThatThrownBy(() -> Objective.named("beauty"))
        .hasMessage(
            "No objective 'beauty'; known are [error, flops, parameters, latency, state, int8]");
  }

  private static List<Integer> numbers(ParetoFront front) {
    return front.points().stream().map(trial -> trial.id().number()).toList();
  }

  private static Trial trial(
      int number, Architecture network, double accuracy, long multiplyAdds, long parameters) {
    return new Trial(
        new TrialId(1, number),
        "id" + number,
        network,
        new Cost(multiplyAdds, parameters, 0, 0, 0, 0),
        number,
        List.of(),
        Instant.EPOCH,
        new TrialState.Finished(
            1,
            new Outcome.Trained(
                new Measurement(Metric.ACCURACY, accuracy, 1, accuracy, 3, 1, List.of())),
            Instant.EPOCH),
        List.of(),
        Optional.empty(),
        Optional.empty());
  }

  private static Architecture network(String mixer, int width, int depth) {
    var layer =
        new Layer(
            Choice.of("metaformer_block"),
            Choice.of("layer_norm"),
            Optional.of(Choice.of(mixer)),
            Optional.of(Choice.of("mlp")),
            0);
    return new Architecture(
        Shape.of(8, 8, 1),
        10,
        Choice.of("patch_embed"),
        Choice.of("no_position"),
        List.of(new Stage(width, Optional.empty(), Collections.nCopies(depth, layer))),
        Choice.of("layer_norm"),
        Choice.of("mean_pool"));
  }
}
