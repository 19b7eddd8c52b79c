package blockfront.db;

import blockfront.search.study.StudyStoreContract;
import blockfront.search.trial.Epoch;
import blockfront.search.trial.Outcome;
import blockfront.search.trial.TrialId;
import java.nio.file.Path;
import java.util.Optional;

/** A process with a store: opens it and says what came of it, or writes until it is killed. */
final class StoreProcess {

  private StoreProcess() {}

  /** A method of a contract's subclass, for what only those may use. */
  private abstract static class Writing extends StudyStoreContract {

    static void on(H2StudyStore store) {
      long study = store.create(plan("Killed", "digits"), NOW).id();
      while (true) {
        TrialId trial = queued(store, study).id();
        store.start(trial, 1, "worker 1", NOW);
        store.epoch(trial, 1, new Epoch(1, 1.5, 1.25, 0.5, 2e-3, 0.125));
        store.finish(trial, 1, new Outcome.Trained(MEASUREMENT), Optional.of(PROVENANCE), NOW);
        System.out.println(trial.number());
      }
    }
  }

  public static void main(String[] arguments) {
    try (var store = H2StudyStore.open(Path.of(arguments[1]))) {
      if (arguments[0].equals("write")) {
        Writing.on(store);
      } else {
        System.out.println("open");
      }
    } catch (StoreException e) {
      System.out.println(e.getMessage());
    }
  }
}
