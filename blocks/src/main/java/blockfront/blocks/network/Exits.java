package blockfront.blocks.network;

import blockfront.blocks.catalogue.Catalogue;
import blockfront.blocks.cost.Cost;
import blockfront.blocks.graph.Scope;
import blockfront.blocks.graph.Tensor;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A network that can answer after every layer, with a head for each.
 *
 * <p>(Early exit, <a href="https://arxiv.org/abs/2404.15244">Yao et al., 2024</a>.)
 *
 * @param image the input
 * @param logits after each layer, the last as those of the network itself
 */
public record Exits(Tensor image, List<Tensor> logits) {

  public Exits {
    logits = List.copyOf(logits);
  }

  /**
   * Describes a network with exits; its layers are one after another.
   *
   * @throws IllegalArgumentException as {@link Network#describe}, or if layers are looped or
   *     grouped
   */
  public static Exits of(Architecture architecture, Catalogue catalogue) {
    for (Stage stage : architecture.stages()) {
      if (!stage.layout().equals(Stage.STACKED)) {
        throw new IllegalArgumentException(
            "Early exit needs layers one after another, got '%s'".formatted(stage.layout().id()));
      }
    }
    Tensor image = Network.input(architecture.task());
    var description = new Description(architecture, catalogue, Regularisation.NONE);
    return new Exits(image, Scope.collectingRepairs(() -> description.exits(image)).value());
  }

  /** Multiply-adds up to each exit, its own head included and no other. */
  public List<Long> multiplyAdds() {
    return logits.stream().map(each -> Cost.of(each).multiplyAdds()).toList();
  }

  /**
   * The mean loss of all exits, later ones weighing more: the n-th as n.
   *
   * @param target as {@link Tensor#crossEntropy}
   */
  public Tensor loss(Tensor target, double smoothing) {
    double weights = logits.size() * (logits.size() + 1) / 2.0;
    return IntStream.range(0, logits.size())
        .mapToObj(i -> logits.get(i).crossEntropy(target, smoothing).times((i + 1) / weights))
        .reduce(Tensor::plus)
        .orElseThrow();
  }

  /**
   * The exit that is worth its cost, the earliest of equals: what a gate is trained to choose.
   *
   * @param quality of the answers of each exit, for one example
   * @param beta what one exit more must be worth
   */
  public static int best(List<Double> quality, double beta) {
    int best = 0;
    for (int i = 1; i < quality.size(); i++) {
      if (quality.get(i) - beta * i > quality.get(best) - beta * best) {
        best = i;
      }
    }
    return best;
  }

  /** What an example costs on average, if exits are taken so often; the gate's cost is added. */
  public double expectedMultiplyAdds(List<Double> shares, long gate) {
    List<Long> costs = multiplyAdds();
    return gate
        + IntStream.range(0, costs.size()).mapToDouble(i -> shares.get(i) * costs.get(i)).sum();
  }
}
