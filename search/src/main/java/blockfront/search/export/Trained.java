package blockfront.search.export;

import blockfront.blocks.network.Architecture;
import blockfront.search.space.ArchitectureJson;
import blockfront.search.study.StudyPlan;
import blockfront.search.trial.Deployment;
import blockfront.search.trial.FinalRun;
import blockfront.search.trial.FinalTraining;
import blockfront.search.trial.Measurement;
import blockfront.search.trial.Provenance;
import blockfront.search.trial.Recipe;
import blockfront.search.trial.Trial;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A network with one set of trained weights, and what is known of them: what an export is made of.
 *
 * @param plan of the study that found it
 * @param number of its trial there
 * @param searched what the search's own training showed
 * @param measurement what the training of these weights showed: that of the search or a final one
 * @param recipe of that training
 * @param provenance of that training
 * @param weights the file that it wrote
 * @param deployment of these weights, if it was measured
 * @param finals the final trainings of the network, if there were any
 * @param run number of the final training that these weights are of; empty if they are the search's
 */
public record Trained(
    StudyPlan plan,
    int number,
    Architecture architecture,
    Measurement searched,
    Measurement measurement,
    Recipe recipe,
    Provenance provenance,
    Path weights,
    Optional<Deployment> deployment,
    FinalTraining finals,
    Optional<Integer> run) {

  /**
   * The weights that the search trained, of a trial that the store keeps.
   *
   * @throws IllegalArgumentException if the trial was not trained
   */
  public static Trained bySearch(StudyPlan plan, Trial trial, FinalTraining finals, Path weights) {
    return bySearch(
        plan,
        new StudyFiles.Listed(
            trial.id().number(),
            trial.architecture(),
            trial.status(),
            trial.measurement(),
            trial.provenance(),
            trial.deployment()),
        finals,
        weights);
  }

  /** As above, of a trial in a file. */
  public static Trained bySearch(
      StudyPlan plan, StudyFiles.Listed trial, FinalTraining finals, Path weights) {
    Measurement measurement =
        trial
            .measurement()
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "Trial %d has nothing to export: it is %s"
                            .formatted(trial.number(), trial.status())));
    return new Trained(
        plan,
        trial.number(),
        trial.architecture(),
        measurement,
        measurement,
        plan.recipe(),
        trial.provenance().orElse(Provenance.UNKNOWN),
        weights,
        trial.deployment(),
        finals,
        Optional.empty());
  }

  /** The same network with the weights of a final training that was trained. */
  public Trained byFinal(FinalRun run, Path file) {
    return new Trained(
        plan,
        number,
        architecture,
        searched,
        run.measurement().orElseThrow(),
        run.recipe(),
        run.provenance().orElse(Provenance.UNKNOWN),
        file,
        run.deployment(),
        finals,
        Optional.of(run.number()));
  }

  public Trained deployed(Deployment measured) {
    return new Trained(
        plan,
        number,
        architecture,
        searched,
        measurement,
        recipe,
        provenance,
        weights,
        Optional.of(measured),
        finals,
        run);
  }

  /** Names files and folders: {@code network-7}, {@code network-7-final}. */
  public String name() {
    return "network-%d%s".formatted(number, run.isPresent() ? "-final" : "");
  }

  /** The hash of its description. */
  public String id() {
    return ArchitectureJson.id(architecture);
  }
}
