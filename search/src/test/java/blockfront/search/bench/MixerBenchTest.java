package blockfront.search.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import blockfront.blocks.catalogue.Catalogue;
import blockfront.search.trial.Epoch;
import blockfront.search.trial.Outcome;
import blockfront.search.trial.Provenance;
import blockfront.search.trial.Recipe;
import blockfront.search.trial.TrialRunner;
import blockfront.search.trial.TrialSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class MixerBenchTest {

  private static final String RECALL = "mqar:vocabulary=16,length=8,pairs=1,train=8,test=8";

  /** Trains nothing: each network's first workers are lost, then it is cancelled. */
  private static final class LosingRunner implements TrialRunner {

    private final int lost;
    private final List<TrialSpec> begun = new ArrayList<>();

    LosingRunner(int lost) {
      this.lost = lost;
    }

    @Override
    public int slots() {
      return 1;
    }

    @Override
    public Run start(TrialSpec spec, Consumer<Epoch> progress) {
      begun.add(spec);
      Ended ended =
          spec.attempt() <= lost
              ? new Ended.WorkerLost("worker %d died".formatted(spec.attempt()))
              : new Ended.With(new Outcome.Cancelled(), Provenance.UNKNOWN);
      return new Run() {
        @Override
        public String worker() {
          return "worker";
        }

        @Override
        public CompletableFuture<Ended> ended() {
          return CompletableFuture.completedFuture(ended);
        }

        @Override
        public void cancel() {}
      };
    }

    @Override
    public void close() {}
  }

  private static List<MixerBench.Row> rows(LosingRunner runner, String... mixers)
      throws InterruptedException {
    return new MixerBench(RECALL, MixerBench.Body.RECALL, Recipe.STANDARD, 1, Catalogue.load())
        .run(runner, List.of(mixers), _ -> {});
  }

  @Test
  void aLostWorkerIsNoResult() throws InterruptedException {
    var runner = new LosingRunner(2);

    assertThat(rows(runner, "deltanet").getFirst().outcome()).isEqualTo(new Outcome.Cancelled());
    assertThat(runner.begun).extracting(TrialSpec::attempt).containsExactly(1, 2, 3);
  }

  @Test
  void whatLosesThreeWorkersIsGivenUp() throws InterruptedException {
    assertThat(rows(new LosingRunner(9), "deltanet").getFirst().outcome())
        .isEqualTo(new Outcome.Failed(Outcome.Reason.WORKER_LOST, "worker 3 died"));
  }

  @Test
  void recallIsLeftToTheMixer() throws InterruptedException {
    var runner = new LosingRunner(0);
    rows(runner, "deltanet", "gam_mixer");

    assertThat(runner.begun)
        .extracting(spec -> spec.architecture().stages().getFirst().layers().getFirst())
        .satisfiesExactly(
            layer -> {
              assertThat(layer.mixer().orElseThrow().id()).isEqualTo("deltanet");
              assertThat(layer.channel()).isEmpty();
            },
            layer -> {
              assertThat(layer.mixer()).isEmpty();
              assertThat(layer.channel().orElseThrow().id()).isEqualTo("gam_mixer");
            });
  }

  @Test
  void whatMixesNearbyTokensBetweenChannelsIsComparedToo() throws InterruptedException {
    assertThat(rows(new LosingRunner(0)))
        .extracting(MixerBench.Row::name)
        .contains("softmax_mha", "deltanet", "activator_mixer", "gam_mixer")
        .doesNotContain("gfnet_filter", "mlp", MixerBench.LINEAR);
  }

  @Test
  void whatTheTaskForbidsIsRefused() {
    assertThatThrownBy(() -> rows(new LosingRunner(0), "gfnet_filter"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("Block 'gfnet_filter' lets tokens see later ones");
  }
}
