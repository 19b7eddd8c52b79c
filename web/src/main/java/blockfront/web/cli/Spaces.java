package blockfront.web.cli;

import blockfront.blocks.catalogue.Catalogue;
import blockfront.search.data.DataSets;
import blockfront.search.space.GenomeCodec;
import blockfront.search.study.ExamplePlans;
import blockfront.search.study.StudyPlan;

/** The spaces of built-in plans. */
final class Spaces {

  private Spaces() {}

  /**
   * By the name of the plan.
   *
   * @throws IllegalArgumentException if there is none
   */
  static GenomeCodec example(String name) {
    StudyPlan plan = ExamplePlans.named(name).plan();
    return new GenomeCodec(plan.space(), DataSets.load(plan.data()).task(), Catalogue.load());
  }
}
