package blockfront.blocks.network;

import blockfront.blocks.graph.Shape;
import java.util.Optional;

/**
 * What a network is asked: what enters it and what it must answer. By which metric it is judged is
 * said by the data set.
 */
public sealed interface Task {

  /** The shape of one example as it enters. */
  Shape input();

  /** The shape of one answer; the last axis are classes, tokens or numbers. */
  Shape output();

  /** In a few words: {@code images 8x8x1, 10 classes}. */
  String text();

  /** Whether an answer may depend on nothing that comes after its place. */
  default boolean causal() {
    return false;
  }

  /** The sequence that enters, unless that is an image. */
  Optional<Sequence> sequence();

  /** Which class an image {@code [height, width, channels]} is of. */
  record ImageClassification(Shape input, int classes) implements Task {

    public ImageClassification {
      enoughClasses(classes);
    }

    @Override
    public Shape output() {
      return Shape.of(classes);
    }

    @Override
    public String text() {
      return "images %s, %d classes".formatted(input.text(), classes);
    }

    @Override
    public Optional<Sequence> sequence() {
      return Optional.empty();
    }
  }

  /** Which class a sequence is of. */
  record SequenceClassification(Sequence of, int classes) implements Task {

    public SequenceClassification {
      enoughClasses(classes);
    }

    @Override
    public Shape input() {
      return of.shape();
    }

    @Override
    public Shape output() {
      return Shape.of(classes);
    }

    @Override
    public String text() {
      return "%s, %d classes".formatted(of.text(), classes);
    }

    @Override
    public Optional<Sequence> sequence() {
      return Optional.of(of);
    }
  }

  /** Which token is right at each place of a sequence, from the tokens up to that place. */
  record TokenPrediction(Sequence.Tokens of) implements Task {

    @Override
    public Shape input() {
      return of.shape();
    }

    @Override
    public Shape output() {
      return Shape.of(of.length(), of.vocabulary());
    }

    @Override
    public String text() {
      return "%s, a token at each place".formatted(of.text());
    }

    @Override
    public boolean causal() {
      return true;
    }

    @Override
    public Optional<Sequence> sequence() {
      return Optional.of(of);
    }
  }

  /**
   * The value of a function that only examples describe.
   *
   * <p>A prompt is a sequence of vectors {@code (x, y)}: the examples, then the query, whose y is
   * 0. (<a href="https://arxiv.org/abs/2307.03576">Mahankali, Hashimoto and Ma, 2023</a>.)
   *
   * @param examples in front of the query
   * @param dimensions of x
   */
  record InContextRegression(int examples, int dimensions) implements Task {

    public InContextRegression {
      if (examples < 1 || dimensions < 1) {
        throw new IllegalArgumentException(
            "In-context regression needs an example and a dimension at least, got %d and %d"
                .formatted(examples, dimensions));
      }
    }

    @Override
    public Shape input() {
      return prompt().shape();
    }

    @Override
    public Shape output() {
      return Shape.of(1);
    }

    @Override
    public String text() {
      return "%d examples of %d dimensions and a query".formatted(examples, dimensions);
    }

    @Override
    public Optional<Sequence> sequence() {
      return Optional.of(prompt());
    }

    private Sequence prompt() {
      return new Sequence.Vectors(examples + 1, dimensions + 1);
    }
  }

  private static void enoughClasses(int classes) {
    if (classes < 2) {
      throw new IllegalArgumentException("Network needs at least 2 classes, got " + classes);
    }
  }
}
