package blockfront.search.train;

import blockfront.blocks.graph.Function;
import blockfront.blocks.graph.Shape;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.graph.Values;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Arithmetic, reductions and structure in SameDiff.
 *
 * <p>Axes are counted with the batch axis and never from the last: ND4J differentiates reductions
 * over a negative axis wrongly, and who fine-tunes the graph relies on that. Axes of size 1 are
 * never reduced: ND4J fails where nothing but them is left.
 */
final class SameDiffArithmetic {

  /** Stands for minus infinity where a difference of infinities would be no number. */
  private static final double LOWEST = -3e38;

  private static final double SMALLEST = 1e-37;

  private final SameDiff graph;
  private final SDVariable ones;

  /** What a normalisation knows of x: {@code hat = (x - mean) / deviation}. */
  record Normalising(SDVariable hat, SDVariable deviation, List<Integer> over) {

    int[] axes() {
      return over.stream().mapToInt(Integer::intValue).toArray();
    }
  }

  /**
   * Builds into a graph.
   *
   * @param ones as {@link #examples} gives them
   */
  SameDiffArithmetic(SameDiff graph, SDVariable ones) {
    this.graph = graph;
    this.ones = ones;
  }

  /** A 1 for each example, {@code [batch, 1]}. */
  static SDVariable examples(SameDiff graph, Tensor input, SDVariable variable) {
    SDVariable rows = variable.reshape(-1, input.shape().elements());
    long[] one = {1, 1};
    return graph.onesLike(graph.stridedSlice(rows, new long[] {0, 0}, one, one, 1, 1, 0, 0, 0));
  }

  static int[] range(int from, int to) {
    return IntStream.range(from, to).toArray();
  }

