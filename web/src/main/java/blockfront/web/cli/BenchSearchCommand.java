package blockfront.web.cli;

import blockfront.search.bench.BenchReport;
import blockfront.search.bench.SearchBench;
import blockfront.search.bench.Table;
import blockfront.search.strategy.Strategies;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Compares strategies on a table of finished trainings. */
@Command(
    name = "search",
    description =
        "Searches a table of finished trainings: how many lookups until the front is found, by the"
            + " hypervolume.",
    mixinStandardHelpOptions = true)
final class BenchSearchCommand implements Callable<Integer> {

  /** Stands for every strategy. */
  private static final String ALL = "all";

  @Spec private CommandSpec spec;

  @Option(
      names = "--table",
      paramLabel = "FILE.csv",
      required = true,
      description = "A row a training, with a header.")
  private Path table = Path.of("");

  @Option(
      names = "--choices",
      paramLabel = "COLUMN",
      required = true,
      split = ",",
      description = "Columns that the search decides, separated by commas.")
  private List<String> choices = List.of();

  @Option(
      names = "--ordinal",
      paramLabel = "COLUMN",
      split = ",",
      description = "Those of the choices whose neighbouring values are alike.")
  private List<String> ordinal = List.of();

  @Option(
      names = "--minimize",
      paramLabel = "COLUMN",
      split = ",",
      description = "Results: the less the better. Two or three in all.")
  private List<String> minimize = List.of();

  @Option(
      names = "--maximize",
      paramLabel = "COLUMN",
      split = ",",
      description = "Results: the more the better.")
  private List<String> maximize = List.of();

  @Option(
      names = "--strategy",
      paramLabel = "NAME",
      description = "A strategy of the search, or all (default: ${DEFAULT-VALUE}).",
      defaultValue = ALL)
  private String strategy = ALL;

  @Option(
      names = "--seeds",
      paramLabel = "N",
      description = "Runs of each strategy (default: ${DEFAULT-VALUE}).",
      defaultValue = "30")
  private int seeds;

  @Option(
      names = "--budget",
      paramLabel = "B",
      description = "Lookups a run (default: ${DEFAULT-VALUE}).",
      defaultValue = "300")
  private int budget;

  @Option(
      names = "--workers",
      paramLabel = "W",
      description = "Simulated workers, which finish in random order (default: ${DEFAULT-VALUE}).",
      defaultValue = "4")
  private int workers;

  @Option(names = "--json", description = "Print one JSON document.")
  private boolean json;

  @Override
  public Integer call() {
    PrintWriter out = spec.commandLine().getOut();
    List<Strategies> strategies =
        strategy.equals(ALL) ? List.of(Strategies.values()) : List.of(Strategies.named(strategy));
    var bench = new SearchBench(seeds, budget, workers);
    Table read = Table.read(table, new Table.Columns(choices, ordinal, minimize, maximize));
    PrintWriter err = spec.commandLine().getErr();
    read.notes().forEach(note -> err.println("blockfront: " + note));
    err.flush();
    var reports = new ArrayList<BenchReport>();
    strategies.forEach(each -> reports.add(bench.run(read, each)));
    if (json) {
      out.println(BenchReport.json(reports));
    } else {
      out.printf(
          "%s: %,d trainings, %d on the front; %d seeds, %d workers%n",
          table, read.rows(), read.frontSize(), seeds, workers);
      out.print(BenchReport.text(reports));
    }
    out.flush();
    return 0;
  }
}
