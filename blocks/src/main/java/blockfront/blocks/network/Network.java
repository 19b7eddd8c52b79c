package blockfront.blocks.network;

import blockfront.blocks.catalogue.Catalogue;
import blockfront.blocks.graph.Function;
import blockfront.blocks.graph.Op;
import blockfront.blocks.graph.Scope;
import blockfront.blocks.graph.Tensor;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;

/**
 * A network as one symbolic tensor: what every reader (cost, gradient, training, export) starts
 * from.
 *
 * @param input what enters, named {@link #IMAGE}, {@link #TOKENS} or {@link #VECTORS}
 * @param logits one for each class or token of the vocabulary; the number itself in a regression
 * @param repairs what had to be changed in blocks to make them fit, for the user to read
 * @param penalty what blocks want kept small in training, {@code [1]}
 */
public record Network(Tensor input, Tensor logits, List<String> repairs, Optional<Tensor> penalty) {

  /** The name of the input of an image {@code [height, width, channels]}. */
  public static final String IMAGE = "image";

  /** The name of the input of tokens {@code [length]}. */
  public static final String TOKENS = "tokens";

  /** The name of the input of vectors {@code [length, channels]}. */
  public static final String VECTORS = "vectors";

  public Network {
    repairs = List.copyOf(repairs);
  }

  /**
   * Whether neurons fire in it. Rounding alone can tip a spike, so two exact readers of such a
   * network may differ on a few examples.
   */
  public boolean spiking() {
    return logits.inOrder().stream()
        .anyMatch(each -> each.op() instanceof Op.Pointwise(Function function) && function.spike());
  }

  /** For inference: nothing random. */
  public static Network of(Architecture architecture, Catalogue catalogue) {
    return description(architecture, catalogue, Regularisation.NONE);
  }

  /**
   * Describes a network to be trained.
   *
   * @throws IllegalArgumentException if a block is unknown, set to what it does not allow, or
   *     cannot be used on the tokens it gets; the message starts with the place in the network
   */
  public static Network describe(
      Architecture architecture, Catalogue catalogue, Regularisation regularisation) {
    return Scope.inTraining(() -> description(architecture, catalogue, regularisation));
  }

  private static Network description(
      Architecture architecture, Catalogue catalogue, Regularisation regularisation) {
    Tensor input = input(architecture.task());
    var description = new Description(architecture, catalogue, regularisation);
    Scope.Noted<Scope.Penalised<Tensor>> logits =
        Scope.collectingRepairs(() -> Scope.collectingPenalties(() -> description.of(input)));
    return new Network(
        input, logits.value().value(), logits.repairs(), total(logits.value().penalties()));
  }

  /** What training makes small: a loss {@code [1]} and what blocks add to it. */
  public Tensor penalised(Tensor loss) {
    return penalty.map(loss::plus).orElse(loss);
  }

  /** The sum over all kinds of the mean of each. */
  private static Optional<Tensor> total(List<Scope.Penalty> penalties) {
    var kinds = new LinkedHashMap<String, Long>();
    penalties.forEach(penalty -> kinds.merge(penalty.kind(), 1L, Long::sum));
    return penalties.stream()
        .map(penalty -> penalty.value().times(1.0 / kinds.getOrDefault(penalty.kind(), 1L)))
        .reduce(Tensor::plus);
  }

  /** What enters a network for a task. */
  static Tensor input(Task task) {
    if (task instanceof Task.ImageClassification && task.input().rank() != 3) {
      throw new IllegalArgumentException(
          "Network needs images [height, width, channels], got " + task.input());
    }
    String name = task.sequence().map(Network::name).orElse(IMAGE);
    return Tensor.input(name, task.input());
  }

  private static String name(Sequence sequence) {
    return switch (sequence) {
      case Sequence.Tokens _ -> TOKENS;
      case Sequence.Vectors _ -> VECTORS;
    };
  }

  /** The name that the input goes by in files: {@link #IMAGE} and so on. */
  public String inputName() {
    return input.op() instanceof Op.Input(String name) ? name : IMAGE;
  }
}
