package blockfront.web.cli;

import blockfront.blocks.catalogue.Catalogue;
import blockfront.blocks.network.Architecture;
import blockfront.db.H2StudyStore;
import blockfront.search.data.DataSets;
import blockfront.search.export.NetworkFiles;
import blockfront.search.export.StudyFiles;
import blockfront.search.study.LocalStudyService;
import blockfront.search.study.StudyPlanJson;
import blockfront.search.trial.Trial;
import blockfront.search.trial.TrialId;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Writes a trained network for other programs. */
@Command(
    name = "export",
    description = "Writes a trained network as files for other programs.",
    mixinStandardHelpOptions = true)
final class ExportCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;

  @ArgGroup(multiplicity = "1")
  private Origin origin = new Origin();

  @Option(
      names = "--trial",
      paramLabel = "ID",
      required = true,
      description = "Number of the trial in its study.")
  private int trial;

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      required = true,
      description = "One of: ${COMPLETION-CANDIDATES}.")
  private NetworkFiles.Format format = NetworkFiles.Format.JSON;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      required = true,
      description = "Where the files go; made if it is missing.")
  private Path out = Path.of("");

  @Option(
      names = "--data-dir",
      description = "Data directory of the workbench (default: ${DEFAULT-VALUE}).",
      defaultValue = "${env:BLOCKFRONT_DATA_DIR:-data}")
  private Path dataDirectory = Path.of("");

  /** Where the trial is kept. */
  static final class Origin {
    @Option(
        names = "--study",
        paramLabel = "ID",
        description = "A study of the workbench, which must not be running.")
    private long study;

    @Option(
        names = "--from",
        paramLabel = "DIR",
        description = "A folder that 'search --out' wrote.")
    private Path from = Path.of("");
  }

  /** What is exported. */
  private record Trained(Architecture architecture, String data, Path weights) {}

  @Override
  public Integer call() {
    Catalogue catalogue = Catalogue.load();
    Trained trained = origin.study > 0 ? ofWorkbench() : ofFolder(origin.from, catalogue);
    if (!Files.isRegularFile(trained.weights())) {
      throw new IllegalArgumentException(
          "Trial %d has no weights at '%s'".formatted(trial, trained.weights()));
    }
    List<Path> written =
        NetworkFiles.write(
            format,
            out,
            trained.architecture(),
            catalogue,
            trained.weights(),
            DataSets.load(trained.data()));
    PrintWriter printer = spec.commandLine().getOut();
    written.forEach(printer::println);
    printer.flush();
    return 0;
  }

  private Trained ofWorkbench() {
    if (!Files.isDirectory(dataDirectory)) {
      throw new IllegalArgumentException("No data directory '%s'".formatted(dataDirectory));
    }
    try (var store = H2StudyStore.open(dataDirectory)) {
      var id = new TrialId(origin.study, trial);
      Trial known =
          store
              .trial(id)
              .orElseThrow(
                  () ->
                      new IllegalArgumentException(
                          "No trial %s in '%s'; its studies are %s"
                              .formatted(
                                  id,
                                  dataDirectory,
                                  store.studies().stream().map(study -> study.id()).toList())));
      return new Trained(
          known.architecture(),
          store.study(origin.study).orElseThrow().plan().data(),
          LocalStudyService.weightsOf(dataDirectory.resolve("weights"), id));
    }
  }

  private Trained ofFolder(Path folder, Catalogue catalogue) {
    StudyFiles.Listed listed =
        StudyFiles.read(folder, catalogue).stream()
            .filter(line -> line.number() == trial)
            .findFirst()
            .orElseThrow(
                () -> new IllegalArgumentException("No trial %d in '%s'".formatted(trial, folder)));
    return new Trained(
        listed.architecture(),
        StudyPlanJson.read(TextFile.read(folder.resolve("plan.json"))).data(),
        LocalStudyService.weightsOf(folder.resolve("weights"), new TrialId(1, trial)));
  }
}
