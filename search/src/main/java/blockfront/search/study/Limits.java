package blockfront.search.study;

import blockfront.blocks.cost.Cost;
import java.util.Optional;

/**
 * What no network of a study may exceed; checked before training.
 *
 * @param multiplyAdds of one example
 * @param parameters trained numbers
 */
public record Limits(Optional<Long> multiplyAdds, Optional<Long> parameters) {

  public static final Limits NONE = new Limits(Optional.empty(), Optional.empty());

  public Limits {
    positive("multiplyAdds", multiplyAdds);
    positive("parameters", parameters);
  }

  /** Why a network is refused; empty if it is not. */
  public Optional<String> refusal(Cost cost) {
    return over("multiply-adds", cost.multiplyAdds(), multiplyAdds)
        .or(() -> over("parameters", cost.parameters(), parameters));
  }

  private static Optional<String> over(String what, long actual, Optional<Long> limit) {
    return limit
        .filter(most -> actual > most)
        .map(most -> "%,d %s exceed the limit of %,d".formatted(actual, what, most));
  }

  private static void positive(String what, Optional<Long> limit) {
    limit.ifPresent(
        most -> {
          if (most < 1) {
            throw new IllegalArgumentException(
                "Limit of %s must be at least 1, got %d".formatted(what, most));
          }
        });
  }
}
