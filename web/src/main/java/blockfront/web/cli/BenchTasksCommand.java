package blockfront.web.cli;

import blockfront.blocks.graph.Start;
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
import tools.jackson.databind.node.ArrayNode;

/** Compares token mixers on tasks of sequences. */
@Command(
    name = "tasks",
    description =
        "Trains every causal token mixer on associative recall, and every mixer of sequences on"
            + " in-context regression, in the same small network",
    mixinStandardHelpOptions = true)
final class BenchTasksCommand implements Callable<Integer> {

  private static final Recipe RECALL =
      new Recipe(12, 16, 2e-3, 0.1, 1, 0, 1, 0, 0, false).withStart(Start.PUBLISHED);
  private static final Recipe REGRESSION =
      new Recipe(20, 64, 2e-3, 0, 1, 0, 1, 0, 0, false).withStart(Start.PUBLISHED);

  private static final List<MixerTrainings.Asked> TABLES =
      List.of(
          recall("mqar:vocabulary=64,length=32,pairs=2"),
          recall("mqar:vocabulary=128,length=64,pairs=4"),
          recall("mqar:vocabulary=64,length=32,pairs=2,gap=8"),
          new MixerTrainings.Asked("icl_regression", MixerBench.Body.STANDARD, REGRESSION));

  private static MixerTrainings.Asked recall(String data) {
    return new MixerTrainings.Asked(data, MixerBench.Body.RECALL, RECALL);
  }

  @Spec private CommandSpec spec;

  @Mixin private MixerTrainings trainings = new MixerTrainings();

  @Option(names = "--json", description = "Print one JSON document, no progress.")
  private boolean json;

  @Override
  public Integer call() throws InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter progress =
        json ? new PrintWriter(Writer.nullWriter()) : spec.commandLine().getErr();
    List<MixerTable> tables = trainings.tables(TABLES, progress);
    if (json) {
      ArrayNode list = Json.list();
      tables.forEach(table -> table.put(list.addObject()));
      out.println(Json.text(list));
    } else {
      tables.forEach(table -> table.print(out));
    }
    out.flush();
    return 0;
  }
}
