package blockfront.search.study;

/** What the trainings of a study begin with. */
public enum InitialWeights {
  /** Numbers drawn anew for every network. */
  DRAWN,
  /** Those of the most alike network that was trained before, wherever name and shape agree. */
  INHERITED
}
