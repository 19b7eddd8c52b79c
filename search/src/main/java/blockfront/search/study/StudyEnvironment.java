package blockfront.search.study;

import blockfront.blocks.catalogue.Catalogue;

/**
 * What all studies of a service share.
 *
 * @param wake fills free slots; on the studies' thread
 */
record StudyEnvironment(
    StudyStore store,
    StudyThread thread,
    Slots slots,
    Runnable wake,
    Catalogue catalogue,
    WeightFiles weights,
    TrialClock clock,
    StudyEvents events) {}
