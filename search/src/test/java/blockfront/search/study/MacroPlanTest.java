package blockfront.search.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import blockfront.search.space.MacroGenes;
import org.junit.jupiter.api.Test;

class MacroPlanTest {

  @Test
  void plansOfBeforeHaveNoMacroGenes() {
    StudyPlan plan =
        StudyPlanJson.read(
            """
            {"name": "old", "data": "digits", "space": {"mixers": ["pool_mixer"]},
             "budget": {"trials": 1}}
            """);

    assertThat(plan.space().macro()).isEqualTo(MacroGenes.NONE);
    assertThat(StudyPlanJson.write(plan)).doesNotContain("macro");
  }

  @Test
  void macroGenesAreWrittenAndRead() {
    StudyPlan plan =
        StudyPlanJson.read(
            """
            {"name": "new", "data": "digits", "budget": {"trials": 1},
             "space": {"mixers": ["gla"], "layouts": ["isotropic", "looped"],
               "macro": {"ratios": ["off", "3:1", "6:1"], "loops": [2, 4], "priors": true,
                 "gates": ["none", "headwise"], "layerScales": [0, 1e-5]}}}
            """);

    assertThat(plan.space().macro().ratios()).containsExactly("off", "3:1", "6:1");
    assertThat(plan.space().macro().layerScales()).containsExactly(0.0, 1e-5);
    assertThat(plan.space().macro().stems()).containsExactly("auto");
    assertThat(StudyPlanJson.read(StudyPlanJson.write(plan))).isEqualTo(plan);
  }

  @Test
  void unknownMacroChoicesAreRefused() {
    assertThatThrownBy(
            () ->
                StudyPlanJson.read(
                    """
                    {"name": "new", "data": "digits", "budget": {"trials": 1},
                     "space": {"mixers": ["gla"], "macro": {"gates": ["golden"]}}}
                    """))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "'space.macro' is refused: No gate 'golden'; known are [none, elementwise, headwise,"
                + " clipped, conditional]");
  }
}
