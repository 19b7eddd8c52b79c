package blockfront.search.train;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Where the time of some steps went. Owned by one thread. */
public final class Profile {

  private final Map<Place, Spent> spent = new HashMap<>();
  private int rounds;

  private record Place(String operation, String scope) {}

  private static final class Spent {
    private long nanos;
    private int calls;
  }

  /**
   * Time in one group.
   *
   * @param calls in one step
   */
  public record Entry(String name, double millisPerStep, int calls) {}

  void add(String operation, String scope, long nanos) {
    Spent at = spent.computeIfAbsent(new Place(operation, scope), _ -> new Spent());
    at.nanos += nanos;
    at.calls++;
  }

  void endOfStep() {
    rounds++;
  }

  /** By operation, the longest first. */
  public List<Entry> byOperation() {
    return grouped(true);
  }

  /** By the last name of the scope, the longest first: all layers together. */
  public List<Entry> byScope() {
    return grouped(false);
  }

  private List<Entry> grouped(boolean operation) {
    var groups = new HashMap<String, Spent>();
    spent.forEach(
        (place, time) -> {
          String name = operation ? place.operation() : place.scope().replaceAll("\\.\\d+", "");
          Spent sum = groups.computeIfAbsent(name, _ -> new Spent());
          sum.nanos += time.nanos;
          sum.calls += time.calls;
        });
    var entries = new ArrayList<Entry>();
    groups.forEach(
        (name, time) ->
            entries.add(new Entry(name, time.nanos / 1e6 / rounds, time.calls / rounds)));
    entries.sort(Comparator.comparingDouble(Entry::millisPerStep).reversed());
    return entries;
  }

  /** Both tables, for people. */
  public String text() {
    var text = new StringBuilder();
    for (List<Entry> entries : List.of(byOperation(), byScope())) {
      double all = entries.stream().mapToDouble(Entry::millisPerStep).sum();
      for (Entry entry : entries) {
        text.append(
            String.format(
                Locale.ROOT,
                "  %9.3f ms %5.1f %% %5d  %s%n",
                entry.millisPerStep(),
                100 * entry.millisPerStep() / all,
                entry.calls(),
                entry.name()));
      }
      text.append(String.format(Locale.ROOT, "  %9.3f ms in all%n", all));
    }
    return text.toString();
  }
}
