package blockfront.search.train;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;

/** Native memory of several kinds that is given back together, the last first. */
final class Held implements AutoCloseable {

  private final Deque<Runnable> closings = new ArrayDeque<>();

  /** Holds one thing more; the same thing. */
  <T> T hold(T thing, Consumer<T> closing) {
    closings.push(() -> closing.accept(thing));
    return thing;
  }

  @Override
  public void close() {
    while (!closings.isEmpty()) {
      closings.pop().run();
    }
  }
}
