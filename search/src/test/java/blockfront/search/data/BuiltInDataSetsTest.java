package blockfront.search.data;

import static org.assertj.core.api.Assertions.assertThat;

import blockfront.blocks.graph.Shape;
import java.util.List;
import org.junit.jupiter.api.Test;

class BuiltInDataSetsTest {

  private static final DataSet DIGITS = DataSets.load("digits");
  private static final DataSet FASHION = DataSets.load("fashion-mini");

  @Test
  void namesAreThoseThatLoad() {
    assertThat(DataSets.builtIn()).containsExactly("digits", "fashion-mini");
    assertThat(List.of(DIGITS.name(), FASHION.name())).isEqualTo(DataSets.builtIn());
  }

  @Test
  void digitsAreSplitInto60And20And20PerCent() {
    assertThat(DataSetSummary.of(DIGITS).counts())
        .isEqualTo(new DataSetSummary.Counts(1079, 359, 359));
    assertThat(DIGITS.shape()).isEqualTo(Shape.of(8, 8, 1));
  }

  @Test
  void fashionKeepsItsTestPart() {
    assertThat(DataSetSummary.of(FASHION).counts())
        .isEqualTo(new DataSetSummary.Counts(4800, 1200, 1000));
    assertThat(FASHION.shape()).isEqualTo(Shape.of(28, 28, 1));
  }

  @Test
  void hashesNeverChange() {
    assertThat(DIGITS.hash())
        .isEqualTo("acd5ae53be628d39c338d1c6dce8f23a6dd6f9c81761ef13fe3e893dad807396");
    assertThat(FASHION.hash())
        .isEqualTo("39229b2f8a6f0cbb529069382e093cc91623e1de727f45c6480696bcf5ba0d19");
  }
}
