package blockfront.search.train;

import blockfront.blocks.graph.Function;
import blockfront.blocks.graph.Op;
import blockfront.blocks.graph.Shape;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.graph.Window;
import blockfront.search.train.kernel.BatchNormalisation;
import blockfront.search.train.kernel.Copies;
import blockfront.search.train.kernel.Elementwise;
import blockfront.search.train.kernel.Elementwise.Arithmetic;
import blockfront.search.train.kernel.Normalisation;
import blockfront.search.train.kernel.Pointwise;
import blockfront.search.train.kernel.Rational;
import blockfront.search.train.kernel.Selection;
import blockfront.search.train.kernel.Softmax;
import blockfront.search.train.kernel.Strides;
import blockfront.search.train.kernel.Table;
import blockfront.search.train.kernel.Windows;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/** Turns one operation into the loop or the native call that does it. */
final class StepCompiler {

  /** Rows of unfolded windows are made for as many examples as fit into this many elements. */
  private static final long UNFOLDED = 1 << 20;

  private final Storage storage;
  private final java.util.function.Function<Tensor, MemorySegment> buffers;
  private final int batch;
  private final boolean statistics;
  private final Arena arena;
  private final Map<Normed, MemorySegment> measured = new HashMap<>();
  private final IdentityHashMap<Tensor, MemorySegment> weighed = new IdentityHashMap<>();
  private MemorySegment attentionTile = MemorySegment.NULL;
  private long scratchBytes;

  /** What statistics belong to; tensors are equal if they are the same. */
  private record Normed(Tensor x, Op.Extent extent, boolean centred, double epsilon) {}

  /**
   * Compiles with given places.
   *
   * @param buffers where each tensor's first element lies
   * @param batch examples at a time
   * @param arena what the steps need besides lives as long
   */
  StepCompiler(
      Storage storage,
      java.util.function.Function<Tensor, MemorySegment> buffers,
      int batch,
      Set<Pass> passes,
      Arena arena) {
    this.storage = storage;
    this.buffers = buffers;
    this.batch = batch;
    this.statistics = passes.contains(Pass.STATISTICS);
    this.arena = arena;
  }

  long scratchBytes() {
    return scratchBytes;
  }

  /** What computes the tensor from its operands; all buffers are known. */
  Plan.Work compile(Tensor y) {
    Optional<Attention> forward = storage.attention(y);
    if (forward.isPresent()) {
      return always(attention(forward.get()));
    }
    Optional<Attention> backward = storage.attentionBackward(y);
    if (backward.isPresent()) {
      return always(attentionBackward(backward.get()));
    }
    return switch (y.op()) {
      case Op.MatMul(boolean transposeLeft, boolean transposeRight) ->
          product(y, transposeLeft, transposeRight);
      case Op.ProductSum(boolean transposeLeft, boolean transposeRight) ->
          product(y, transposeLeft, transposeRight);
      case Op.SumTo() -> sum(y, 1);
      default -> Schedule.gathers(y) ? gathering(y) : always(compile(y, buffers.apply(y)));
    };
  }

  private static Plan.Work always(Runnable work) {
    return _ -> work.run();
  }

  /** What is summed over the examples of a slice, added to the slices before. */
  private Plan.Work gathering(Tensor y) {
    long count = count(y);
    MemorySegment sum = buffers.apply(y);
    MemorySegment part = scratch(count);
    Runnable first = compile(y, sum);
    Runnable next = compile(y, part);
    return further -> {
      if (further) {
        next.run();
        Copies.accumulate(part, sum, count);
      } else {
        first.run();
      }
    };
  }

