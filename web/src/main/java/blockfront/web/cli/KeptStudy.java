package blockfront.web.cli;

import blockfront.blocks.catalogue.Catalogue;
import blockfront.search.export.Trained;
import blockfront.search.study.StudyPlan;
import blockfront.search.trial.Deployment;
import blockfront.search.trial.FinalRun;
import blockfront.search.trial.FinalTraining;
import blockfront.search.trial.Inspection;
import blockfront.search.trial.Outcome;
import blockfront.search.trial.Provenance;
import blockfront.search.trial.Recipe;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;

/** A study that is over, in a folder or in the workbench's store. */
interface KeptStudy extends AutoCloseable {

  StudyPlan plan();

  /** Numbers of the trials on its front, the cheapest first. */
  List<Integer> front();

  /**
   * A network with the weights of the search.
   *
   * @throws IllegalArgumentException if there is no such trial, or it was not trained
   */
  Trained trained(int number);

  /** Where the weights of a final training are. */
  Path finalWeights(int number, int run);

  /** Keeps what exported models showed. */
  void keep(Trained trained, Deployment deployment);

  /** Keeps what probes saw with the weights of the search. */
  void keep(int number, Inspection inspection);

  /** Keeps new final trainings of a trial. */
  List<FinalRun> addFinals(int number, List<Long> seeds, Recipe recipe);

  void finishFinal(int number, int run, Outcome outcome, Provenance provenance);

  FinalTraining finals(int number);

  @Override
  void close();

  /**
   * A network with the weights of its best final training.
   *
   * @throws IllegalArgumentException if it had none that was trained
   */
  default Trained trainedFinal(int number) {
    FinalRun best =
        finals(number)
            .best()
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "Trial %d has no final training; 'blockfront final' does it"
                            .formatted(number)));
    return trained(number).byFinal(best, finalWeights(number, best.number()));
  }

  /** Which study a command is about. */
  final class Chosen {

    @ArgGroup(multiplicity = "1")
    private Place place = new Place();

    @Option(
        names = "--data-dir",
        description = "Data directory of the workbench (default: ${DEFAULT-VALUE}).",
        defaultValue = "${env:BLOCKFRONT_DATA_DIR:-data}")
    private Path dataDirectory = Path.of("");

    /** One of the two. */
    static final class Place {
      @Option(
          names = "--study",
          paramLabel = "ID",
          description = "A study of the workbench, which must not be running.")
      private Optional<Long> study = Optional.empty();

      @Option(
          names = "--from",
          paramLabel = "DIR",
          description = "A folder that 'search --out' wrote.")
      private Optional<Path> from = Optional.empty();
    }

    KeptStudy open(Catalogue catalogue) {
      return place
          .from
          .<KeptStudy>map(folder -> StudyInFolder.open(folder, catalogue))
          .orElseGet(() -> StudyInStore.open(dataDirectory, place.study.orElseThrow()));
    }
  }
}
