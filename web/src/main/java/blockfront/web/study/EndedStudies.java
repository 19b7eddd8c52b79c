package blockfront.web.study;

import blockfront.web.study.StudiesView.Line;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/** What the first page shows of studies that have ended: read once, for all who open it. */
public final class EndedStudies {

  private final Map<Long, Line> lines = new ConcurrentHashMap<>();

  /** As it is known, or as it is read now. */
  Line line(long study, Supplier<Line> read) {
    return lines.computeIfAbsent(study, _ -> read.get());
  }

  /** Forgets all others. */
  void retain(Collection<Long> studies) {
    lines.keySet().retainAll(studies);
  }
}
