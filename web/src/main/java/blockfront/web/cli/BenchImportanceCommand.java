package blockfront.web.cli;

import blockfront.search.bench.ImportanceBench;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Times how long it takes to say which choices matter. */
@Command(
    name = "importance",
    description =
        "Times how long a study's page takes to find which choices matter to each objective.",
    mixinStandardHelpOptions = true)
final class BenchImportanceCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;

  @Option(
      names = "--trials",
      paramLabel = "N",
      split = ",",
      description = "Networks of the study (default: 10000).")
  private List<Integer> trials = List.of(10_000);

  @Option(
      names = "--example",
      paramLabel = "NAME",
      description = "A built-in plan, for its space (default: ${DEFAULT-VALUE}).",
      defaultValue = "digits")
  private String example = "digits";

  @Option(names = "--json", description = "Print one JSON document.")
  private boolean json;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    List<ImportanceBench.Report> reports =
        trials.stream()
            .map(count -> new ImportanceBench(count, Spaces.example(example)).run())
            .toList();
    if (json) {
      ArrayNode list = Json.list();
      for (ImportanceBench.Report report : reports) {
        ObjectNode node = list.addObject();
        node.put("trials", report.trials());
        node.put("choices", report.choices());
        node.put("medianMillis", report.median());
        node.put("longestMillis", report.longest());
      }
      out.println(Json.text(list));
    } else {
      out.printf("%8s %8s %12s %12s%n", "trials", "choices", "median ms", "max ms");
      for (ImportanceBench.Report report : reports) {
        out.printf(
            "%,8d %8d %12.1f %12.1f%n",
            report.trials(), report.choices(), report.median(), report.longest());
      }
    }
    out.flush();
    return 0;
  }
}
