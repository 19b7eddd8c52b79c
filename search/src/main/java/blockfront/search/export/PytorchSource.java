package blockfront.search.export;

import blockfront.blocks.graph.Function;
import blockfront.blocks.graph.Op;
import blockfront.blocks.graph.Parameters;
import blockfront.blocks.graph.Shape;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.graph.Values;
import blockfront.blocks.graph.Window;
import blockfront.blocks.network.Network;
import blockfront.search.train.Safetensors;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A description as the methods of a PyTorch module: one method for each part of the network, one
 * line for each step, written to be read.
 *
 * <p>Batched tensors have the batch axis in front. Nothing is random: keep masks are 1.
 */
final class PytorchSource {

  /** Longer expressions get a line of their own. */
  private static final int LONGEST = 60;

  /** Of Python: no names of attributes. */
  private static final Set<String> KEYWORDS =
      Set.of(
          "and",
          "as",
          "assert",
          "async",
          "await",
          "break",
          "class",
          "continue",
          "def",
          "del",
          "elif",
          "else",
          "except",
          "finally",
          "for",
          "from",
          "global",
          "if",
          "import",
          "in",
          "is",
          "lambda",
          "nonlocal",
          "not",
          "or",
          "pass",
          "raise",
          "return",
          "try",
          "while",
          "with",
          "yield");

  private final Map<Tensor, Python> expressions = new HashMap<>();
  private final Map<Tensor, Integer> uses = new HashMap<>();
  private final SequencedMap<Op.Constant, String> constants = new LinkedHashMap<>();
  private final SequencedMap<String, Safetensors.Named> tensors = new LinkedHashMap<>();
  private final StringBuilder methods = new StringBuilder();
  private final StringBuilder forward = new StringBuilder();
  private final boolean masks;
  private int names;

  /** An expression of Python. */
  private record Python(String text, boolean atomic) {

    static Python name(String text) {
      return new Python(text, true);
    }

    /** Fit to be called on or calculated with. */
    String inner() {
      return atomic ? text : "(" + text + ")";
    }
  }

  /** Tensors of one part of the network that follow each other. */
  private record Part(String scope, String method, List<Tensor> tensors) {}

  /**
   * Writes a network.
   *
   * @param values of its parameters, by name
   */
  PytorchSource(Network network, Map<String, float[]> values) {
    Tensor logits = network.logits();
    List<Tensor> order = logits.inOrder();
    masks = order.stream().anyMatch(PytorchSource::masks);
    SequencedMap<String, Tensor> byName = Parameters.of(List.of(logits)).byName();
    byName.forEach(
        (name, tensor) -> {
          boolean scopeToo =
              byName.keySet().stream().anyMatch(other -> other.startsWith(name + "."));
          String place = "self" + path(scopeToo ? name + "_" : name);
          expressions.put(tensor, Python.name(place));
          float[] numbers = values.getOrDefault(name, new float[0]);
          tensors.put(name, new Safetensors.Named(tensor.shape(), numbers));
        });
    for (Tensor tensor : order) {
      tensor.operands().forEach(operand -> uses.merge(operand, 1, Integer::sum));
    }
    uses.merge(logits, 1, Integer::sum);
    expressions.put(network.input(), Python.name("x"));
    write(parts(order), logits);
  }

  /** The definitions of the methods of all parts. */
  String methods() {
    return methods.toString();
  }

  /** The body of the method that calls them, from {@code x}. */
  String forward() {
    return forward.toString();
  }

  /** Parameters, statistics and constants by name, in the order of description. */
  SequencedMap<String, Safetensors.Named> tensors() {
    return tensors;
  }

  // ---- parts

  /** Layers, and whatever lies before and behind them. */
  private static List<Part> parts(List<Tensor> order) {
    var parts = new ArrayList<Part>();
    var counts = new HashMap<String, Integer>();
    for (Tensor tensor : order) {
      if (tensor.op() instanceof Op.Leaf) {
        continue;
      }
      String[] scope = tensor.scope().split("\\.");
      int depth = scope[0].equals("stages") ? 4 : 1;
      String name = String.join(".", List.of(scope).subList(0, Math.min(depth, scope.length)));
      if (parts.isEmpty() || !parts.getLast().scope().equals(name)) {
        String stem = name.isEmpty() ? "rest" : name.replace('.', '_');
        int count = counts.merge(stem, 1, Integer::sum);
        String method = "_" + (count == 1 ? stem : stem + "_" + count);
        parts.add(new Part(name, method, new ArrayList<>()));
      }
      parts.getLast().tensors().add(tensor);
    }
    return parts;
  }

