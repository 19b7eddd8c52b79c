package blockfront.blocks.graph;

import java.util.ArrayList;
import java.util.List;

/**
 * A small formula whose gradient is checked: its leaves, and what is made of them.
 *
 * @param name what the case is about
 * @param wanted what it is differentiated with respect to
 */
record Expression(String name, Tensor output, List<Tensor> wanted) {

  static final int HEIGHT = 5;
  static final int WIDTH = 4;

  /** At least one for every forward operation, and one for every way its rule can branch. */
  static List<Expression> all() {
    var all = new ArrayList<Expression>();
    all.addAll(arithmetic());
    for (Function function : Function.values()) {
      // what spikes are trained by is not their slope
      if (!function.spike()) {
        all.add(pointwise(function));
      }
    }
    all.addAll(products());
    all.addAll(convolutions());
    all.addAll(normalisations());
    all.addAll(windowsAndReductions());
    all.addAll(structure());
    all.addAll(learntFunctionsAndLosses());
    all.addAll(composed());
    return all;
  }

  private static List<Expression> arithmetic() {
    var all = new ArrayList<Expression>();
    var pairs =
        List.of(
            new Pair("two inputs", input(3, 5), other(3, 5)),
            new Pair("a bias on the right", input(2, 3, 5), parameter(5)),
            new Pair("a bias on the left", parameter(5), input(2, 3, 5)),
            new Pair("a row and a column", input(3, 1), parameter(1, 5)),
            new Pair("an inner axis of size 1", input(2, 1, 5), other(2, 3, 5)),
            new Pair("one number for all", input(2, 3), parameter(1)),
            new Pair("two parameters", parameter(2, 3), gain(3)),
            new Pair("equal shapes, one shared by examples", input(3, 5), parameter(3, 5)));
    for (Pair pair : pairs) {
      // away from 0, where a quotient has no derivative
      Tensor divisor = pair.right().apply(Function.SQUARE).plus(0.5);
      all.add(of("sum of " + pair.name(), pair.left().plus(pair.right()), pair.leaves()));
      all.add(of("difference of " + pair.name(), pair.left().minus(pair.right()), pair.leaves()));
      all.add(of("product of " + pair.name(), pair.left().times(pair.right()), pair.leaves()));
      all.add(of("quotient of " + pair.name(), pair.left().dividedBy(divisor), pair.leaves()));
    }
    Tensor x = input(3, 5);
    all.add(of("affine", x.times(-2.5).plus(0.75), x));
    return all;
  }

  private record Pair(String name, Tensor left, Tensor right) {

    Tensor[] leaves() {
      return new Tensor[] {left, right};
    }
  }

  private static Expression pointwise(Function function) {
    Tensor x = input(3, 7);
    Tensor inDomain =
        switch (function) {
          case LOG, SQRT -> x.apply(Function.SQUARE).plus(0.5);
          case GELU, GELU_TANH, SILU, RELU, SIGMOID, TANH, EXP, SQUARE, ABS, STEP -> x;
          case SPIKE_SIGMOID, SPIKE_ARCTAN ->
              throw new IllegalArgumentException("no slope: " + function);
        };
    Tensor y = inDomain.apply(function);
    // a step alone has no slope to be compared with
    return of(function.name(), function == Function.STEP ? y.plus(x) : y, x);
  }

  private static List<Expression> products() {
    var all = new ArrayList<Expression>();
    for (boolean transposeLeft : new boolean[] {false, true}) {
      for (boolean transposeRight : new boolean[] {false, true}) {
        int[] left = transposeLeft ? new int[] {3, 2} : new int[] {2, 3};
        int[] right = transposeRight ? new int[] {5, 3} : new int[] {3, 5};
        var operands =
            List.of(
                new Pair("two inputs", input(left), other(right)),
                new Pair("input and weight", input(left), parameter(right)),
                new Pair("weight and input", parameter(left), input(right)),
                new Pair("two weights", parameter(left), gain(right)),
                new Pair("heads of two inputs", input(heads(left)), other(heads(right))),
                new Pair("heads and a weight for all", input(heads(left)), parameter(right)),
                new Pair("a weight for all and heads", parameter(left), input(heads(right))),
                new Pair("heads and a weight each", input(heads(left)), parameter(heads(right))),
                new Pair("a weight each and heads", parameter(heads(left)), input(heads(right))),
                new Pair("heads and an input for all", input(heads(left)), other(right)),
                new Pair("an input for all and heads", input(left), other(heads(right))),
                new Pair("weights each and for all", parameter(heads(left)), gain(right)),
                new Pair("an input for all, a weight each", input(left), parameter(heads(right))));
        for (Pair pair : operands) {
          all.add(
              of(
                  "%s x %s of %s"
                      .formatted(
                          transposeLeft ? "Aᵀ" : "A", transposeRight ? "Bᵀ" : "B", pair.name()),
                  pair.left().matmul(pair.right(), transposeLeft, transposeRight),
                  pair.leaves()));
        }
      }
    }
    Tensor x = input(2, 3, 5);
    Tensor linear = x.linear(4);
    all.add(of("linear", linear, linear.operand(0).operand(1), linear.operand(1), x));
    return all;
  }

