package blockfront.search.study;

import static org.assertj.core.api.Assertions.assertThat;

import blockfront.blocks.catalogue.Catalogue;
import blockfront.blocks.cost.Cost;
import blockfront.blocks.network.Architecture;
import blockfront.blocks.network.Network;
import blockfront.search.data.DataSets;
import blockfront.search.space.ArchitectureJson;
import blockfront.search.space.GenomeCodec;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ExamplePlansTest {

  private static final Catalogue CATALOGUE = Catalogue.load();

  @ParameterizedTest
  @EnumSource
  void itsNetworksToBeginWithAreOfItsSpaceAndFitItsData(ExamplePlans example) {
    StudyPlan plan = example.plan();
    var space = new GenomeCodec(plan.space(), DataSets.load(plan.data()).task(), CATALOGUE);

    for (Architecture start : plan.start()) {
      assertThat(Cost.of(Network.of(start, CATALOGUE).logits()).multiplyAdds()).isPositive();
      assertThat(start.task()).isEqualTo(DataSets.load(plan.data()).task());
    }
    assertThat(space.startingWith(plan.start()).priors().stream().map(space::identity))
        .containsExactlyElementsOf(plan.start().stream().map(ArchitectureJson::id).toList());
  }
}
