package blockfront.web.cli;

import blockfront.blocks.catalogue.Catalogue;
import blockfront.search.data.DataSets;
import blockfront.search.export.Trained;
import blockfront.search.probe.Inspector;
import blockfront.search.trial.Inspection;
import blockfront.search.trial.Inspection.Energy;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Looks into a network that a search trained. */
@Command(
    name = "probe",
    description =
        "Looks into a trained network while it answers test examples: how large activations get,"
            + " where attention goes, how many spikes there are. What it sees is kept with the"
            + " study.",
    mixinStandardHelpOptions = true)
final class ProbeCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;

  @Mixin private KeptStudy.Chosen chosen = new KeptStudy.Chosen();

  @Option(
      names = "--trial",
      paramLabel = "ID",
      required = true,
      description = "Number of the trial in its study.")
  private int trial;

  @Option(
      names = "--final",
      description =
          "The weights of the best final training, by validation; what is seen is not kept.")
  private boolean finals;

  @Option(
      names = "--examples",
      paramLabel = "N",
      description = "The first N test examples (default: ${DEFAULT-VALUE}).",
      defaultValue = "" + Inspector.EXAMPLES)
  private int examples;

  @Option(
      names = "--energy",
      paramLabel = "PJ",
      arity = "2",
      description =
          "Tell the energy of an answer: picojoules of a multiply-add and of a spike operation, as"
              + " 4.6 0.9 in 45 nm.")
  private double[] energy = {};

  @Option(names = "--json", description = "Print one JSON document.")
  private boolean json;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    Catalogue catalogue = Catalogue.load();
    Inspection seen;
    try (KeptStudy study = chosen.open(catalogue)) {
      Trained trained = finals ? study.trainedFinal(trial) : study.trained(trial);
      seen =
          Inspector.inspect(
              trained.architecture(),
              catalogue,
              trained.weights(),
              DataSets.load(study.plan().data()),
              examples);
      if (!finals) {
        study.keep(trial, seen);
      }
    }
    if (json) {
      out.println(Json.text(node(seen)));
    } else {
      print(out, seen);
    }
    out.flush();
    return 0;
  }

  private ObjectNode node(Inspection seen) {
    ObjectNode node = Json.object();
    node.put("trial", trial);
    node.put("examples", seen.examples());
    ArrayNode layers = node.putArray("layers");
    for (Inspection.Layer layer : seen.layers()) {
      ObjectNode line = layers.addObject();
      line.put("scope", layer.scope());
      line.put("greatest", layer.greatest());
      line.put("median", layer.median());
      line.put("kurtosis", layer.kurtosis());
      line.put("massive", layer.massive());
    }
    node.put("meanKurtosis", seen.meanKurtosis());
    seen.attention()
        .ifPresent(
            attention -> {
              ObjectNode line = node.putObject("attention");
              line.put("sinkMass", attention.sinkMass());
              line.put("evenMass", attention.evenMass());
              line.put("entropy", attention.entropy());
              line.put("topMass", attention.topMass());
            });
    Inspection.Activity activity = seen.activity();
    node.put("multiplyAdds", activity.multiplyAdds());
    node.put("spikeOperations", activity.spikeOperations());
    node.put("mostSpikeOperations", activity.mostSpikeOperations());
    if (energy.length > 0) {
      node.put("picojoules", new Energy(energy[0], energy[1]).picojoules(activity));
    }
    return node;
  }

  private void print(PrintWriter out, Inspection seen) {
    out.printf("%-28s %12s %12s %12s%n", "output of", "greatest", "median", "kurtosis");
    for (Inspection.Layer layer : seen.layers()) {
      out.printf(
          "%-28s %12.4g %12.4g %12.4g%s%n",
          layer.scope(),
          layer.greatest(),
          layer.median(),
          layer.kurtosis(),
          layer.massive() ? "  massive" : "");
    }
    seen.attention()
        .ifPresentOrElse(
            attention ->
                out.printf(
                    "attention: sink %.4f (evenly spread %.4f), entropy %.4f, most %.4f%n",
                    attention.sinkMass(),
                    attention.evenMass(),
                    attention.entropy(),
                    attention.topMass()),
            () -> out.println("attention: none among tokens"));
    Inspection.Activity activity = seen.activity();
    out.printf("products of numbers: %,.0f%n", activity.multiplyAdds());
    if (activity.mostSpikeOperations() > 0) {
      out.printf(
          "spike operations: %,.0f of %,d, %.1f %%%n",
          activity.spikeOperations(), activity.mostSpikeOperations(), 100 * activity.rate());
    }
    if (energy.length > 0) {
      out.printf(
          "energy: %,.0f pJ an answer%n", new Energy(energy[0], energy[1]).picojoules(activity));
    }
  }
}
