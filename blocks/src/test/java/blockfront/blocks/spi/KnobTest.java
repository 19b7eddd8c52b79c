package blockfront.blocks.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class KnobTest {

  private static final Knob<Integer> HEADS = Knob.integer("heads", "heads", 4, 1, 16, 2, 4, 8);
  private static final Knob<Double> SCALE = Knob.decimal("scale", "scale", 0.5, 0, 1, 0.5, 1.0);
  private static final Knob<Boolean> BIAS = Knob.flag("bias", "whether there is one", true);
  private static final Knob<String> GATE = Knob.option("gate", "kind", "none", "sigmoid");

  @Test
  void valuesBetweenTheBoundsAreAllowedEvenIfNotSearched() {
    assertThat(HEADS.check(16)).isEqualTo(16);
    assertThat(SCALE.check(0.25)).isEqualTo(0.25);
    assertThat(SCALE.check(1)).as("a whole number where any will do").isEqualTo(1.0);
    assertThat(GATE.check("sigmoid")).isEqualTo("sigmoid");
    assertThat(BIAS.check(false)).isFalse();
  }

  @Test
  void othersAreRefusedSayingWhatIsAllowed() {
    refuses(() -> HEADS.check(17), "Knob 'heads' is 17, expected a whole number from 1 to 16");
    refuses(() -> HEADS.check(2.0), "Knob 'heads' is 2.0, expected a whole number from 1 to 16");
    refuses(() -> HEADS.check("4"), "Knob 'heads' is 4, expected a whole number from 1 to 16");
    refuses(() -> SCALE.check(-0.1), "Knob 'scale' is -0.1, expected a number from 0.0 to 1.0");
    refuses(
        () -> SCALE.check(Double.NaN), "Knob 'scale' is NaN, expected a number from 0.0 to 1.0");
    refuses(() -> GATE.check("tanh"), "Knob 'gate' is tanh, expected one of [none, sigmoid]");
    refuses(() -> BIAS.check("yes"), "Knob 'bias' is yes, expected one of [false, true]");
  }

  @Test
  void theStandardIsOneOfTheChoices() {
    refuses(
        () -> Knob.integer("heads", "heads", 3, 1, 16, 2, 4),
        "Knob 'heads' has the standard 3, which is not among its choices [2, 4]");
  }

  @Test
  void onlyNumbersHaveAnOrder() {
    assertThat(List.of(HEADS.ordinal(), SCALE.ordinal())).containsOnly(true);
    assertThat(List.of(BIAS.ordinal(), GATE.ordinal())).containsOnly(false);
  }

  @Test
  void whatIsNotSetIsStandard() {
    assertThat(Setting.STANDARD.of(HEADS)).isEqualTo(4);
    assertThat(Setting.STANDARD.with(HEADS, 8).of(HEADS)).isEqualTo(8);
  }

  @Test
  void theStandardLeavesNoTrace() {
    assertThat(Setting.STANDARD.with(HEADS, 8).with(HEADS, 4)).isEqualTo(Setting.STANDARD);
    assertThat(setting(Map.of("heads", 4, "scale", 1)))
        .isEqualTo(Setting.STANDARD.with(SCALE, 1.0));
  }

  @Test
  void onlyKnownKnobsCanBeSet() {
    refuses(
        () -> setting(Map.of("head", 4)), "No knob 'head'; known are [heads, scale, bias, gate]");
    refuses(
        () -> setting(Map.of("heads", 0)),
        "Knob 'heads' is 0, expected a whole number from 1 to 16");
    refuses(
        () -> Setting.STANDARD.with(HEADS, 99),
        "Knob 'heads' is 99, expected a whole number from 1 to 16");
  }

  private static Setting setting(Map<String, ?> values) {
    return Setting.of(List.of(HEADS, SCALE, BIAS, GATE), new TreeMap<>(values));
  }

  private static void refuses(Runnable setting, String message) {
    assertThatThrownBy(setting::run)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(message);
  }
}