  /** A leading axis in front. */
  private static int[] heads(int[] sizes) {
    return new int[] {2, sizes[0], sizes[1]};
  }

  private static List<Expression> convolutions() {
    return List.of(
        convolution("full", Window.same(3), 4, 1, 3),
        convolution("grouped", Window.same(3), 4, 2, 6),
        convolution("depthwise", Window.same(3), 3, 3, 3),
        convolution("depthwise with two kernels a channel", Window.same(3), 2, 2, 4),
        convolution("strided patches", new Window(2, 2, 2, 1, 0, 1, 0, 0), 3, 1, 4),
        convolution("strided and overlapping", Window.square(3, 2, 1), 2, 1, 3),
        convolution("stride that skips cells", Window.square(1, 2, 0), 2, 1, 3),
        convolution("dilated", new Window(2, 2, 1, 2, 1, 1, 1, 1), 2, 1, 3),
        convolution("padded unevenly", new Window(3, 2, 1, 1, 2, 0, 0, 1), 2, 1, 2),
        convolution("all at once", new Window(2, 3, 2, 2, 1, 2, 3, 0), 4, 2, 2),
        convolution("wider than the grid", Window.same(7), 2, 2, 2),
        sharedGrid());
  }

  private static Expression convolution(String kind, Window window, int in, int groups, int out) {
    Tensor x = input(HEIGHT, WIDTH, in);
    Tensor kernel = parameter(window.height(), window.width(), in / groups, out);
    return of(kind + " convolution", x.convolve(kernel, window, groups), x, kernel);
  }

  private static Expression sharedGrid() {
    Tensor x = parameter(HEIGHT, WIDTH, 2);
    Tensor kernel = gain(3, 3, 2, 3);
    return of("convolution of a parameter", x.convolve(kernel, Window.same(3), 1), x, kernel);
  }

  private static List<Expression> normalisations() {
    var all = new ArrayList<Expression>();
    for (Op.Extent extent : Op.Extent.values()) {
      for (boolean centred : new boolean[] {true, false}) {
        for (double epsilon : new double[] {1e-5, 0.5}) {
          Tensor x = input(3, 2, 5);
          Tensor gain = gain(5);
          Tensor bias = parameter(5);
          String name = "%s, centred %s, epsilon %s".formatted(extent, centred, epsilon);
          all.add(of(name, x.normalise(extent, centred, epsilon, gain), x, gain));
          all.add(
              of(
                  name + " with bias",
                  x.normalise(extent, centred, epsilon, gain, bias),
                  x,
                  gain,
                  bias));
        }
      }
    }
    Tensor grid = input(3, 2, 5);
    Tensor trained = Scope.inTraining(() -> grid.batchNorm(1e-5, 0.1, Init.ONES));
    all.add(of("batch norm", trained, grid, trained.operand(1), trained.operand(2)));
    Tensor shared = parameter(4, 5);
    all.add(
        of(
            "batch norm of a parameter",
            Scope.inTraining(() -> shared.batchNorm(0.5, 0.1, Init.ONES)),
            shared));
    all.add(of("batch norm that answers", grid.batchNorm(1e-5, 0.1, Init.ONES), grid));
    Tensor table = parameter(3, 5);
    Tensor normed = table.layerNorm(1e-5);
    all.add(of("norm of a parameter", normed, table, normed.operand(1), normed.operand(2)));
    Tensor x = input(2, 3, 5);
    all.add(of("softmax", x.softmax(), x));
    all.add(of("softmax of a parameter", parameter(3, 5).softmax()));
    return all;
  }

  private static List<Expression> windowsAndReductions() {
    Tensor grid = input(HEIGHT, WIDTH, 3);
    Tensor one = parameter(1, 5);
    Tensor x = input(2, 3, 5);
    return List.of(
        of("pooling that keeps the size", grid.averagePool(Window.same(3)), grid),
        of("pooling wider than the grid", grid.averagePool(Window.same(7)), grid),
        of("strided pooling", grid.averagePool(Window.square(3, 2, 1)), grid),
        of("dilated pooling", grid.averagePool(new Window(2, 2, 1, 3, 2, 0, 1, 1)), grid),
        of("sum over one axis", x.sum(1), x),
        of("sum over all axes", x.sum(0, 1, 2), x),
        of("mean over the last axis", x.mean(-1), x),
        of("mean over two axes", x.mean(0, 2), x),
        of("mean of a parameter", one.mean(1), one),
        of("stretched", one.broadcast(Shape.of(2, 3, 5)), one),
        of("repeated for each example", one.forEachExample(), one),
        of("stretched input", input(3, 1).broadcast(Shape.of(4, 3, 2))));
  }

