package blockfront.web.page;

import blockfront.search.data.DataException;
import blockfront.search.data.DataSets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;

/** What the classes of data sets are called: each set is read once, not for every page. */
public final class ClassTitles {

  private final Map<String, List<String>> known = new ConcurrentHashMap<>();

  /**
   * In the order of the labels; their numbers, if the set is gone.
   *
   * @param data name of the set
   * @param count classes
   */
  public List<String> of(String data, int count) {
    try {
      return known.computeIfAbsent(data, name -> DataSets.load(name).classes());
    } catch (DataException e) {
      return IntStream.range(0, count).mapToObj(String::valueOf).toList();
    }
  }
}
