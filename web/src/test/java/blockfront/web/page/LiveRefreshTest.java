package blockfront.web.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import blockfront.search.study.StudyService;
import com.vaadin.flow.component.UI;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LiveRefreshTest {

  private final List<String> done = new ArrayList<>();

  @Test
  void whatHappenedBeforeAPageListensIsLookedAtOnceItDoes() {
    var refresh = new LiveRefresh(new UI(), () -> {});
    try (var _ = refresh.begin(service(), () -> done.add("looks back"), _ -> {})) {
      assertThat(done).containsExactly("listens", "looks back");
    }
  }

  @Test
  void aPageThatCannotLookBackDoesNotListenEither() {
    var refresh = new LiveRefresh(new UI(), () -> {});
    Runnable missed =
        () -> {
          throw new IllegalStateException("The store is closed");
        };
    assertThatThrownBy(() -> refresh.begin(service(), missed, _ -> {}))
        .hasMessage("The store is closed");
    assertThat(done).containsExactly("listens", "ends");
  }

  private StudyService service() {
    return (StudyService)
        Proxy.newProxyInstance(
            StudyService.class.getClassLoader(),
            new Class<?>[] {StudyService.class},
            (_, method, _) -> {
              if (!method.getName().equals("subscribe")) {
                throw new UnsupportedOperationException(method.getName());
              }
              done.add("listens");
              return (StudyService.Subscription) () -> done.add("ends");
            });
  }
}
