package blockfront.web.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import blockfront.search.trial.TrialId;
import com.vaadin.flow.component.UI;
import com.vaadin.flow.component.button.Button;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ErrandsTest {

  private final CountDownLatch over = new CountDownLatch(1);

  @BeforeEach
  void open() {
    UI.setCurrent(new UI());
  }

  @AfterEach
  void close() {
    over.countDown();
    UI.setCurrent(null);
  }

  @Test
  void aPageThatIsLoadedMeanwhileWaitsForTheEnd() {
    button(errands(1)).click();
    Errands later = errands(1);
    assertThat(button(later).isEnabled()).isFalse();
    assertThat(later.ended()).isFalse();

    over.countDown();
    while (!later.ended()) {
      Thread.onSpinWait();
    }
    assertThat(button(later).isEnabled()).isTrue();
    assertThat(later.ended()).isFalse();
  }

  @Test
  void otherNetworksDoNotWait() {
    button(errands(2)).click();
    assertThat(button(errands(3)).isEnabled()).isTrue();
  }

  private Button button(Errands errands) {
    return errands.button("measure", "Measure", this::work);
  }

  private String work() {
    try {
      over.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return "";
  }

  private static Errands errands(int network) {
    return new Errands(new TrialId(1, network), () -> {});
  }
}