  private void write(List<Part> parts, Tensor logits) {
    Map<Tensor, Integer> home = new HashMap<>();
    for (int i = 0; i < parts.size(); i++) {
      for (Tensor tensor : parts.get(i).tensors()) {
        home.put(tensor, i);
      }
    }
    for (int i = 0; i < parts.size(); i++) {
      int here = i;
      Part part = parts.get(i);
      List<Tensor> taken =
          part.tensors().stream()
              .flatMap(tensor -> tensor.operands().stream())
              .filter(tensor -> home.getOrDefault(tensor, -1) != here)
              .filter(tensor -> home.containsKey(tensor) || tensor.op() instanceof Op.Input)
              .distinct()
              .toList();
      List<Tensor> given =
          part.tensors().stream()
              .filter(
                  tensor ->
                      tensor == logits
                          || parts.subList(here + 1, parts.size()).stream()
                              .flatMap(later -> later.tensors().stream())
                              .anyMatch(later -> later.operands().contains(tensor)))
              .toList();
      method(part, taken, given);
    }
    forward.append("        return ").append(of(logits).text()).append('\n');
  }

  private void method(Part part, List<Tensor> taken, List<Tensor> given) {
    String parameters = joined(taken.stream().map(tensor -> of(tensor).text()).toList());
    methods
        .append("\n    def %s(self%s):\n".formatted(part.method(), prefixed(parameters)))
        .append(
            taken.isEmpty()
                ? ""
                : "        # takes %s\n"
                    .formatted(
                        joined(taken.stream().map(tensor -> tensor.shape().toString()).toList())));
    String scope = part.scope();
    for (Tensor tensor : part.tensors()) {
      Python expression = expression(tensor);
      boolean inline =
          uses.getOrDefault(tensor, 0) == 1
              && !given.contains(tensor)
              && expression.text().length() <= LONGEST;
      if (inline) {
        expressions.put(tensor, expression);
        continue;
      }
      if (!tensor.scope().equals(scope)) {
        scope = tensor.scope();
        methods.append("        # %s\n".formatted(scope));
      }
      names++;
      Python name = Python.name("x" + names);
      methods.append(
          "        %s = %s  # %s\n".formatted(name.text(), expression.text(), tensor.shape()));
      expressions.put(tensor, name);
    }
    String results = joined(given.stream().map(tensor -> of(tensor).text()).toList());
    methods.append("        return ").append(results).append('\n');
    forward.append("        %s = self.%s(%s)\n".formatted(results, part.method(), parameters));
  }

  private static String joined(List<String> texts) {
    return String.join(", ", texts);
  }

  private static String prefixed(String parameters) {
    return parameters.isEmpty() ? "" : ", " + parameters;
  }

  // ---- expressions

  private Python of(Tensor tensor) {
    Python known = expressions.get(tensor);
    if (known == null) {
      known = leaf(tensor);
      expressions.put(tensor, known);
    }
    return known;
  }

  private Python leaf(Tensor tensor) {
    return switch (tensor.op()) {
      case Op.Constant constant -> constant(constant, tensor.shape());
      case Op.KeepMask _ -> call("torch.ones", "self.examples, " + sizes(tensor.shape()));
      case Op.Leaf _, Op.Forward _, Op.Backward _ ->
          throw new IllegalArgumentException("PyTorch has no value for " + tensor);
    };
  }

  private Python constant(Op.Constant constant, Shape shape) {
    Values values = constant.values();
    String name =
        constants.computeIfAbsent(
            constant,
            _ -> {
              String next = "constants.c" + constants.size();
              var numbers = new float[values.size()];
              for (int i = 0; i < numbers.length; i++) {
                numbers[i] = (float) values.at(i);
              }
              tensors.put(next, new Safetensors.Named(shape, numbers));
              return next;
            });
    // equal numbers are kept once, whatever their shape
    return reshaped("self" + path(name), shape, false);
  }

