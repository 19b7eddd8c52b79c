package blockfront.blocks.mixer;

import blockfront.blocks.graph.Function;
import blockfront.blocks.graph.Shape;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.graph.Values;
import java.util.ArrayList;
import java.util.Optional;

/**
 * {@code o_t = q_t S_t} with {@code S_t = decay_t S_{t-1} + k_t v_t'}, for several heads: what the
 * linear attentions have in common.
 *
 * <p>Described chunk by chunk (<a href="https://arxiv.org/abs/2312.06635">Yang et al., 2023</a>,
 * section 4): within a chunk as attention with weights {@code q_i k_j exp(b_i - b_j)}, b the
 * running sum of the logarithms of the decay; between chunks by the state. Every exponential is of
 * a number that is at most 0, or bounded as {@link PerChannel#least} says.
 */
final class LinearRecurrence {

  /** The factorised weights of a chunk stay within the floats while their exponents do. */
  static final double SAFE_EXPONENT = 61;

  private LinearRecurrence() {}

  /** How the state fades from one token to the next. */
  sealed interface Decay {}

  /** Not at all. */
  record None() implements Decay {}

  /** By one number a head, the same for all tokens. */
  record Fixed(Values logarithms) implements Decay {}

  /** By one number a head and token: logarithms {@code [tokens, heads]}, at most 0. */
  record PerHead(Tensor logarithms) implements Decay {}

  /**
   * By one number for each channel of the keys: logarithms {@code [tokens, channels]}, at most 0.
   *
   * @param least what none of them is below
   */
  record PerChannel(Tensor logarithms, double least) implements Decay {}

  /**
   * What was read, and what the last token leaves.
   *
   * @param output {@code [tokens, heads width]}
   * @param state {@code [heads, keys, values]}
   */
  record Read(Tensor output, Tensor state) {}

  /** Within a chunk, decay made into factors; all for {@code [count heads, size, width]}. */
  private record Factors(Tensor pairs, Tensor query, Tensor key, Optional<Tensor> state) {}

  /**
   * Describes the recurrence.
   *
   * @param query {@code [tokens, heads width]}, as key and value
   * @param before the state that the first token finds, {@code [heads, keys, values]}; zeros if
   *     absent
   */
  static Read of(
      Tensor query,
      Tensor key,
      Tensor value,
      int heads,
      Decay decay,
      int longest,
      Optional<Tensor> before) {
    Chunks chunks = Chunks.of(query.shape().size(0), longest);
    Tensor q = chunks.split(query, heads);
    Tensor k = chunks.split(key, heads);
    Tensor v = chunks.split(value, heads);
    Factors factors = factors(chunks, q, k, heads, decay);
    Tensor within = factors.pairs().matmul(v);
    Tensor update = factors.key().transposedMatmul(v);
    var states = new ArrayList<Tensor>();
    Optional<Tensor> state = before;
    for (int i = 0; i < chunks.count(); i++) {
      int chunk = i;
      state.ifPresent(states::add);
      Tensor added = chunks.chunk(update, i);
      Optional<Tensor> faded =
          state.map(
              s -> factors.state().map(factor -> s.times(chunks.chunk(factor, chunk))).orElse(s));
      state = Optional.of(faded.map(s -> s.plus(added)).orElse(added));
    }
    Tensor output = within;
    if (!states.isEmpty()) {
      // without a state before, the first chunk has none to read
      int skipped = q.shape().size(0) - states.size() * heads;
      Tensor all = Tensor.concatenate(0, states.toArray(Tensor[]::new));
      Tensor read = factors.query().slice(0, skipped, q.shape().size(0)).matmul(all);
      output = within.plus(read.pad(0, skipped, 0));
    }
    return new Read(chunks.join(output, heads), state.orElseThrow());
  }

  private static Factors factors(Chunks chunks, Tensor q, Tensor k, int heads, Decay decay) {
    return switch (decay) {
      case None() -> new Factors(chunks.causal(q.matmulTransposed(k)), q, k, Optional.empty());
      case Fixed(Values logarithms) -> fixed(chunks, q, k, heads, logarithms);
      case PerHead(Tensor logarithms) -> {
        HeadDecay each = HeadDecay.of(chunks, logarithms, heads);
        yield new Factors(
            q.matmulTransposed(k).times(each.pairs(0)),
            q.times(each.sinceStart()),
            k.times(each.untilEnd()),
            Optional.of(each.whole()));
      }
      case PerChannel(Tensor logarithms, double least) -> {
        Tensor g = chunks.split(logarithms, heads);
        Tensor b = chunks.runningSum(g);
        Tensor whole = b.slice(1, chunks.size() - 1, chunks.size()); // [count heads, 1, keys]
        Tensor faded = q.times(b.apply(Function.EXP));
        Tensor pairs =
            -least * chunks.size() <= SAFE_EXPONENT
                ? chunks.causal(faded.matmulTransposed(k.times(b.times(-1).apply(Function.EXP))))
                : halved(chunks, q, k, g);
        yield new Factors(
            pairs,
            faded,
            k.times(whole.minus(b).apply(Function.EXP)),
            Optional.of(
                whole
                    .apply(Function.EXP)
                    .reshape(whole.shape().size(0), whole.shape().size(2), 1)));
      }
    };
  }

