package blockfront.search.study;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Who is told of what happens to studies. Safe for use by many threads. */
final class StudyEvents {

  private static final Logger LOG = LoggerFactory.getLogger(StudyEvents.class);

  private final List<Consumer<StudyEvent>> listeners = new CopyOnWriteArrayList<>();

  StudyService.Subscription subscribe(Consumer<StudyEvent> listener) {
    listeners.add(listener);
    return () -> listeners.remove(listener);
  }

  void publish(StudyEvent event) {
    for (Consumer<StudyEvent> listener : listeners) {
      try {
        listener.accept(event);
      } catch (RuntimeException e) {
        LOG.warn("A listener failed", e); // a page must not stop a search
      }
    }
  }
}