  private Python expression(Tensor y) {
    return switch (y.op()) {
      case Op.Leaf _ -> leaf(y);
      case Op.Backward _ -> throw new IllegalArgumentException("PyTorch makes its own " + y);
      case Op.Add() -> pairwise(y, "+");
      case Op.Subtract() -> pairwise(y, "-");
      case Op.Multiply() -> pairwise(y, "*");
      case Op.Divide() -> pairwise(y, "/");
      case Op.Affine(double scale, double shift) -> {
        String scaled = scale == 1 ? x(y) : "%s * %s".formatted(x(y), number(scale));
        String text = shift == 0 ? scaled : "%s + %s".formatted(scaled, number(shift));
        yield new Python(text, false);
      }
      case Op.Pointwise(Function function) -> apply(function, y);
      case Op.MatMul(boolean transposeLeft, boolean transposeRight) ->
          new Python(
              "%s%s @ %s%s"
                  .formatted(
                      aligned(y, 0),
                      transposeLeft ? ".mT" : "",
                      aligned(y, 1),
                      transposeRight ? ".mT" : ""),
              false);
      case Op.Convolution(Window window, int groups) ->
          shaped(
              y,
              call(
                  "convolve",
                  "%s, %s, %s, groups=%d"
                      .formatted(
                          grid(y.operand(0)), of(y.operand(1)).text(), window(window), groups)));
      case Op.Normalise(Op.Extent extent, boolean centred, double epsilon) ->
          normalise(y, extent, centred, epsilon);
      case Op.BatchNormalise(double epsilon, double _) ->
          new Python(
              "standard(%s, %s, %s) * %s + %s"
                  .formatted(
                      x(y),
                      axes(IntStream.range(0, rank(y) - 1)),
                      number(epsilon),
                      of(y.operand(1)).inner(),
                      of(y.operand(2)).inner()),
              false);
      case Op.Softmax() -> {
        Python softmax = call("torch.softmax", of(y.operand(0)).text() + ", -1");
        yield masks ? Python.name(softmax.text() + ".nan_to_num(0.0)") : softmax;
      }
      case Op.AveragePool(Window window) ->
          shaped(y, call("average_pool", "%s, %s".formatted(grid(y.operand(0)), window(window))));
      case Op.Reduce(Op.Reduction reduction, List<Integer> reduced) -> {
        int shift = y.batched() ? 1 : 0;
        String name =
            switch (reduction) {
              case SUM -> "sum";
              case MEAN -> "mean";
            };
        String at = axes(reduced.stream().mapToInt(axis -> axis + shift));
        yield Python.name("%s.%s(%s, keepdim=True)".formatted(x(y), name, at));
      }
      case Op.Broadcast() -> broadcast(y);
      case Op.Reshape() -> reshaped(x(y), y.shape(), y.batched());
      case Op.Permute(List<Integer> order) -> {
        int shift = y.batched() ? 1 : 0;
        IntStream all =
            IntStream.concat(
                IntStream.range(0, shift), order.stream().mapToInt(axis -> axis + shift));
        yield Python.name(
            "%s.permute(%s)"
                .formatted(x(y), all.mapToObj(String::valueOf).collect(Collectors.joining(", "))));
      }
      case Op.Slice(int axis, int from, int to) ->
          Python.name(
              "%s.narrow(%d, %d, %d)"
                  .formatted(x(y), axis + (y.batched() ? 1 : 0), from, to - from));
      case Op.Select(int axis, List<Integer> indices) -> {
        int at = axis + (y.batched() ? 1 : 0);
        String colons = ":, ".repeat(at);
        yield Python.name("%s[%s%s]".formatted(x(y), colons, indices));
      }
      case Op.Concatenate(int axis) ->
          call(
              "torch.cat",
              "[%s], %d"
                  .formatted(
                      joined(y.operands().stream().map(part -> of(part).text()).toList()),
                      axis + (y.batched() ? 1 : 0)));
      case Op.Pad(int axis, int before, int after) -> {
        int behind = y.shape().rank() - 1 - axis;
        yield call(
            "F.pad",
            "%s, (%s%d, %d)"
                .formatted(of(y.operand(0)).text(), "0, 0, ".repeat(behind), before, after));
      }
      case Op.Lookup() ->
          Python.name(
              "%s[%s.round().long().clamp(0, %d)]"
                  .formatted(x(y), of(y.operand(1)).inner(), y.operand(0).shape().size(0) - 1));
      case Op.Rational _ ->
          call(
              "rational",
              joined(y.operands().stream().map(operand -> of(operand).text()).toList()));
      case Op.CrossEntropy _ ->
          throw new IllegalArgumentException("PyTorch has its own losses: " + y);
    };
  }

  private Python apply(Function function, Tensor y) {
    String x = of(y.operand(0)).text();
    return switch (function) {
      case GELU -> call("F.gelu", x);
      case GELU_TANH -> call("F.gelu", x + ", approximate=\"tanh\"");
      case SILU -> call("F.silu", x);
      case RELU -> call("F.relu", x);
      case SIGMOID -> call("torch.sigmoid", x);
      case TANH -> call("torch.tanh", x);
      case EXP -> call("torch.exp", x);
      case LOG -> call("torch.log", x);
      case SQRT -> call("torch.sqrt", x);
      case SQUARE -> call("torch.square", x);
      case ABS -> call("torch.abs", x);
      case STEP -> Python.name("(%s > 0).float()".formatted(x(y)));
      case SPIKE_SIGMOID -> call("spike_sigmoid", x);
      case SPIKE_ARCTAN -> call("spike_arctan", x);
    };
  }