  SDVariable constant(Values values, Shape shape) {
    var floats = new float[values.size()];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) values.at(i);
    }
    return constant(floats, longs(shape.sizes()));
  }

  SDVariable constant(float[] values, long... sizes) {
    return graph.constant(Nd4j.createFromArray(values).reshape('c', sizes));
  }

  SDVariable filled(float value, long... sizes) {
    return graph.constant(
        Nd4j.valueArrayOf(sizes, value, org.nd4j.linalg.api.buffer.DataType.FLOAT));
  }

  // ---- functions

  SDVariable apply(Function function, SDVariable x) {
    return switch (function) {
      // not ND4J's own GELU: the precise one computes something else
      case GELU -> x.mul(normalDistribution(x));
      case GELU_TANH -> x.mul(0.5).mul(graph.math().tanh(inner(x)).add(1));
      case SILU -> x.mul(graph.nn().sigmoid(x));
      case RELU -> graph.nn().relu(x, 0);
      case SIGMOID -> graph.nn().sigmoid(x);
      case TANH -> graph.math().tanh(x);
      case EXP -> graph.math().exp(x);
      case LOG -> graph.math().log(x);
      case SQRT -> graph.math().sqrt(x);
      case SQUARE -> x.mul(x);
      case ABS -> graph.math().abs(x);
      case STEP -> step(x);
      case SPIKE_SIGMOID, SPIKE_ARCTAN -> step(x.neg()).rsub(1);
    };
  }

  SDVariable derivative(Function function, SDVariable x) {
    return switch (function) {
      case GELU -> {
        SDVariable density = graph.math().exp(x.mul(x).mul(-0.5)).mul(1 / Math.sqrt(2 * Math.PI));
        yield normalDistribution(x).add(x.mul(density));
      }
      case GELU_TANH -> {
        SDVariable tanh = graph.math().tanh(inner(x));
        SDVariable slope = x.mul(x).mul(3 * 0.044715).add(1).mul(Math.sqrt(2 / Math.PI));
        SDVariable turn = x.mul(0.5).mul(tanh.mul(tanh).rsub(1)).mul(slope);
        yield tanh.add(1).mul(0.5).add(turn);
      }
      case SILU -> {
        SDVariable sigmoid = graph.nn().sigmoid(x);
        yield sigmoid.mul(x.mul(sigmoid.rsub(1)).add(1));
      }
      case RELU -> step(x);
      case SIGMOID -> {
        SDVariable sigmoid = graph.nn().sigmoid(x);
        yield sigmoid.mul(sigmoid.rsub(1));
      }
      case TANH -> {
        SDVariable tanh = graph.math().tanh(x);
        yield tanh.mul(tanh).rsub(1);
      }
      case EXP -> graph.math().exp(x);
      case LOG -> x.rdiv(1);
      case SQRT -> graph.math().sqrt(x).rdiv(0.5);
      case SQUARE -> x.mul(2);
      case ABS -> graph.math().sign(x);
      case STEP -> graph.zerosLike(x);
      case SPIKE_SIGMOID -> {
        SDVariable sigmoid = graph.nn().sigmoid(x.mul(4));
        yield sigmoid.mul(sigmoid.rsub(1)).mul(4);
      }
      case SPIKE_ARCTAN -> x.mul(x).mul(Math.PI * Math.PI).add(1).rdiv(1);
    };
  }

  SDVariable abs(SDVariable x) {
    return graph.math().abs(x);
  }

  SDVariable sign(SDVariable x) {
    return graph.math().sign(x);
  }

  private SDVariable step(SDVariable x) {
    return graph.math().sign(graph.nn().relu(x, 0));
  }

  private SDVariable normalDistribution(SDVariable x) {
    return graph.math().erf(x.mul(1 / Math.sqrt(2))).add(1).mul(0.5);
  }

  private static SDVariable inner(SDVariable x) {
    return x.add(x.mul(x).mul(x).mul(0.044715)).mul(Math.sqrt(2 / Math.PI));
  }

  // ---- rows

  SDVariable softmax(SDVariable x, int[] axis) {
    SDVariable powers = graph.math().exp(x.sub(greatest(x, axis)));
    // a row of minus infinities gives zeros
    return powers.div(atLeast(sum(powers, axis), SMALLEST));
  }

  SDVariable crossEntropy(
      SDVariable logits, SDVariable target, int[] axis, int classes, double smoothing) {
    SDVariable centred = logits.sub(greatest(logits, axis));
    SDVariable logarithm = centred.sub(graph.math().log(sum(graph.math().exp(centred), axis)));
    // what is not a target costs nothing, even if it is impossible
    SDVariable finite = atLeast(logarithm, LOWEST);
    return sum(smoothed(target, axis, classes, smoothing).mul(finite), axis).neg();
  }

  /** Not yet multiplied by what arrives. */
  SDVariable crossEntropyGradient(
      SDVariable logits, SDVariable target, int[] axis, int classes, double smoothing) {
    return softmax(logits, axis)
        .mul(sum(target, axis))
        .sub(smoothed(target, axis, classes, smoothing));
  }

  private SDVariable smoothed(SDVariable target, int[] axis, int classes, double smoothing) {
    return target.mul(1 - smoothing).add(sum(target, axis).mul(smoothing / classes));
  }

  private SDVariable greatest(SDVariable x, int[] axis) {
    return atLeast(axis.length == 0 ? x : x.max(true, axis), LOWEST);
  }

  private SDVariable atLeast(SDVariable x, double least) {
    return graph.math().max(x, filled((float) least, 1));
  }

  /** A 1 where the row of a table is that of the index, else 0: {@code [.., rows]}. */
  SDVariable rowOf(SDVariable index, Shape shape, boolean batched, int rows) {
    var sizes = new ArrayList<>(shape.sizes());
    sizes.add(1);
    SDVariable whole = graph.math().round(reshape(index, new Shape(sizes), batched));
    SDVariable inside = graph.math().min(atLeast(whole, 0), filled(rows - 1, 1));
    SDVariable distance = inside.sub(constant(Values.of(rows, i -> i), Shape.of(rows)));
    return graph.nn().relu(graph.math().abs(distance).rsub(1), 0);
  }

  // ---- reductions

  /** Over axes, which stay with size 1. */
  SDVariable sum(SDVariable x, int... axes) {
    return axes.length == 0 ? x : graph.sum(x, true, axes);
  }

  /** Over axes, which stay with size 1. */
  SDVariable mean(SDVariable x, int... axes) {
    return axes.length == 0 ? x : graph.mean(x, true, axes);
  }

  /** Of everything, {@code [1]}. */
  SDVariable total(SDVariable x) {
    return graph.sum(x).reshape(1);
  }

  Normalising normalise(SDVariable x, int[] axes, boolean centred, double epsilon) {
    SDVariable centre = centred ? x.sub(mean(x, axes)) : x;
    SDVariable deviation = graph.math().sqrt(mean(centre.mul(centre), axes).add(epsilon));
    return new Normalising(centre.div(deviation), deviation, Arrays.stream(axes).boxed().toList());
  }

  /** Sums over what would be stretched from the target to the tensor. */
  SDVariable sumTo(Tensor from, SDVariable x, Shape target, boolean batched) {
    Shape shape = from.shape();
    int shift = from.batched() ? 1 : 0;
    int missing = shape.rank() - target.rank();
    IntStream stretched =
        IntStream.range(0, shape.rank())
            .filter(axis -> axis < missing || target.size(axis - missing) == 1)
            .filter(axis -> shape.size(axis) > 1)
            .map(axis -> axis + shift);
    IntStream examples = from.batched() && !batched ? IntStream.of(0) : IntStream.empty();
    return reshape(sum(x, IntStream.concat(examples, stretched).toArray()), target, batched);
  }

  // ---- structure

  /** With leading axes of size 1, so that there are {@code rank} after the batch axis. */
  SDVariable aligned(Tensor tensor, SDVariable x, int rank) {
    Shape shape = tensor.shape();
    // what all examples share needs no axis for them
    return shape.rank() == rank || !tensor.batched() ? x : reshape(x, leading(shape, rank), true);
  }

  SDVariable reshape(SDVariable x, Shape shape, boolean batched) {
    long[] sizes = longs(shape.sizes());
    if (!batched) {
      return x.reshape(sizes);
    }
    long[] all = new long[sizes.length + 1];
    all[0] = -1;
    System.arraycopy(sizes, 0, all, 1, sizes.length);
    return x.reshape(all);
  }

  SDVariable permute(SDVariable x, List<Integer> order, boolean batched) {
    return batched
        ? x.permute(
            IntStream.concat(IntStream.of(0), order.stream().mapToInt(axis -> axis + 1)).toArray())
        : x.permute(order.stream().mapToInt(Integer::intValue).toArray());
  }

  /** Repeated to a shape, and for each example if that is wanted. */
  SDVariable stretched(
      Shape shape, boolean alreadyBatched, SDVariable x, Shape target, boolean batched) {
    Shape from = leading(shape, target.rank());
    SDVariable result = reshape(x, from, alreadyBatched);
    if (!from.equals(target)) {
      var missing =
          IntStream.range(0, target.rank())
              .mapToObj(axis -> from.size(axis) == target.size(axis) ? 1 : target.size(axis))
              .toList();
      result = result.mul(filled(1, longs(missing)));
    }
    return batched && !alreadyBatched ? result.mul(onesOfRank(target.rank())) : result;
  }

  /** Ones for each example. */
  SDVariable stretchedOnes(Shape shape) {
    return onesOfRank(shape.rank()).mul(filled(1, longs(shape.sizes())));
  }

  /** Zeros for each example. */
  SDVariable stretchedZeros(Shape shape) {
    return onesOfRank(shape.rank()).mul(filled(0, longs(shape.sizes())));
  }

  SDVariable slice(Tensor tensor, SDVariable x, int axis, int from, int to) {
    int shift = tensor.batched() ? 1 : 0;
    int rank = tensor.shape().rank() + shift;
    long[] begin = new long[rank];
    long[] end = new long[rank];
    long[] strides = new long[rank];
    Arrays.fill(strides, 1);
    for (int i = 0; i < tensor.shape().rank(); i++) {
      end[i + shift] = tensor.shape().size(i);
    }
    begin[axis + shift] = from;
    end[axis + shift] = to;
    // the mask says: all examples, however many
    return graph.stridedSlice(x, begin, end, strides, shift, shift, 0, 0, 0);
  }

  SDVariable pad(Tensor tensor, SDVariable x, int axis, int before, int after) {
    int shift = tensor.batched() ? 1 : 0;
    int[] amounts = new int[2 * (tensor.shape().rank() + shift)];
    amounts[2 * (axis + shift)] = before;
    amounts[2 * (axis + shift) + 1] = after;
    return pad(x, amounts);
  }

  /** Zeros before and after along each axis in turn. */
  SDVariable pad(SDVariable x, int... amounts) {
    SDVariable table = graph.constant(Nd4j.createFromArray(amounts).reshape(amounts.length / 2, 2));
    return graph.nn().pad(x, table, 0);
  }

  SDVariable concatenate(int axis, List<SDVariable> parts) {
    return parts.size() == 1
        ? parts.getFirst()
        : graph.concat(axis, parts.toArray(SDVariable[]::new));
  }

  private SDVariable onesOfRank(int rank) {
    long[] sizes = new long[rank + 1];
    Arrays.fill(sizes, 1);
    sizes[0] = -1;
    return ones.reshape(sizes);
  }

  private static Shape leading(Shape shape, int rank) {
    var sizes = new ArrayList<>(Collections.nCopies(rank - shape.rank(), 1));
    sizes.addAll(shape.sizes());
    return new Shape(sizes);
  }

  static long[] longs(List<Integer> sizes) {
    return sizes.stream().mapToLong(Integer::longValue).toArray();
  }
}