  private Runnable compile(Tensor y, MemorySegment out) {
    long count = count(y);
    return switch (y.op()) {
      case Op.Leaf leaf -> throw new IllegalArgumentException("Nothing computes " + leaf);
      case Op.Add() -> elementwise(Arithmetic.ADD, y, out);
      case Op.Subtract() -> elementwise(Arithmetic.SUBTRACT, y, out);
      case Op.Multiply() -> elementwise(Arithmetic.MULTIPLY, y, out);
      case Op.Divide() -> elementwise(Arithmetic.DIVIDE, y, out);
      case Op.Affine(double scale, double shift) -> {
        MemorySegment x = in(y, 0);
        yield () -> Pointwise.affine((float) scale, (float) shift, x, out, count);
      }
      case Op.Pointwise(Function function) -> activation(y, function, out);
      case Op.PointwiseGradient(Function function) -> {
        MemorySegment x = in(y, 0);
        MemorySegment dy = in(y, 1);
        if (storage.slope(y.operand(0))) {
          yield () -> Pointwise.multiply(x, dy, out, count);
        }
        yield () -> Pointwise.gradient(function, x, dy, out, count);
      }
      case Op.MatMul _, Op.ProductSum _, Op.SumTo _ ->
          throw new IllegalArgumentException("Products and sums go on from slice to slice");
      case Op.Convolution(Window window, int groups) -> convolution(y, window, groups, out);
      case Op.ConvolutionInputGradient(Window window, int groups) ->
          convolutionInputGradient(y, window, groups, out);
      case Op.ConvolutionKernelGradient(Window window, int groups) ->
          convolutionKernelGradient(y, window, groups, out);
      case Op.Normalise(Op.Extent extent, boolean centred, double epsilon) -> {
        Normalisation kernel = normalisation(y.operand(0), extent, centred, epsilon);
        MemorySegment x = in(y, 0);
        MemorySegment gain = in(y, 1);
        Optional<MemorySegment> bias =
            y.operands().size() == 3 ? Optional.of(in(y, 2)) : Optional.empty();
        MemorySegment rows = scratch(kernel.statistics());
        if (statistics) {
          measured.put(new Normed(y.operand(0), extent, centred, epsilon), rows);
        }
        yield () -> {
          kernel.measure(x, rows);
          kernel.forward(x, gain, bias, rows, out);
        };
      }
      case Op.NormaliseInputGradient(Op.Extent extent, boolean centred, double epsilon) -> {
        Normalisation kernel = normalisation(y.operand(0), extent, centred, epsilon);
        MemorySegment x = in(y, 0);
        MemorySegment gain = in(y, 1);
        MemorySegment dy = in(y, 2);
        yield measured(
            kernel,
            new Normed(y.operand(0), extent, centred, epsilon),
            x,
            rows -> kernel.inputGradient(x, gain, dy, rows, out));
      }
      case Op.NormaliseGainGradient(Op.Extent extent, boolean centred, double epsilon) -> {
        Normalisation kernel = normalisation(y.operand(0), extent, centred, epsilon);
        MemorySegment x = in(y, 0);
        MemorySegment dy = in(y, 1);
        yield measured(
            kernel,
            new Normed(y.operand(0), extent, centred, epsilon),
            x,
            rows -> kernel.gainGradient(x, dy, rows, out));
      }
      case Op.BatchNormalise(double epsilon, double momentum) -> {
        BatchNormalisation kernel = batchNormalisation(y.operand(0), epsilon);
        MemorySegment x = in(y, 0);
        MemorySegment gain = in(y, 1);
        MemorySegment bias = in(y, 2);
        MemorySegment mean = in(y, 3);
        MemorySegment variance = in(y, 4);
        yield () -> {
          kernel.forward(x, gain, bias, out);
          kernel.gather((float) momentum, mean, variance);
        };
      }
      case Op.BatchNormaliseInputGradient(double epsilon) -> {
        BatchNormalisation kernel = batchNormalisation(y.operand(0), epsilon);
        MemorySegment x = in(y, 0);
        MemorySegment gain = in(y, 1);
        MemorySegment dy = in(y, 2);
        yield () -> kernel.inputGradient(x, gain, dy, out);
      }
      case Op.BatchNormaliseGainGradient(double epsilon) -> {
        BatchNormalisation kernel = batchNormalisation(y.operand(0), epsilon);
        MemorySegment x = in(y, 0);
        MemorySegment dy = in(y, 1);
        yield () -> kernel.gainGradient(x, dy, out);
      }
      case Op.Softmax() -> {
        MemorySegment x = in(y, 0);
        int columns = y.shape().size(-1);
        int rows = Math.toIntExact(count / columns);
        yield () -> Softmax.forward(x, out, rows, columns);
      }
      case Op.SoftmaxGradient() -> {
        MemorySegment softmax = in(y, 0);
        MemorySegment dy = in(y, 1);
        int columns = y.shape().size(-1);
        int rows = Math.toIntExact(count / columns);
        yield () -> Softmax.gradient(softmax, dy, out, rows, columns);
      }
      case Op.AveragePool(Window window) -> {
        Windows windows = windows(y.operand(0), window);
        MemorySegment x = in(y, 0);
        yield () -> windows.averagePool(x, out);
      }
      case Op.AveragePoolGradient(Window window) -> {
        Windows windows = windows(y, window);
        MemorySegment dy = in(y, 0);
        MemorySegment scratch = scratch(count(y.operand(0)));
        yield () -> windows.averagePoolGradient(dy, scratch, out);
      }
      case Op.Reduce(Op.Reduction reduction, List<Integer> _) -> {
        double scale =
            switch (reduction) {
              case SUM -> 1;
              case MEAN -> (double) count / count(y.operand(0));
            };
        Plan.Work sum = sum(y, (float) scale);
        yield () -> sum.run(false);
      }
      case Op.Broadcast() -> copy(storage.stretched(y.operand(0), y), whole(y), in(y, 0), out);
      case Op.Reshape() -> copy(storage.place(y.operand(0)), whole(y.operand(0)), in(y, 0), out);
      case Op.Permute(List<Integer> order) -> {
        Place from = storage.place(y.operand(0));
        int shift = y.batched() ? 1 : 0;
        var axes = new ArrayList<Integer>();
        if (y.batched()) {
          axes.add(0);
        }
        order.forEach(axis -> axes.add(axis + shift));
        yield copy(from.permute(axes), whole(y), in(y, 0), out);
      }
      case Op.Slice(int axis, int from, int to) -> {
        Place place = storage.place(y.operand(0));
        Place cut = place.slice(axis + (y.batched() ? 1 : 0), from, to - from);
        long skipped = (cut.offset() - place.offset()) << 2;
        yield copy(cut, whole(y), in(y, 0).asSlice(skipped), out);
      }
      case Op.Select(int axis, List<Integer> indices) -> {
        Selection kernel = selection(y.operand(0), axis, indices);
        MemorySegment x = in(y, 0);
        yield () -> kernel.forward(x, out);
      }
      case Op.SelectGradient(int axis, List<Integer> indices) -> {
        Selection kernel = selection(y, axis, indices);
        MemorySegment dy = in(y, 0);
        yield () -> kernel.gradient(dy, out);
      }
      case Op.Pad(int axis, int before, int _) -> {
        Tensor x = y.operand(0);
        int at = axis + (y.batched() ? 1 : 0);
        Place inside = whole(y).slice(at, before, x.shape().size(axis));
        Runnable copy = copy(storage.place(x), inside, in(y, 0), out.asSlice(inside.offset() << 2));
        yield () -> {
          out.fill((byte) 0);
          copy.run();
        };
      }
      case Op.Concatenate(int axis) -> concatenate(y, axis, out);
      case Op.Rational(int groups) -> {
        Rational kernel = rational(y, groups);
        MemorySegment x = in(y, 0);
        MemorySegment a = in(y, 1);
        MemorySegment b = in(y, 2);
        yield () -> kernel.forward(x, a, b, out);
      }
      case Op.RationalInputGradient(int groups) -> {
        Rational kernel = rational(y, groups);
        MemorySegment x = in(y, 0);
        MemorySegment a = in(y, 1);
        MemorySegment b = in(y, 2);
        MemorySegment dy = in(y, 3);
        yield () -> kernel.inputGradient(x, a, b, dy, out);
      }
      case Op.RationalNumeratorGradient(int groups) -> {
        Rational kernel = rational(y, groups);
        MemorySegment x = in(y, 0);
        MemorySegment b = in(y, 2);
        MemorySegment dy = in(y, 3);
        yield () -> kernel.numeratorGradient(x, b, dy, out);
      }
      case Op.RationalDenominatorGradient(int groups) -> {
        Rational kernel = rational(y, groups);
        MemorySegment x = in(y, 0);
        MemorySegment a = in(y, 1);
        MemorySegment b = in(y, 2);
        MemorySegment dy = in(y, 3);
        yield () -> kernel.denominatorGradient(x, a, b, dy, out);
      }
      case Op.Lookup() -> {
        Table kernel = table(y.operand(0), y.operand(1));
        MemorySegment table = in(y, 0);
        MemorySegment index = in(y, 1);
        yield () -> kernel.forward(table, index, out);
      }
      case Op.LookupGradient() -> {
        Table kernel = table(y, y.operand(0));
        MemorySegment index = in(y, 0);
        MemorySegment dy = in(y, 1);
        yield () -> kernel.gradient(index, dy, out);
      }
      case Op.CrossEntropy(double smoothing) -> {
        MemorySegment logits = in(y, 0);
        MemorySegment target = in(y, 1);
        int classes = y.operand(0).shape().size(-1);
        int rows = Math.toIntExact(count);
        yield () -> Softmax.crossEntropy(logits, target, out, rows, classes, smoothing);
      }
      case Op.CrossEntropyGradient(double smoothing) -> {
        MemorySegment logits = in(y, 0);
        MemorySegment target = in(y, 1);
        MemorySegment upstream = in(y, 2);
        int classes = y.shape().size(-1);
        int rows = Math.toIntExact(count / classes);
        yield () ->
            Softmax.crossEntropyGradient(logits, target, upstream, out, rows, classes, smoothing);
      }
    };
  }

