package blockfront.search.study;

import blockfront.blocks.network.Architecture;
import blockfront.search.trial.Measurement;

/** A network that another search measured: it is told to the strategy and not trained again. */
public record Imported(Architecture architecture, Measurement measurement) {}
