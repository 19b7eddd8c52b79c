package blockfront.blocks.network;

import blockfront.blocks.graph.Shape;

/** What a sequence is made of. */
public sealed interface Sequence {

  int length();

  /** The shape of one sequence. */
  Shape shape();

  /** In a few words: {@code 64 tokens of 128}. */
  String text();

  /**
   * Tokens, {@code [length]} whole numbers.
   *
   * @param vocabulary how many different ones there are: 0 up to one less
   */
  record Tokens(int length, int vocabulary) implements Sequence {

    public Tokens {
      if (length < 1 || vocabulary < 2) {
        throw new IllegalArgumentException(
            "Sequence needs a token at least and a vocabulary of 2 or more, got %d of %d"
                .formatted(length, vocabulary));
      }
    }

    @Override
    public Shape shape() {
      return Shape.of(length);
    }

    @Override
    public String text() {
      return "%d tokens of %d".formatted(length, vocabulary);
    }
  }

  /** Vectors, {@code [length, channels]} numbers. */
  record Vectors(int length, int channels) implements Sequence {

    public Vectors {
      if (length < 1 || channels < 1) {
        throw new IllegalArgumentException(
            "Sequence needs a vector and a channel at least, got %d of %d"
                .formatted(length, channels));
      }
    }

    @Override
    public Shape shape() {
      return Shape.of(length, channels);
    }

    @Override
    public String text() {
      return "%d vectors of %d".formatted(length, channels);
    }
  }
}