  // ---- products

  /** {@link Op.MatMul}, or a sum of products where the result lacks axes of the operands. */
  private Plan.Work product(Tensor y, boolean transposeLeft, boolean transposeRight) {
    Tensor left = y.operand(0);
    Tensor right = y.operand(1);
    Place a = storage.place(left);
    Place b = storage.place(right);
    Place c = storage.place(y);
    float scale = storage.factor(y) * a.factor() * b.factor();
    long aAt = in(y, 0).address();
    long bAt = in(y, 1).address();
    long cAt = buffers.apply(y).address();
    boolean added = storage.added(y);
    boolean gathers = Schedule.gathers(y);
    int rows = y.shape().size(-2);
    int columns = y.shape().size(-1);
    int inner = left.shape().size(transposeLeft ? -2 : -1);
    int leading = Math.max(leading(left), leading(right));
    int examples = left.batched() || right.batched() ? batch : 1;
    int items = leading * examples;
    boolean sharedRight = !right.batched() && right.shape().rank() == 2;
    boolean sharedResult = !y.batched() && y.shape().rank() == 2;
    Optional<Matrices> rowsOfA = Matrices.joined(a);
    Optional<Matrices> rowsOfB = Matrices.joined(b);
    Optional<Matrices> rowsOfC = Matrices.joined(c);
    Matrices matrixA = matrices(y, a);
    Matrices matrixB = matrices(y, b);
    Matrices matrixC = matrices(y, c);
    if (items > 1
        && sharedRight
        && !sharedResult
        && !transposeLeft
        && matrices(left) == items
        && rowsOfA.isPresent()
        && rowsOfC.isPresent()) {
      // all rows at once
      var product =
          new Blas.Product(
              false,
              transposeRight != matrixB.transposed(),
              rows * items,
              columns,
              inner,
              rowsOfA.get().rowStride(),
              matrixB.rowStride(),
              rowsOfC.get().rowStride(),
              scale);
      return further -> product.run(aAt, bAt, cAt, added || (gathers && further) ? 1 : 0);
    }
    if (sharedResult
        && transposeLeft
        && !transposeRight
        && matrices(left) == items
        && matrices(right) == items
        && rowsOfA.isPresent()
        && rowsOfB.isPresent()) {
      // the sum over items is the sum over all rows
      var product =
          new Blas.Product(
              true,
              false,
              rows,
              columns,
              inner * items,
              rowsOfA.get().rowStride(),
              rowsOfB.get().rowStride(),
              matrixC.rowStride(),
              scale);
      return further -> product.run(aAt, bAt, cAt, added || (gathers && further) ? 1 : 0);
    }
    var product =
        new Blas.Product(
            transposeLeft != matrixA.transposed(),
            transposeRight != matrixB.transposed(),
            rows,
            columns,
            inner,
            matrixA.rowStride(),
            matrixB.rowStride(),
            matrixC.rowStride(),
            scale);
    long[] lefts = offsets(left, a, matrixA, examples, leading);
    long[] rights = offsets(right, b, matrixB, examples, leading);
    long[] results = offsets(y, c, matrixC, examples, leading);
    var keep = new boolean[items]; // where an earlier product already lies in the result
    var written = new HashSet<Long>();
    for (int item = 0; item < items; item++) {
      keep[item] = !written.add(results[item]);
    }
    return further -> {
      boolean goesOn = added || (gathers && further);
      for (int item = 0; item < items; item++) {
        product.run(
            aAt + lefts[item],
            bAt + rights[item],
            cAt + results[item],
            goesOn || keep[item] ? 1 : 0);
      }
    };
  }