  private static List<Expression> structure() {
    Tensor x = input(2, 3, 4);
    Tensor y = other(2, 5, 4);
    Tensor table = parameter(2, 1, 4);
    return List.of(
        of("reshape", x.reshape(4, 6), x),
        of("cyclic permutation", x.permute(1, 2, 0), x),
        of("transposition", x.permute(0, 2, 1), x),
        of("selection", x.select(1, List.of(2, 0, 2)), x),
        of("selection of the last axis", x.select(-1, List.of(3, 1)), x),
        of("slice from the front", x.slice(1, 0, 2), x),
        of("slice from within", x.slice(-1, 1, 3), x),
        of(
            "slices side by side, apart, on another axis and over each other",
            x.slice(2, 0, 1)
                .times(x.slice(2, 1, 2))
                .times(x.slice(2, 3, 4).plus(x.slice(1, 1, 2)))
                .plus(x.slice(2, 1, 3).slice(2, 1, 2)),
            x),
        of("concatenation", Tensor.concatenate(1, x, y, x), x, y),
        of("concatenation with what all share", Tensor.concatenate(1, table, x), table, x),
        of("concatenation of parameters", Tensor.concatenate(1, table, table.times(2)), table),
        of("padding", x.pad(1, 2, 1), x),
        of("padding after only", x.pad(0, 0, 3), x));
  }

  private static List<Expression> learntFunctionsAndLosses() {
    Tensor x = input(2, 3, 6);
    Tensor a = parameter(6);
    Tensor b = gain(3, 4);
    Tensor logits = input(2, 5);
    Tensor target = constant(2, 5);
    Tensor table = parameter(4, 3);
    Tensor index = Tensor.constant(Values.of(0, 3, 3, 1, 7, -2), 2, 3);
    return List.of(
        of("rows of a table", table.lookup(index).times(input(2, 3, 3)), table),
        of("rational function", x.rational(a, b), x, a, b),
        of("rational function of a parameter", gain(4).rational(parameter(3), gain(1, 2))),
        of("cross-entropy", logits.crossEntropy(target, 0), logits),
        of("smoothed cross-entropy", logits.crossEntropy(target, 0.1), logits),
        of("cross-entropy of a shared row", parameter(2, 5).crossEntropy(target, 0.1)));
  }

  private static List<Expression> composed() {
    Tensor x = input(3, 4);
    Tensor scale = gain(4);
    Tensor weight = parameter(4, 4);
    Tensor once = x.matmul(weight).apply(Function.TANH);
    Tensor mask = Tensor.keepMask(0.5, 3, 1);
    Tensor scores = x.matmulTransposed(x).times(0.5).softmax();
    return List.of(
        of("a tensor times itself", x.times(x), x),
        of("a tensor times its transpose", x.matmul(x, true, false), x),
        of("a weight used twice", once.matmul(weight).plus(once).times(scale), x, weight, scale),
        of("attention", scores.matmul(x), x),
        of("dropped rows", x.times(mask).plus(x.apply(Function.SQUARE)), x),
        of("only part of it wanted", x.times(scale).plus(other(3, 4)), scale),
        of("a tensor within", x.times(scale).apply(Function.GELU).times(scale), scale));
  }

  /** Wants the given tensors; if none are given, all inputs and parameters. */
  private static Expression of(String name, Tensor output, Tensor... wanted) {
    List<Tensor> leaves =
        output.inOrder().stream()
            .filter(t -> t.op() instanceof Op.Input || t.op() instanceof Op.Parameter)
            .toList();
    return new Expression(name, output, wanted.length == 0 ? leaves : List.of(wanted));
  }

  static Tensor input(int... sizes) {
    return Tensor.input("x", Shape.of(sizes));
  }

  static Tensor other(int... sizes) {
    return Tensor.input("y", Shape.of(sizes));
  }

  static Tensor parameter(int... sizes) {
    return Tensor.weight("weight", new Init.Normal(1), sizes);
  }

  static Tensor gain(int... sizes) {
    return Tensor.offset("gain", new Init.Normal(1), sizes);
  }

  private static Tensor constant(int... sizes) {
    int size = Math.toIntExact(Shape.of(sizes).elements());
    return Tensor.constant(Values.of(size, i -> i % 3 / 4.0), sizes);
  }

  /** Shown as the name of the test. */
  @Override
  public String toString() {
    return name;
  }
}
