package blockfront.search.space;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import blockfront.blocks.catalogue.Catalogue;
import blockfront.blocks.graph.Shape;
import blockfront.blocks.network.Architecture;
import blockfront.blocks.network.Network;
import blockfront.blocks.network.Sequence;
import blockfront.blocks.network.Task;
import blockfront.blocks.spi.Choice;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Spaces of tasks other than image classification. */
class AdmissionTest {

  private static final Catalogue CATALOGUE = Catalogue.load();
  private static final Task RECALL = new Task.TokenPrediction(new Sequence.Tokens(12, 16));
  private static final List<Task> TASKS =
      List.of(
          RECALL,
          new Task.SequenceClassification(new Sequence.Tokens(12, 16), 3),
          new Task.SequenceClassification(new Sequence.Vectors(12, 2), 3),
          new Task.InContextRegression(6, 2));

  @Test
  void everyNetworkOfAnAdmittedSpaceCanBeDescribedForItsTask() {
    for (Task task : TASKS) {
      var codec = new GenomeCodec(space("isotropic", "gated_sdpa"), task, CATALOGUE);
      for (int seed = 0; seed < 20; seed++) {
        var random = new SplittableRandom(seed);
        Architecture architecture =
            codec.decode(
                codec.genes().stream().map(gene -> random.nextInt(gene.choices())).toList());
        Network network = Network.of(architecture, CATALOGUE);
        assertThat(network.logits().shape())
            .as("%s, seed %d", task.text(), seed)
            .isEqualTo(task.output());
      }
    }
  }

  @Test
  void stemsAndHeadsFollowFromTheTask() {
    var codec = new GenomeCodec(space("isotropic", "gated_sdpa"), RECALL, CATALOGUE);
    Architecture architecture = codec.decode(codec.genes().stream().map(_ -> 0).toList());

    assertThat(architecture.stem()).isEqualTo(Choice.of("token_embedding"));
    assertThat(architecture.head()).isEqualTo(Choice.of("each_token"));
  }

  @Test
  void aSpaceThatTheTaskForbidsIsRefusedWithAllReasons() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new GenomeCodec(space("pyramid", "fnet", "dwconv"), RECALL, CATALOGUE))
        .withMessage(
            "Layout 'pyramid' needs images, the task has a sequence; Block 'fnet' lets tokens see"
                + " later ones, which the task forbids; Block 'dwconv' lets tokens see later ones,"
                + " which the task forbids");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new GenomeCodec(space("isotropic", "dwconv"), TASKS.get(1), CATALOGUE))
        .withMessage("Block 'dwconv' needs tokens on a grid, the task has a sequence");
  }

  @Test
  void headsThatAnswerEachTokenAreForThatOnly() {
    var images = new Admission(new Task.ImageClassification(Shape.of(8, 8, 1), 3), CATALOGUE);

    assertThat(images.refusal(CATALOGUE.head("each_token")))
        .contains("Head 'each_token' answers at each token, the task wants an answer only once");
    assertThat(images.refusal(CATALOGUE.stem("token_embedding")))
        .contains("Stem 'token_embedding' needs a sequence, the task has images");
    assertThat(images.admits(CATALOGUE.head("mean_pool"))).isTrue();
    assertThat(new Admission(RECALL, CATALOGUE).refusal(CATALOGUE.head("last_token")))
        .contains("Head 'last_token' answers only once, the task wants an answer at each token");
  }

  @Test
  void architecturesOfEveryTaskSurviveTheirJson() {
    for (Task task : TASKS) {
      var codec = new GenomeCodec(space("isotropic", "gated_sdpa"), task, CATALOGUE);
      Architecture architecture = codec.decode(codec.genes().stream().map(_ -> 0).toList());

      String json = ArchitectureJson.write(architecture);
      assertThat(ArchitectureJson.read(json, CATALOGUE)).isEqualTo(architecture);
    }
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                ArchitectureJson.read("{\"version\": 1, \"task\": {\"id\": \"chess\"}}", CATALOGUE))
        .withMessage(
            "'task.id' names no task: 'chess'; known are [sequence_classification,"
                + " token_prediction, in_context_regression]");
  }

  private static SearchSpace space(String layout, String... mixers) {
    return new SearchSpace(
        List.of(layout),
        List.of(mixers),
        List.of("mlp", "swiglu"),
        List.of("layer_norm", "rms_norm"),
        List.of("learned_position", "no_position"),
        List.of(4),
        List.of(16, 24),
        1,
        3);
  }
}
