package blockfront.search.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.List;
import org.junit.jupiter.api.Test;

class LatencyTest {

  @Test
  void whatIsNotCompiledYetDoesNotCount() {
    var rounds =
        new ArrayDeque<>(List.of(13.0, 12.5, 13.0, 4.0, 4.1, 0.06, 0.05, 0.05, 0.06, 0.05));
    rounds.addAll(List.of(0.05, 99.0));
    assertThat(Latency.fastest(rounds::removeFirst)).isEqualTo(0.05);
    assertThat(rounds).containsExactly(99.0);
  }

  @Test
  void aRoundThatIsDisturbedDoesNotCount() {
    var rounds = new ArrayDeque<>(List.of(1.0, 7.0, 1.01, 0.99, 1.0, 99.0));
    assertThat(Latency.fastest(rounds::removeFirst)).isEqualTo(0.99);
    assertThat(rounds).containsExactly(99.0);
  }
}
