package blockfront.search.study;

import blockfront.blocks.catalogue.Catalogue;

/** What all studies of a service share. */
record StudyEnvironment(
    StudyStore store,
    Slots slots,
    Catalogue catalogue,
    WeightFiles weights,
    TrialClock clock,
    StudyEvents events) {}