  private Python normalise(Tensor y, Op.Extent extent, boolean centred, double epsilon) {
    String gain = of(y.operand(1)).inner();
    boolean biased = y.operands().size() == 3;
    boolean byChannel = extent == Op.Extent.CHANNELS;
    if (byChannel && centred) {
      return call(
          "F.layer_norm",
          "%s, (%d,), %s, %s, %s"
              .formatted(
                  of(y.operand(0)).text(),
                  y.shape().size(-1),
                  gain,
                  biased ? of(y.operand(2)).text() : "None",
                  number(epsilon)));
    }
    int first = byChannel ? rank(y) - 1 : y.batched() ? 1 : 0;
    String scaled =
        "standard(%s, %s, %s%s) * %s"
            .formatted(
                of(y.operand(0)).text(),
                axes(IntStream.range(first, rank(y))),
                number(epsilon),
                centred ? "" : ", centred=False",
                gain);
    return new Python(biased ? scaled + " + " + of(y.operand(2)).inner() : scaled, false);
  }

  private Python broadcast(Tensor y) {
    Tensor from = y.operand(0);
    String sizes = sizes(y.shape());
    if (!y.batched()) {
      return Python.name("%s.expand(%s)".formatted(x(y), sizes));
    }
    String x = from.batched() ? aligned(y, 0) : x(y);
    String examples = from.batched() ? "-1" : "self.examples";
    return Python.name("%s.expand(%s, %s)".formatted(x, examples, sizes));
  }

  private Python pairwise(Tensor y, String operator) {
    return new Python("%s %s %s".formatted(aligned(y, 0), operator, aligned(y, 1)), false);
  }

  /** An operand with as many axes as the result, so that axes are matched from the last. */
  private String aligned(Tensor y, int operand) {
    Tensor tensor = y.operand(operand);
    int missing = y.shape().rank() - tensor.shape().rank();
    if (missing == 0 || !tensor.batched()) {
      return of(tensor).inner();
    }
    var sizes = new ArrayList<>(Collections.nCopies(missing, 1));
    sizes.addAll(tensor.shape().sizes());
    return reshaped(of(tensor).inner(), new Shape(sizes), true).text();
  }

  /** A grid with a batch axis. */
  private String grid(Tensor tensor) {
    return tensor.batched() ? of(tensor).text() : of(tensor).inner() + "[None]";
  }

  private static Python shaped(Tensor y, Python x) {
    return y.batched() ? x : Python.name(x.text() + "[0]");
  }

  private static Python reshaped(String x, Shape shape, boolean batched) {
    return Python.name("%s.reshape(%s%s)".formatted(x, batched ? "-1, " : "", sizes(shape)));
  }

  private String x(Tensor y) {
    return of(y.operand(0)).inner();
  }

  private static Python call(String function, String arguments) {
    return Python.name("%s(%s)".formatted(function, arguments));
  }

  private static String window(Window window) {
    String text =
        "pads=(%d, %d, %d, %d), stride=%d"
            .formatted(
                window.left(), window.right(), window.top(), window.bottom(), window.stride());
    String size = "size=(%d, %d), ".formatted(window.height(), window.width());
    return window.dilation() == 1
        ? size + text
        : "%s%s, dilation=%d".formatted(size, text, window.dilation());
  }

  private static String axes(IntStream axes) {
    return axes.mapToObj(String::valueOf).collect(Collectors.joining(", ", "(", ",)"));
  }

  private static String sizes(Shape shape) {
    return shape.sizes().stream().map(String::valueOf).collect(Collectors.joining(", "));
  }

  private static String number(double value) {
    return value == Math.rint(value) && Math.abs(value) < 1e6
        ? String.format(Locale.ROOT, "%.1f", value)
        : Double.toString(value).replace("E", "e").replace("Infinity", "torch.inf");
  }

  /** Axes, the batch axis counted. */
  private static int rank(Tensor tensor) {
    return tensor.shape().rank() + (tensor.batched() ? 1 : 0);
  }

  private static boolean masks(Tensor tensor) {
    return tensor.op() instanceof Op.Constant(Values constant, Op.Purpose _)
        && IntStream.range(0, constant.size())
            .anyMatch(i -> constant.at(i) == Double.NEGATIVE_INFINITY);
  }

  /** {@code stages.0.weight} as {@code .stages[0].weight}, {@code class} as {@code ["class"]}. */
  private static String path(String name) {
    var path = new StringBuilder();
    for (String part : List.of(name.split("\\.", -1))) {
      if (Character.isDigit(part.charAt(0))) {
        path.append("[").append(part).append("]");
      } else if (KEYWORDS.contains(part)) {
        path.append("[\"").append(part).append("\"]");
      } else {
        path.append(".").append(part);
      }
    }
    return path.toString();
  }
}