  private Runnable attention(Attention attention) {
    Optional<MemorySegment> kept = Optional.empty();
    if (attention.backward().isPresent()) {
      long count =
          AttentionSteps.kept(
              matrices(attention.result()),
              attention.query().shape().size(-2),
              attention.key().shape().size(-2));
      MemorySegment memory = scratch(count);
      weighed.put(attention.result(), memory);
      kept = Optional.of(memory);
    }
    return attentionSteps(attention)
        .forward(written(attention.result()), attentionTile(attention), kept);
  }

  private Runnable attentionBackward(Attention attention) {
    MemorySegment kept = weighed.get(attention.result());
    Attention.Backward backward = attention.backward().orElseThrow();
    if (kept == null) {
      throw new IllegalArgumentException(
          "Attention goes backward before it goes forward in " + attention.result());
    }
    return attentionSteps(attention)
        .backward(
            read(backward.upstream()),
            written(backward.query()),
            written(backward.key()),
            written(backward.value()),
            attentionTile(attention),
            kept);
  }

  private AttentionSteps attentionSteps(Attention attention) {
    return new AttentionSteps(
        matrices(attention.result()),
        attention.query().shape().size(-2),
        attention.key().shape().size(-2),
        attention.query().shape().size(-1),
        attention.value().shape().size(-1),
        attention.causal(),
        read(attention.query()),
        read(attention.key()),
        read(attention.value()),
        attention.mask().map(mask -> new AttentionSteps.Bias(buffers.apply(mask), leading(mask))));
  }

