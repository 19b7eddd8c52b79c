package blockfront.search.strategy;

import blockfront.search.space.Genome;
import java.util.List;

/** The strategies a plan can name. */
public enum Strategies {
  /** {@link RandomSearch} */
  RANDOM("random") {
    @Override
    public SearchStrategy start(Genome genome, long seed) {
      return new RandomSearch(genome, seed);
    }
  },
  /** {@link Nsga2} */
  NSGA2("nsga2") {
    @Override
    public SearchStrategy start(Genome genome, long seed) {
      return new Nsga2(genome, seed);
    }
  },
  /** {@link AsyncNsga2} */
  NSGA2_ASYNC("nsga2-async") {
    @Override
    public SearchStrategy start(Genome genome, long seed) {
      return new AsyncNsga2(genome, seed);
    }
  },
  /** {@link RegularizedEvolution} */
  REGULARIZED_EVOLUTION("regularized-evolution") {
    @Override
    public SearchStrategy start(Genome genome, long seed) {
      return new RegularizedEvolution(genome, seed);
    }
  },
  /** {@link SurrogateSearch} */
  SURROGATE("surrogate") {
    @Override
    public SearchStrategy start(Genome genome, long seed) {
      return new SurrogateSearch(genome, seed);
    }
  },
  /** {@link AutoSearch} */
  AUTO("auto") {
    @Override
    public SearchStrategy start(Genome genome, long seed) {
      return new AutoSearch(genome, seed);
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

  /** A new one, that knows nothing yet. */
  public abstract SearchStrategy start(Genome genome, long seed);

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
