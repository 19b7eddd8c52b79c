package blockfront.web.cli;

import blockfront.search.bench.MixerBench;
import blockfront.search.trial.Recipe;
import java.io.PrintWriter;
import java.io.Writer;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Compares token mixers in the same small network. */
@Command(
    name = "mixers",
    description =
        "Trains every token mixer that suits a data set in the same small isotropic network, and on"
            + " images a linear classifier",
    mixinStandardHelpOptions = true)
final class BenchMixersCommand implements Callable<Integer> {

  private static final Recipe RECIPE = new Recipe(10, 16, 3e-3, 0.05, 1, 0, 1, 0, 0, false);

  @Spec private CommandSpec spec;

  @Mixin private MixerTrainings trainings = new MixerTrainings();

  @Option(
      names = "--data",
      paramLabel = "NAME",
      required = true,
      description = "A data set; see 'data --help'.")
  private String data = "";

  @Option(names = "--json", description = "Print one JSON document, no progress.")
  private boolean json;

  @Override
  public Integer call() throws InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter progress =
        json ? new PrintWriter(Writer.nullWriter()) : spec.commandLine().getErr();
    var asked = new MixerTrainings.Asked(data, MixerBench.Body.STANDARD, RECIPE);
    List<MixerTable> tables = trainings.tables(List.of(asked), progress);
    if (json) {
      var node = Json.object();
      tables.getFirst().put(node);
      out.println(Json.text(node));
    } else {
      tables.forEach(table -> table.print(out));
    }
    out.flush();
    return 0;
  }
}