  /** Scratch of all attention, which is never done at the same time. */
  private MemorySegment attentionTile(Attention attention) {
    long elements =
        2
            * AttentionSteps.tileElements(
                attention.query().shape().size(-2), attention.key().shape().size(-2));
    if (attentionTile.byteSize() < (elements << 2)) {
      attentionTile = scratch(elements);
    }
    return attentionTile;
  }

  private AttentionSteps.Operand read(Tensor tensor) {
    return operand(tensor, storage.place(tensor).factor());
  }

  private AttentionSteps.Operand written(Tensor tensor) {
    return operand(tensor, storage.factor(tensor));
  }

  private AttentionSteps.Operand operand(Tensor tensor, float factor) {
    Place place = storage.place(tensor);
    Matrices matrices = matrices(tensor, place);
    int leading = leading(tensor);
    return new AttentionSteps.Operand(
        buffers.apply(tensor).address(),
        offsets(tensor, place, matrices, batch, leading),
        matrices,
        factor);
  }

  private static Matrices matrices(Tensor product, Place place) {
    return Matrices.of(place)
        .orElseThrow(() -> new IllegalArgumentException(product + " cannot use " + place));
  }

  /** Matrices of one example. */
  private static int leading(Tensor tensor) {
    Shape shape = tensor.shape();
    return Math.toIntExact(shape.elements() / ((long) shape.size(-1) * shape.size(-2)));
  }

