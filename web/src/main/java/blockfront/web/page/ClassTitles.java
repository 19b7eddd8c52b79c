package blockfront.web.page;

import blockfront.search.data.DataSets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/** What the classes of data sets are called: each set is read once, and no page waits for it. */
public final class ClassTitles {

  private static final ExecutorService ASIDE =
      Executors.newSingleThreadExecutor(
          Thread.ofPlatform().daemon().name("class titles").factory());

  private final Map<String, CompletableFuture<List<String>>> known = new ConcurrentHashMap<>();
  private final Executor aside;

  public ClassTitles() {
    this(ASIDE);
  }

  /** Reads with an executor of one's own. */
  ClassTitles(Executor aside) {
    this.aside = aside;
  }

  /**
   * In the order of the labels, if the set was read before; else their numbers, and the set is read
   * aside.
   *
   * @param data name of the set
   * @param count classes
   * @param later told the titles once they are read, on another thread; never if the set is gone
   */
  public List<String> of(String data, int count, Consumer<List<String>> later) {
    CompletableFuture<List<String>> titles =
        known.computeIfAbsent(
            data,
            name -> CompletableFuture.supplyAsync(() -> DataSets.load(name).classes(), aside));
    if (titles.isCompletedExceptionally()) {
      known.remove(data, titles); // it may be there when it is asked for next
    } else if (titles.isDone()) {
      return titles.join();
    } else {
      var _ = titles.thenAccept(later);
    }
    return IntStream.range(0, count).mapToObj(String::valueOf).toList();
  }
}
