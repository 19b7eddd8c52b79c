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
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import org.bytedeco.javacpp.FloatPointer;

/** Turns one operation into the loop or the native call that does it. */
final class StepCompiler {

  /** Rows of unfolded windows are made for as many examples as fit into this many elements. */
  private static final long UNFOLDED = 1 << 20;

  private final int batch;
  private final java.util.function.Function<Tensor, MemorySegment> buffers;
  private final Arena arena;
  private long scratchBytes;

  StepCompiler(int batch, java.util.function.Function<Tensor, MemorySegment> buffers, Arena arena) {
    this.batch = batch;
    this.buffers = buffers;
    this.arena = arena;
  }

  long scratchBytes() {
    return scratchBytes;
  }

  /** What computes the tensor from its operands; all buffers are known. */
  Runnable compile(Tensor y) {
    MemorySegment out = buffers.apply(y);
    long count = count(y);
    return switch (y.op()) {
      case Op.Leaf leaf -> throw new IllegalArgumentException("Nothing computes " + leaf);
      case Op.Add() -> elementwise(Arithmetic.ADD, y);
      case Op.Subtract() -> elementwise(Arithmetic.SUBTRACT, y);
      case Op.Multiply() -> elementwise(Arithmetic.MULTIPLY, y);
      case Op.Divide() -> elementwise(Arithmetic.DIVIDE, y);
      case Op.Affine(double scale, double shift) -> {
        MemorySegment x = in(y, 0);
        yield () -> Pointwise.affine((float) scale, (float) shift, x, out, count);
      }
      case Op.Pointwise(Function function) -> {
        MemorySegment x = in(y, 0);
        yield () -> Pointwise.apply(function, x, out, count);
      }
      case Op.PointwiseGradient(Function function) -> {
        MemorySegment x = in(y, 0);
        MemorySegment dy = in(y, 1);
        yield () -> Pointwise.gradient(function, x, dy, out, count);
      }
      case Op.MatMul(boolean transposeLeft, boolean transposeRight) ->
          product(y, transposeLeft, transposeRight);
      case Op.ProductSum(boolean transposeLeft, boolean transposeRight) ->
          product(y, transposeLeft, transposeRight);
      case Op.Convolution(Window window, int groups) -> convolution(y, window, groups);
      case Op.ConvolutionInputGradient(Window window, int groups) ->
          convolutionInputGradient(y, window, groups);
      case Op.ConvolutionKernelGradient(Window window, int groups) ->
          convolutionKernelGradient(y, window, groups);
      case Op.Normalise(Op.Extent extent, boolean centred, double epsilon) -> {
        Normalisation kernel = normalisation(y.operand(0), extent, centred, epsilon);
        MemorySegment x = in(y, 0);
        MemorySegment gain = in(y, 1);
        Optional<MemorySegment> bias =
            y.operands().size() == 3 ? Optional.of(in(y, 2)) : Optional.empty();
        yield () -> kernel.forward(x, gain, bias, out);
      }
      case Op.NormaliseInputGradient(Op.Extent extent, boolean centred, double epsilon) -> {
        Normalisation kernel = normalisation(y.operand(0), extent, centred, epsilon);
        MemorySegment x = in(y, 0);
        MemorySegment gain = in(y, 1);
        MemorySegment dy = in(y, 2);
        yield () -> kernel.inputGradient(x, gain, dy, out);
      }
      case Op.NormaliseGainGradient(Op.Extent extent, boolean centred, double epsilon) -> {
        Normalisation kernel = normalisation(y.operand(0), extent, centred, epsilon);
        MemorySegment x = in(y, 0);
        MemorySegment dy = in(y, 1);
        yield () -> kernel.gainGradient(x, dy, out);
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
        yield sum(y, (float) scale);
      }
      case Op.SumTo() -> sum(y, 1);
      case Op.Broadcast() -> {
        List<Integer> sizes = sizes(y);
        Strides strides =
            Strides.of(sizes, stretched(y.operand(0), sizes, y.batched()), Strides.dense(sizes));
        MemorySegment x = in(y, 0);
        yield () -> Copies.copy(x, 0, out, 0, strides);
      }
      case Op.Reshape() -> throw new IllegalArgumentException("A reshape is a view");
      case Op.Permute(List<Integer> order) -> permute(y, order);
      case Op.Slice(int axis, int from, int _) -> {
        List<Long> strides = Strides.dense(sizes(y.operand(0)));
        int at = axis + (y.batched() ? 1 : 0);
        Strides walk = Strides.of(sizes(y), strides, Strides.dense(sizes(y)));
        MemorySegment x = in(y, 0);
        long offset = from * strides.get(at);
        yield () -> Copies.copy(x, offset, out, 0, walk);
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
        List<Long> strides = Strides.dense(sizes(y));
        int at = axis + (y.batched() ? 1 : 0);
        Tensor x = y.operand(0);
        Strides walk = Strides.of(sizes(x), Strides.dense(sizes(x)), strides);
        MemorySegment from = buffers.apply(x);
        long offset = before * strides.get(at);
        yield () -> {
          out.fill((byte) 0);
          Copies.copy(from, 0, out, offset, walk);
        };
      }
      case Op.Concatenate(int axis) -> concatenate(y, axis);
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
  private Runnable product(Tensor y, boolean transposeLeft, boolean transposeRight) {
    Tensor left = y.operand(0);
    Tensor right = y.operand(1);
    int rows = y.shape().size(-2);
    int columns = y.shape().size(-1);
    int inner = left.shape().size(transposeLeft ? -2 : -1);
    int leading = Math.max(leading(left), leading(right));
    int examples = left.batched() || right.batched() ? batch : 1;
    int items = leading * examples;
    boolean sharedRight = !right.batched() && right.shape().rank() == 2;
    boolean sharedResult = !y.batched() && y.shape().rank() == 2;
    MemorySegment out = buffers.apply(y);
    if (items > 1 && sharedRight && !sharedResult && !transposeLeft && matrices(left) == items) {
      // all rows at once
      return once(Blas.Product.dense(false, transposeRight, rows * items, columns, inner), y, out);
    }
    if (sharedResult
        && transposeLeft
        && !transposeRight
        && matrices(left) == items
        && matrices(right) == items) {
      // the sum over items is the sum over all rows
      return once(Blas.Product.dense(true, false, rows, columns, inner * items), y, out);
    }
    Blas.Product each = Blas.Product.dense(transposeLeft, transposeRight, rows, columns, inner);
    var lefts = new FloatPointer[items];
    var rights = new FloatPointer[items];
    var results = new FloatPointer[items];
    var keep = new float[items]; // 1 where an earlier product already lies in the result
    var written = new HashSet<Long>();
    for (int example = 0; example < examples; example++) {
      for (int lead = 0; lead < leading; lead++) {
        int item = example * leading + lead;
        long to = offset(y, example, lead);
        lefts[item] = Blas.pointer(buffers.apply(left), offset(left, example, lead));
        rights[item] = Blas.pointer(buffers.apply(right), offset(right, example, lead));
        results[item] = Blas.pointer(out, to);
        keep[item] = written.add(to) ? 0 : 1;
      }
    }
    return () -> {
      for (int item = 0; item < items; item++) {
        each.run(lefts[item], rights[item], results[item], keep[item]);
      }
    };
  }

  private Runnable once(Blas.Product product, Tensor y, MemorySegment out) {
    FloatPointer a = Blas.pointer(in(y, 0), 0);
    FloatPointer b = Blas.pointer(in(y, 1), 0);
    FloatPointer c = Blas.pointer(out, 0);
    return () -> product.run(a, b, c, 0);
  }

  /** Matrices of one example. */
  private static int leading(Tensor tensor) {
    Shape shape = tensor.shape();
    return Math.toIntExact(shape.elements() / ((long) shape.size(-1) * shape.size(-2)));
  }

  private int matrices(Tensor tensor) {
    return leading(tensor) * (tensor.batched() ? batch : 1);
  }

  /** Where the matrix of an example and leading index begins; what lacks either has one for all. */
  private static long offset(Tensor tensor, int example, int lead) {
    long elements = tensor.shape().elements();
    long matrix = (long) tensor.shape().size(-1) * tensor.shape().size(-2);
    return (tensor.batched() ? example * elements : 0)
        + (tensor.shape().rank() > 2 ? lead * matrix : 0);
  }

  // ---- windows

  private Runnable convolution(Tensor y, Window window, int groups) {
    Tensor x = y.operand(0);
    MemorySegment from = in(y, 0);
    MemorySegment kernel = in(y, 1);
    MemorySegment out = buffers.apply(y);
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
                      Blas.pointer(columns, 0),
                      Blas.pointer(kernel, (long) group * unfolding.out()),
                      Blas.pointer(out, unfolding.at(first, group)),
                      0);
            });
  }

  private Runnable convolutionInputGradient(Tensor y, Window window, int groups) {
    Tensor upstream = y.operand(1);
    MemorySegment kernel = in(y, 0);
    MemorySegment dy = in(y, 1);
    MemorySegment out = buffers.apply(y);
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
                    unfolding.taps())
                .run(
                    Blas.pointer(dy, unfolding.at(first, group)),
                    Blas.pointer(kernel, (long) group * unfolding.out()),
                    Blas.pointer(columns, 0),
                    0);
            windows.fold(columns, out, first, last, group * unfolding.in(), unfolding.in());
          });
    };
  }

  private Runnable convolutionKernelGradient(Tensor y, Window window, int groups) {
    Tensor x = y.operand(0);
    Tensor upstream = y.operand(1);
    MemorySegment from = in(y, 0);
    MemorySegment dy = in(y, 1);
    MemorySegment out = buffers.apply(y);
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
                      unfolding.allOut())
                  .run(
                      Blas.pointer(columns, 0),
                      Blas.pointer(dy, unfolding.at(first, group)),
                      Blas.pointer(out, (long) group * unfolding.out()),
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
          transposeA, transposeB, positions(), out(), taps(), taps(), allOut, allOut);
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
          one.strideC());
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

  private Runnable elementwise(Arithmetic arithmetic, Tensor y) {
    List<Integer> sizes = sizes(y);
    Strides strides =
        Strides.of(
            sizes,
            stretched(y.operand(0), sizes, y.batched()),
            stretched(y.operand(1), sizes, y.batched()));
    MemorySegment left = in(y, 0);
    MemorySegment right = in(y, 1);
    MemorySegment out = buffers.apply(y);
    return () -> Elementwise.apply(arithmetic, left, right, out, strides);
  }

  private Runnable sum(Tensor y, float scale) {
    Tensor x = y.operand(0);
    List<Integer> sizes = sizes(x);
    Strides strides = Strides.of(sizes, Strides.dense(sizes), stretched(y, sizes, x.batched()));
    MemorySegment from = buffers.apply(x);
    MemorySegment out = buffers.apply(y);
    long count = count(y);
    return () -> Copies.sum(from, out, count, scale, strides);
  }

  private Runnable permute(Tensor y, List<Integer> order) {
    Tensor x = y.operand(0);
    List<Long> dense = Strides.dense(sizes(x));
    var strides = new ArrayList<Long>();
    int shift = y.batched() ? 1 : 0;
    if (y.batched()) {
      strides.add(dense.getFirst());
    }
    for (int axis : order) {
      strides.add(dense.get(axis + shift));
    }
    Strides walk = Strides.of(sizes(y), strides, Strides.dense(sizes(y)));
    MemorySegment from = buffers.apply(x);
    MemorySegment out = buffers.apply(y);
    return () -> Copies.copy(from, 0, out, 0, walk);
  }

  private Runnable concatenate(Tensor y, int axis) {
    List<Long> strides = Strides.dense(sizes(y));
    int at = axis + (y.batched() ? 1 : 0);
    MemorySegment out = buffers.apply(y);
    var copies = new ArrayList<Runnable>();
    long offset = 0;
    for (Tensor part : y.operands()) {
      Strides walk = Strides.of(sizes(part), Strides.dense(sizes(part)), strides);
      MemorySegment from = buffers.apply(part);
      long start = offset;
      copies.add(() -> Copies.copy(from, 0, out, start, walk));
      offset += part.shape().size(axis) * strides.get(at);
    }
    return () -> copies.forEach(Runnable::run);
  }

  /** Sizes with the batch axis in front if there is one. */
  private List<Integer> sizes(Tensor tensor) {
    var sizes = new ArrayList<Integer>();
    if (tensor.batched()) {
      sizes.add(batch);
    }
    sizes.addAll(tensor.shape().sizes());
    return sizes;
  }

  /** Strides over a tensor that stands still where {@code sizes} go beyond its own. */
  private List<Long> stretched(Tensor tensor, List<Integer> sizes, boolean withBatch) {
    int axes = sizes.size();
    var strides = new ArrayList<>(Collections.nCopies(axes, 0L));
    long stride = 1;
    Shape shape = tensor.shape();
    for (int axis = 1; axis <= shape.rank(); axis++) {
      int size = shape.size(-axis);
      if (size > 1) {
        strides.set(axes - axis, stride);
      }
      stride *= size;
    }
    if (withBatch && tensor.batched()) {
      strides.set(0, stride);
    }
    return strides;
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