  private int matrices(Tensor tensor) {
    return leading(tensor) * (tensor.batched() ? batch : 1);
  }

  /** Bytes to the matrix of each example and leading index; what lacks either has one for all. */
  private static long[] offsets(
      Tensor tensor, Place place, Matrices matrices, int examples, int leading) {
    var offsets = new long[examples * leading];
    int shift = tensor.batched() ? 1 : 0;
    for (int item = 0; item < offsets.length; item++) {
      long at = tensor.batched() ? item / leading * place.strides().getFirst() : 0;
      int rest = tensor.shape().rank() > 2 ? item % leading : 0;
      for (int axis = matrices.leading().size() - 1; axis >= shift; axis--) {
        int size = matrices.leading().get(axis);
        at += rest % size * matrices.leadingStrides().get(axis);
        rest /= size;
      }
      offsets[item] = at << 2;
    }
    return offsets;
  }

  // ---- windows

  private Runnable convolution(Tensor y, Window window, int groups, MemorySegment out) {
    Tensor x = y.operand(0);
    MemorySegment from = in(y, 0);
    MemorySegment kernel = in(y, 1);
    Windows windows = windows(x, window);
    if (depthwise(x, y.shape().size(2), groups)) {
      return () -> windows.depthwise(from, kernel, out);
    }
    var unfolding = new Unfolding(windows, groups, y.shape().size(2));
    MemorySegment columns = scratch(unfolding.elements());
    Blas.Product product = unfolding.product(false, false);
    return () ->
        unfolding.forEach(
            (first, last, group) -> {
              windows.unfold(from, columns, first, last, group * unfolding.in(), unfolding.in());
              unfolding
                  .rows(product, last - first)
                  .run(
                      Blas.address(columns, 0),
                      Blas.address(kernel, (long) group * unfolding.out()),
                      Blas.address(out, unfolding.at(first, group)),
                      0);
            });
  }

  private Runnable convolutionInputGradient(
      Tensor y, Window window, int groups, MemorySegment out) {
    Tensor upstream = y.operand(1);
    MemorySegment kernel = in(y, 0);
    MemorySegment dy = in(y, 1);
    Windows windows = windows(y, window);
    if (depthwise(y, upstream.shape().size(2), groups)) {
      return () -> windows.depthwiseInputGradient(kernel, dy, out);
    }
    var unfolding = new Unfolding(windows, groups, upstream.shape().size(2));
    MemorySegment columns = scratch(unfolding.elements());
    return () -> {
      out.fill((byte) 0);
      unfolding.forEach(
          (first, last, group) -> {
            int rows = (last - first) * unfolding.positions();
            new Blas.Product(
                    false,
                    true,
                    rows,
                    unfolding.taps(),
                    unfolding.out(),
                    unfolding.allOut(),
                    unfolding.allOut(),
                    unfolding.taps(),
                    1)
                .run(
                    Blas.address(dy, unfolding.at(first, group)),
                    Blas.address(kernel, (long) group * unfolding.out()),
                    Blas.address(columns, 0),
                    0);
            windows.fold(columns, out, first, last, group * unfolding.in(), unfolding.in());
          });
    };
  }

