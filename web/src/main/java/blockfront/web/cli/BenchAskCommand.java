package blockfront.web.cli;

import blockfront.search.bench.AskBench;
import blockfront.search.strategy.Strategies;
import java.io.PrintWriter;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Times how long strategies take to say what to try next. */
@Command(
    name = "ask",
    description =
        "Times how long strategies take to propose a network when much is known: the wait of a free"
            + " worker.",
    mixinStandardHelpOptions = true)
final class BenchAskCommand implements Callable<Integer> {

  private static final int WORKERS = 4;

  @Spec private CommandSpec spec;

  @Option(
      names = "--strategy",
      paramLabel = "NAME",
      description = "A strategy of the search (default: ${DEFAULT-VALUE}).",
      defaultValue = "auto")
  private String strategy = "auto";

  @Option(
      names = "--trials",
      paramLabel = "N",
      split = ",",
      description = "Results known by then (default: 1000).")
  private List<Integer> trials = List.of(1000);

  @Option(
      names = "--example",
      paramLabel = "NAME",
      description =
          "Search the space of a built-in plan (digits, fashion, mqar), not a made-up one.")
  private Optional<String> example = Optional.empty();

  @Option(names = "--json", description = "Print one JSON document.")
  private boolean json;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    Strategies asked = Strategies.named(strategy);
    List<AskBench.Report> reports = trials.stream().map(count -> bench(count).run(asked)).toList();
    if (json) {
      ArrayNode list = Json.list();
      for (AskBench.Report report : reports) {
        ObjectNode node = list.addObject();
        node.put("strategy", report.strategy());
        node.put("trials", report.trials());
        node.put("medianMillis", report.median());
        node.put("p95Millis", report.p95());
        node.put("longestMillis", report.longest());
        node.put("processorMillis", report.processor());
      }
      out.println(Json.text(list));
    } else {
      out.printf(
          "%-22s %8s %12s %12s %12s %14s%n",
          "strategy", "trials", "median ms", "p95 ms", "max ms", "processor ms");
      for (AskBench.Report report : reports) {
        out.printf(
            "%-22s %,8d %12.1f %12.1f %12.1f %14.1f%n",
            report.strategy(),
            report.trials(),
            report.median(),
            report.p95(),
            report.longest(),
            report.processor());
      }
    }
    out.flush();
    return 0;
  }

  private AskBench bench(int count) {
    return example
        .map(name -> new AskBench(count, WORKERS, Spaces.example(name)))
        .orElseGet(() -> new AskBench(count, WORKERS));
  }
}
