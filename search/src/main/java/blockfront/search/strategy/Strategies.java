package blockfront.search.strategy;

import blockfront.search.space.GenomeCodec;
import java.util.List;

/** The strategies a plan can name. */
public enum Strategies {
  RANDOM("random") {
    @Override
    public SearchStrategy start(GenomeCodec codec, long seed) {
      return new RandomSearch(codec, seed);
    }
  },
  NSGA2("nsga2") {
    @Override
    public SearchStrategy start(GenomeCodec codec, long seed) {
      return new Nsga2(codec, seed);
    }
  };

  private final String text;

  Strategies(String text) {
    this.text = text;
  }

  /** Its name in plans. */
  public String text() {
    return text;
  }

  public abstract SearchStrategy start(GenomeCodec codec, long seed);

  public static List<String> names() {
    return List.of(values()).stream().map(Strategies::text).toList();
  }

  /**
   * By its name in plans.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static Strategies named(String name) {
    return List.of(values()).stream()
        .filter(strategy -> strategy.text.equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "No strategy '%s'; known are %s".formatted(name, names())));
  }
}