  private Runnable convolutionKernelGradient(
      Tensor y, Window window, int groups, MemorySegment out) {
    Tensor x = y.operand(0);
    Tensor upstream = y.operand(1);
    MemorySegment from = in(y, 0);
    MemorySegment dy = in(y, 1);
    Windows windows = windows(x, window);
    if (depthwise(x, upstream.shape().size(2), groups)) {
      return () -> windows.depthwiseKernelGradient(from, dy, out);
    }
    var unfolding = new Unfolding(windows, groups, upstream.shape().size(2));
    MemorySegment columns = scratch(unfolding.elements());
    return () ->
        unfolding.forEach(
            (first, last, group) -> {
              windows.unfold(from, columns, first, last, group * unfolding.in(), unfolding.in());
              new Blas.Product(
                      true,
                      false,
                      unfolding.taps(),
                      unfolding.out(),
                      (last - first) * unfolding.positions(),
                      unfolding.taps(),
                      unfolding.allOut(),
                      unfolding.allOut(),
                      1)
                  .run(
                      Blas.address(columns, 0),
                      Blas.address(dy, unfolding.at(first, group)),
                      Blas.address(out, (long) group * unfolding.out()),
                      first == 0 ? 0 : 1);
            });
  }

  private static boolean depthwise(Tensor grid, int out, int groups) {
    return groups == grid.shape().size(2) && groups == out;
  }

  /** How a convolution becomes products: some examples and one group of channels at a time. */
  private record Unfolding(Windows windows, int groups, int allOut) {

    /** What is done for a block of examples and a group. */
    @FunctionalInterface
    interface Block {
      void at(int firstExample, int lastExample, int group);
    }

    int in() {
      return windows.channels() / groups;
    }

    int out() {
      return allOut / groups;
    }

    int taps() {
      return windows.window().taps() * in();
    }

    int positions() {
      return windows.outHeight() * windows.outWidth();
    }

    int examplesAtATime() {
      return Math.clamp(UNFOLDED / ((long) positions() * taps()), 1, windows.examples());
    }

    long elements() {
      return (long) examplesAtATime() * positions() * taps();
    }

    long at(int example, int group) {
      return (long) example * positions() * allOut + (long) group * out();
    }

    Blas.Product product(boolean transposeA, boolean transposeB) {
      return new Blas.Product(
          transposeA, transposeB, positions(), out(), taps(), taps(), allOut, allOut, 1);
    }

    Blas.Product rows(Blas.Product one, int examples) {
      return new Blas.Product(
          one.transposeA(),
          one.transposeB(),
          examples * positions(),
          one.columns(),
          one.inner(),
          one.strideA(),
          one.strideB(),
          one.strideC(),
          1);
    }

    void forEach(Block block) {
      int step = examplesAtATime();
      for (int first = 0; first < windows.examples(); first += step) {
        int last = Math.min(first + step, windows.examples());
        for (int group = 0; group < groups; group++) {
          block.at(first, last, group);
        }
      }
    }
  }

  private Windows windows(Tensor grid, Window window) {
    Shape shape = grid.shape();
    return new Windows(
        window, grid.batched() ? batch : 1, shape.size(0), shape.size(1), shape.size(2));
  }

  // ---- arithmetic and structure

  private Runnable elementwise(Arithmetic arithmetic, Tensor y, MemorySegment out) {
    Place a = storage.stretched(y.operand(0), y);
    Place b = storage.stretched(y.operand(1), y);
    var kernel = new Elementwise(arithmetic, Strides.of(a.sizes(), a.strides(), b.strides()));
    MemorySegment left = in(y, 0);
    MemorySegment right = in(y, 1);
    return () -> kernel.apply(left, right, out);
  }

  private Runnable activation(Tensor y, Function function, MemorySegment out) {
    MemorySegment x = in(y, 0);
    long count = count(y);
    if (storage.leavesSlope(y)) {
      return () -> Pointwise.applyWithSlope(function, x, out, count);
    }
    return () -> Pointwise.apply(function, x, out, count);
  }

