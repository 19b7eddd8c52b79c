package blockfront.web.page;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class AsideTest {

  private final List<String> said = new ArrayList<>();

  @Test
  void whatIsDoneIsTold() {
    run(() -> "done");
    assertThat(said).containsExactly("done");
  }

  @Test
  void whateverTheReasonIsThereIsNoneItIsTold() {
    run(
        () -> {
          throw new IllegalArgumentException("No network 1/1");
        });
    run(
        () -> {
          throw new OutOfMemoryError("Java heap space");
        });
    assertThat(said).containsExactly("failed: No network 1/1", "failed: Java heap space");
  }

  private void run(Supplier<String> work) {
    Aside.ended("work", work, said::add, why -> said.add("failed: " + why)).execute();
  }
}
