package blockfront.blocks.technique;

import blockfront.blocks.graph.Tensor;
import blockfront.blocks.graph.Values;
import java.util.List;

/**
 * Sequences of different lengths one after another, without padding.
 *
 * @param lengths tokens of each sequence
 */
public record Packing(List<Integer> lengths) {

  public Packing {
    lengths = List.copyOf(lengths);
    if (lengths.isEmpty() || lengths.stream().anyMatch(length -> length < 1)) {
      throw new IllegalArgumentException("Packing needs positive lengths, got " + lengths);
    }
  }

  /** Where each sequence begins. */
  public List<Integer> offsets() {
    var offsets = new Integer[lengths.size()];
    int at = 0;
    for (int i = 0; i < offsets.length; i++) {
      offsets[i] = at;
      at += lengths.get(i);
    }
    return List.of(offsets);
  }

  /** Tokens of all sequences. */
  public int tokens() {
    return lengths.stream().mapToInt(Integer::intValue).sum();
  }

  private int longest() {
    return lengths.stream().mapToInt(Integer::intValue).max().orElseThrow();
  }

  /** Rows of the real tokens of {@code [sequences, longest, channels]}. */
  public double[] pack(double[] padded, int channels) {
    var packed = new double[tokens() * channels];
    for (int i = 0; i < lengths.size(); i++) {
      System.arraycopy(
          padded,
          i * longest() * channels,
          packed,
          offsets().get(i) * channels,
          lengths.get(i) * channels);
    }
    return packed;
  }

  /** Back to {@code [sequences, longest, channels]}, zeros where there is no token. */
  public double[] unpack(double[] packed, int channels) {
    var padded = new double[lengths.size() * longest() * channels];
    for (int i = 0; i < lengths.size(); i++) {
      System.arraycopy(
          packed,
          offsets().get(i) * channels,
          padded,
          i * longest() * channels,
          lengths.get(i) * channels);
    }
    return padded;
  }

  /** To be added to attention scores {@code [tokens, tokens]}: only within a sequence. */
  public Tensor mask() {
    int tokens = tokens();
    var owner = new int[tokens];
    for (int i = 0; i < lengths.size(); i++) {
      for (int token = 0; token < lengths.get(i); token++) {
        owner[offsets().get(i) + token] = i;
      }
    }
    return Tensor.constant(
        Values.of(
            tokens * tokens,
            i -> owner[i / tokens] == owner[i % tokens] ? 0 : Double.NEGATIVE_INFINITY),
        tokens,
        tokens);
  }

  /** Multiply-adds of attention layers, packed: {@code 4 C² sum n + 2 C sum n²}. */
  public long multiplyAdds(int channels) {
    long squares = lengths.stream().mapToLong(length -> (long) length * length).sum();
    return 4L * channels * channels * tokens() + 2L * channels * squares;
  }

  /** The same with every sequence padded to the longest. */
  public long paddedMultiplyAdds(int channels) {
    long longest = longest();
    return lengths.size()
        * (4L * channels * channels * longest + 2L * channels * longest * longest);
  }
}