  /** A sum over what the result lacks, and over the slices of the batch if it is for all. */
  private Plan.Work sum(Tensor y, float scale) {
    Place from = storage.place(y.operand(0));
    Place to = storage.stretched(y, y.operand(0));
    var kernel = new Copies(Strides.of(from.sizes(), from.strides(), to.strides()));
    MemorySegment x = in(y, 0);
    MemorySegment out = buffers.apply(y);
    long count = count(y);
    boolean gathers = Schedule.gathers(y);
    return further -> {
      if (gathers && further) {
        kernel.addSum(x, out);
      } else {
        kernel.sum(x, out, count, scale);
      }
    };
  }

  private static Runnable copy(Place from, Place to, MemorySegment x, MemorySegment y) {
    var kernel = new Copies(Strides.of(from.sizes(), from.strides(), to.strides()));
    return () -> kernel.copy(x, y);
  }

  private Runnable concatenate(Tensor y, int axis, MemorySegment out) {
    int at = axis + (y.batched() ? 1 : 0);
    var copies = new ArrayList<Runnable>();
    int from = 0;
    for (int i = 0; i < y.operands().size(); i++) {
      Tensor part = y.operand(i);
      Place place = storage.place(part);
      int size = part.shape().size(axis);
      if (place.root() != y) {
        Place inside = whole(y).slice(at, from, size);
        copies.add(copy(place, inside, in(y, i), out.asSlice(inside.offset() << 2)));
      }
      from += size;
    }
    Runnable[] all = copies.toArray(Runnable[]::new);
    return () -> {
      for (Runnable each : all) {
        each.run();
      }
    };
  }

  private Place whole(Tensor tensor) {
    return Place.whole(tensor, storage.sizes(tensor));
  }

  /** Work on rows whose statistics the forward pass has left, or that are measured first. */
  private Runnable measured(
      Normalisation kernel, Normed normed, MemorySegment x, Consumer<MemorySegment> work) {
    MemorySegment known = measured.get(normed);
    if (known != null) {
      return () -> work.accept(known);
    }
    MemorySegment rows = scratch(kernel.statistics());
    return () -> {
      kernel.measure(x, rows);
      work.accept(rows);
    };
  }

  private Normalisation normalisation(Tensor x, Op.Extent extent, boolean centred, double epsilon) {
    int channels = x.shape().size(-1);
    int length =
        switch (extent) {
          case CHANNELS -> channels;
          case EXAMPLE -> Math.toIntExact(x.shape().elements());
        };
    return new Normalisation(
        Math.toIntExact(count(x) / length), length, channels, centred, (float) epsilon);
  }

  private BatchNormalisation batchNormalisation(Tensor x, double epsilon) {
    int channels = x.shape().size(-1);
    return new BatchNormalisation(
        Math.toIntExact(count(x) / channels),
        channels,
        (float) epsilon,
        scratch(channels),
        scratch(channels),
        scratch(channels),
        scratch(channels));
  }

  private Selection selection(Tensor x, int axis, List<Integer> indices) {
    long inner = 1;
    for (int i = axis + 1; i < x.shape().rank(); i++) {
      inner *= x.shape().size(i);
    }
    int size = x.shape().size(axis);
    return new Selection(count(x) / (inner * size), size, inner, indices);
  }

  private Table table(Tensor table, Tensor index) {
    return new Table(table.shape().size(0), table.shape().size(1), count(index));
  }

  private Rational rational(Tensor y, int groups) {
    Tensor x = y.operand(0);
    int channels = x.shape().size(-1);
    return new Rational(
        Math.toIntExact(count(x) / channels),
        channels,
        groups,
        y.operand(1).shape().size(0) - 1,
        y.operand(2).shape().size(1));
  }

  private MemorySegment in(Tensor y, int operand) {
    return buffers.apply(y.operand(operand));
  }

  private MemorySegment scratch(long elements) {
    scratchBytes += elements << 2;
    return arena.allocate(elements << 2, 64);
  }

  private long count(Tensor tensor) {
    return tensor.shape().elements() * (tensor.batched() ? batch : 1);
  }
}
