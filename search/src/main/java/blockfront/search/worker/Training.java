package blockfront.search.worker;

import blockfront.search.trial.Epoch;
import blockfront.search.trial.Outcome;
import blockfront.search.trial.Provenance;
import blockfront.search.trial.TrialSpec;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/** What a worker does with a trial. */
interface Training {

  /** Trains; whatever goes wrong is an outcome. */
  Outcome train(TrialSpec spec, Consumer<Epoch> progress, BooleanSupplier cancelled);

  /**
   * Does for nobody what a trial will need, so that the first one finds compiled code; gives up as
   * soon as it is enough.
   */
  void warmUp(BooleanSupplier enough);

  /**
   * Under which circumstances this process trains.
   *
   * @param worker the name of the process
   */
  Provenance provenance(TrialSpec spec, String worker);
}
