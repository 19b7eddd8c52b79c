package blockfront.web.cli;

import blockfront.blocks.catalogue.Catalogue;
import blockfront.search.export.StudyFiles;
import blockfront.search.export.Trained;
import blockfront.search.export.TrialFile;
import blockfront.search.study.StudyPlan;
import blockfront.search.study.StudyPlanJson;
import blockfront.search.study.WeightFiles;
import blockfront.search.trial.Deployment;
import blockfront.search.trial.FinalRun;
import blockfront.search.trial.FinalTraining;
import blockfront.search.trial.Inspection;
import blockfront.search.trial.Outcome;
import blockfront.search.trial.Provenance;
import blockfront.search.trial.Recipe;
import blockfront.search.trial.TrialId;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** What {@code search --out} wrote; what is measured later is written beside it. */
final class StudyInFolder implements KeptStudy {

  private final Path folder;
  private final Catalogue catalogue;
  private final StudyPlan plan;

  private StudyInFolder(Path folder, Catalogue catalogue, StudyPlan plan) {
    this.folder = folder;
    this.catalogue = catalogue;
    this.plan = plan;
  }

  static StudyInFolder open(Path folder, Catalogue catalogue) {
    Path file = folder.resolve("plan.json");
    if (!Files.isRegularFile(file)) {
      throw new IllegalArgumentException("There is no '%s'".formatted(file));
    }
    try {
      return new StudyInFolder(folder, catalogue, StudyPlanJson.read(TextFile.read(file)));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("%s: %s".formatted(file, e.getMessage()), e);
    }
  }

  @Override
  public StudyPlan plan() {
    return plan;
  }

  @Override
  public List<Integer> front() {
    return StudyFiles.readFront(folder);
  }

  @Override
  public Trained trained(int number) {
    StudyFiles.Listed listed =
        StudyFiles.read(folder, catalogue).stream()
            .filter(line -> line.number() == number)
            .findFirst()
            .orElseThrow(
                () ->
                    new IllegalArgumentException("No trial %d in '%s'".formatted(number, folder)));
    return Trained.bySearch(
        plan, listed, finals(number), new WeightFiles(folder.resolve("weights")).of(id(number)));
  }

  @Override
  public Path finalWeights(int number, int run) {
    return new WeightFiles(folder.resolve("weights")).of(id(number), run);
  }

  @Override
  public void keep(Trained trained, Deployment deployment) {
    if (trained.run().isPresent()) {
      change(trained.number(), trained.run().get(), run -> run.deployed(deployment));
    } else {
      StudyFiles.keep(folder, trained.number(), deployment);
    }
  }

  @Override
  public void keep(int number, Inspection inspection) {
    TrialFile.INSPECTION.write(folder, number, inspection);
  }

  @Override
  public List<FinalRun> addFinals(int number, List<Long> seeds, Recipe recipe) {
    var runs = new ArrayList<>(finals(number).runs());
    int before = runs.size();
    for (long seed : seeds) {
      runs.add(FinalRun.queued(runs.size() + 1, seed, recipe));
    }
    TrialFile.FINAL_TRAINING.write(folder, number, new FinalTraining(runs));
    return List.copyOf(runs.subList(before, runs.size()));
  }

  @Override
  public void finishFinal(int number, int run, Outcome outcome, Provenance provenance) {
    change(number, run, queued -> queued.ended(outcome, Optional.of(provenance)));
  }

  @Override
  public FinalTraining finals(int number) {
    return TrialFile.FINAL_TRAINING
        .read(folder, number)
        .orElseGet(() -> new FinalTraining(List.of()));
  }

  private void change(int number, int run, UnaryOperator<FinalRun> change) {
    List<FinalRun> runs =
        finals(number).runs().stream()
            .map(known -> known.number() == run ? change.apply(known) : known)
            .toList();
    TrialFile.FINAL_TRAINING.write(folder, number, new FinalTraining(runs));
  }

  /** A folder holds one study: its weights are those of study 1. */
  private static TrialId id(int number) {
    return new TrialId(1, number);
  }

  @Override
  public void close() {}
}
