package blockfront.web.cli;

import blockfront.blocks.catalogue.Catalogue;
import blockfront.blocks.cost.Cost;
import blockfront.blocks.cost.SpikeOperations;
import blockfront.blocks.graph.Shape;
import blockfront.blocks.network.Architecture;
import blockfront.blocks.network.Network;
import blockfront.blocks.network.State;
import blockfront.search.data.DataSets;
import blockfront.search.space.ArchitectureJson;
import java.io.PrintWriter;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.node.ObjectNode;

/** Counts what a network costs. */
@Command(
    name = "cost",
    description = "Counts what one forward pass of one example costs.",
    mixinStandardHelpOptions = true)
final class CostCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;

  @Mixin private Networks networks = new Networks();

  @Option(
      names = "--input",
      paramLabel = "HxWxC",
      description = "Another size of image than the network names.")
  private Optional<String> input = Optional.empty();

  @Option(
      names = "--classes",
      paramLabel = "K",
      description = "Another number of classes than the network names.")
  private Optional<Integer> classes = Optional.empty();

  @Option(
      names = "--data",
      paramLabel = "NAME",
      description = "For the examples of a data set, in place of --input and --classes.")
  private Optional<String> data = Optional.empty();

  @Option(names = "--json", description = "Print one JSON document.")
  private boolean json;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    Catalogue catalogue = Catalogue.load();
    Networks.Named named = networks.named(catalogue);
    Architecture architecture = sized(named.architecture());
    Network network = Network.of(architecture, catalogue);
    Cost cost = Cost.of(network.logits());
    if (json) {
      ObjectNode node = Json.object();
      node.put("name", named.name());
      node.put("architectureId", ArchitectureJson.id(architecture));
      node.put("task", architecture.task().text());
      node.put("input", architecture.input().text());
      node.put("classes", architecture.classes());
      Json.put(node, cost);
      node.put("stateBytes", State.of(architecture, catalogue).bytes());
      long spikes = SpikeOperations.of(network.logits()).multiplyAdds();
      if (spikes > 0) {
        node.put("spikeOperations", spikes);
      }
      node.put("rules", Cost.RULES_VERSION);
      network.repairs().forEach(node.putArray("repairs")::add);
      ObjectNode parts = node.putObject("parts");
      Cost.byScope(network.logits(), 2)
          .forEach((scope, part) -> Json.put(parts.putObject(scope), part));
      out.println(Json.text(node));
    } else {
      print(out, named.name(), network, cost, State.of(architecture, catalogue));
    }
    out.flush();
    return 0;
  }

  /** For the data set or the size that is asked for, if one is. */
  private Architecture sized(Architecture named) {
    if (data.isPresent()) {
      return named.forTask(DataSets.load(data.get()).task());
    }
    return input.isEmpty() && classes.isEmpty()
        ? named
        : named.forInput(
            input.map(Shape::parse).orElse(named.input()), classes.orElse(named.classes()));
  }

  private static void print(PrintWriter out, String name, Network network, Cost cost, State state) {
    out.printf("%s, one example of %s%n", name, network.input().shape().text());
    row(out, "parameters", cost.parameters());
    row(out, "multiply-adds", cost.multiplyAdds());
    row(out, "FLOPs", cost.flops());
    row(out, "Fourier", cost.fourier());
    row(out, "elementwise", cost.elementwise());
    row(out, "softmax", cost.softmax());
    row(out, "peak activations", cost.peakActivations());
    row(out, "state bytes", state.bytes());
    long spikes = SpikeOperations.of(network.logits()).multiplyAdds();
    if (spikes > 0) {
      out.printf(
          "  %-18s %,20d of the multiply-adds, if every neuron fired at every step%n",
          "spike operations", spikes);
    }
    out.println("  by part:");
    for (Map.Entry<String, Cost> part : Cost.byScope(network.logits(), 2).entrySet()) {
      out.printf(
          "    %-22s %,18d multiply-adds %,16d parameters%n",
          part.getKey(), part.getValue().multiplyAdds(), part.getValue().parameters());
    }
    network.repairs().forEach(repair -> out.println("  changed to fit: " + repair));
  }

  private static void row(PrintWriter out, String name, long value) {
    out.printf("  %-18s %,20d%n", name, value);
  }
}
