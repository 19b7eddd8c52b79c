package blockfront.web.cli;

import blockfront.db.H2StudyStore;
import blockfront.search.export.Trained;
import blockfront.search.study.ParetoFront;
import blockfront.search.study.Study;
import blockfront.search.study.StudyPlan;
import blockfront.search.study.WeightFiles;
import blockfront.search.trial.Deployment;
import blockfront.search.trial.FinalRun;
import blockfront.search.trial.FinalTraining;
import blockfront.search.trial.Inspection;
import blockfront.search.trial.Outcome;
import blockfront.search.trial.Provenance;
import blockfront.search.trial.Recipe;
import blockfront.search.trial.Trial;
import blockfront.search.trial.TrialId;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** A study of a workbench that is not serving now. */
final class StudyInStore implements KeptStudy {

  private final H2StudyStore store;
  private final Path weights;
  private final Study study;

  private StudyInStore(H2StudyStore store, Path weights, Study study) {
    this.store = store;
    this.weights = weights;
    this.study = study;
  }

  static StudyInStore open(Path dataDirectory, long id) {
    if (!Files.isDirectory(dataDirectory)) {
      throw new IllegalArgumentException("No data directory '%s'".formatted(dataDirectory));
    }
    H2StudyStore store = H2StudyStore.open(dataDirectory);
    try {
      Study study =
          store
              .study(id)
              .orElseThrow(
                  () ->
                      new IllegalArgumentException(
                          "No study %d in '%s'; its studies are %s"
                              .formatted(
                                  id,
                                  dataDirectory,
                                  store.studies().stream().map(Study::id).toList())));
      return new StudyInStore(store, dataDirectory.resolve("weights"), study);
    } catch (RuntimeException e) {
      store.close();
      throw e;
    }
  }

  @Override
  public StudyPlan plan() {
    return study.plan();
  }

  @Override
  public List<Integer> front() {
    return ParetoFront.of(store.trials(study.id()), study.plan().aims()).points().stream()
        .map(trial -> trial.id().number())
        .toList();
  }

  @Override
  public Trained trained(int number) {
    return Trained.bySearch(
        study.plan(),
        store
            .trial(id(number))
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        "No trial %d in study %d".formatted(number, study.id()))),
        finals(number),
        new WeightFiles(weights).of(id(number)));
  }

  @Override
  public Path finalWeights(int number, int run) {
    return new WeightFiles(weights).of(id(number), run);
  }

  @Override
  public void keep(Trained trained, Deployment deployment) {
    if (trained.run().isPresent()) {
      store.deployFinal(id(trained.number()), trained.run().get(), deployment);
    } else {
      store.deploy(id(trained.number()), trained.measurement().epochs(), deployment);
    }
  }

  @Override
  public void keep(int number, Inspection inspection) {
    store
        .trial(id(number))
        .flatMap(Trial::measurement)
        .ifPresent(shown -> store.inspect(id(number), shown.epochs(), inspection));
  }

  @Override
  public List<FinalRun> addFinals(int number, List<Long> seeds, Recipe recipe) {
    return store.addFinals(id(number), seeds, recipe);
  }

  @Override
  public void finishFinal(int number, int run, Outcome outcome, Provenance provenance) {
    store.finishFinal(id(number), run, outcome, Optional.of(provenance));
  }

  @Override
  public FinalTraining finals(int number) {
    return store.finals(id(number));
  }

  private TrialId id(int number) {
    return new TrialId(study.id(), number);
  }

  @Override
  public void close() {
    store.close();
  }
}