  private static Factors fixed(Chunks chunks, Tensor q, Tensor k, int heads, Values logarithms) {
    int size = chunks.size();
    Values pairs =
        Values.of(
            heads * size * size,
            i -> {
              int ahead = i / size % size - i % size;
              return ahead < 0 ? 0 : Math.exp(ahead * logarithms.at(i / (size * size)));
            });
    Values since = Values.of(heads * size, i -> Math.exp((i % size + 1) * logarithms.at(i / size)));
    Values until =
        Values.of(heads * size, i -> Math.exp((size - 1 - i % size) * logarithms.at(i / size)));
    Values whole = Values.of(heads, i -> Math.exp(size * logarithms.at(i)));
    return new Factors(
        each(q.matmulTransposed(k), heads, Tensor.constant(pairs, heads, size, size)),
        each(q, heads, Tensor.constant(since, heads, size, 1)),
        each(k, heads, Tensor.constant(until, heads, size, 1)),
        Optional.of(
            Tensor.constant(whole, heads, 1, 1)
                .broadcast(Shape.of(chunks.count(), heads, 1, 1))
                .reshape(chunks.count() * heads, 1, 1)));
  }

  /** The same factors of each head in all chunks. */
  private static Tensor each(Tensor x, int heads, Tensor factors) {
    int count = x.shape().size(0) / heads;
    return x.reshape(count, heads, x.shape().size(1), x.shape().size(2))
        .times(factors)
        .reshape(x.shape());
  }

  /**
   * The weights of a chunk for decays of any size. Of each pair of neighbouring blocks, the later
   * looks at the earlier through the boundary between them: what fades until there and what fades
   * from there on are both exponentials of numbers of at most 0. Blocks double until they are the
   * chunk.
   */
  private static Tensor halved(Chunks chunks, Tensor q, Tensor k, Tensor g) {
    int size = chunks.size();
    Tensor diagonal =
        Tensor.constant(Values.of(size * size, i -> i / size == i % size ? 1 : 0), size, size);
    Tensor pairs = q.times(k).sum(2).times(diagonal);
    for (int s = 1; s < size; s *= 2) {
      int block = s;
      Values since =
          Values.of(
              size * size,
              i -> i / size >= i % size && i % size / block == i / size / block ? 1 : 0);
      Values until =
          Values.of(
              size * size,
              i -> i / size < i % size && i % size / block == i / size / block ? 1 : 0);
      Values neighbours =
          Values.of(
              size * size,
              i -> {
                int row = i / size / block;
                return row % 2 == 1 && i % size / block == row - 1 ? 1 : 0;
              });
      Tensor later = q.times(chunks.sum(since).matmul(g).apply(Function.EXP));
      Tensor earlier = block == 1 ? k : k.times(chunks.sum(until).matmul(g).apply(Function.EXP));
      pairs =
          pairs.plus(
              later.matmulTransposed(earlier).times(Tensor.constant(neighbours, size, size)));
    }
    return pairs;
  }

  /**
   * One decay a head and token, made into factors of a chunk.
   *
   * @param running the running sum of the logarithms, {@code [count heads, size, 1]}
   */
  record HeadDecay(Tensor running, int size) {

    /** Of logarithms {@code [tokens, heads]}. */
    static HeadDecay of(Chunks chunks, Tensor logarithms, int heads) {
      return new HeadDecay(chunks.runningSum(chunks.split(logarithms, heads)), chunks.size());
    }

    /**
     * From the earlier to the later of two tokens, 0 where the first is not {@code offset} later.
     */
    Tensor pairs(int offset) {
      Tensor later =
          Tensor.constant(
              Values.of(
                  size * size, i -> i / size - offset >= i % size ? 0 : Double.NEGATIVE_INFINITY),
              size,
              size);
      return running.minus(running.permute(0, 2, 1)).plus(later).apply(Function.EXP);
    }

    /** Of the state before the chunk, until each token. */
    Tensor sinceStart() {
      return running.apply(Function.EXP);
    }

    /** Of each token, until the end of the chunk. */
    Tensor untilEnd() {
      return end().minus(running).apply(Function.EXP);
    }

    /** Of the state over the whole chunk, {@code [count heads, 1, 1]}. */
    Tensor whole() {
      return end().apply(Function.EXP);
    }

    private Tensor end() {
      return running.slice(1, size - 1, size);
    }
  }
}
