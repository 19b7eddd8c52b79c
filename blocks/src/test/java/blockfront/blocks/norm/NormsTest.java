package blockfront.blocks.norm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import blockfront.blocks.graph.Init;
import blockfront.blocks.graph.Op;
import blockfront.blocks.graph.Scope;
import blockfront.blocks.graph.Shape;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.reference.Array;
import blockfront.blocks.reference.Reference;
import blockfront.blocks.spi.Norm;
import blockfront.blocks.spi.Setting;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class NormsTest {

  private static final Tensor X = Tensor.input("x", Shape.of(3, 2, 4));
  private static final int EXAMPLES = 2;

  @Test
  void oneGroupHasMeanZeroAndVarianceOneOverTokensAndChannels() {
    double[] y = of(new GroupNorm(), 1).example(1);

    assertThat(mean(y)).isCloseTo(0, within(1e-12));
    assertThat(mean(squares(y))).isCloseTo(1, within(1e-4));
  }

  @Test
  void oneGroupIsNotALayerNorm() {
    assertThat(of(new GroupNorm(), 1).values()).isNotEqualTo(of(new LayerNorm(), 1).values());
  }

  @Test
  void rmsNormIgnoresTheScaleOfItsInput() {
    assertThat(of(new RmsNorm(), 7).values())
        .containsExactly(of(new RmsNorm(), 1).values(), within(1e-4));
  }

  @Test
  void scaleNormGivesEveryTokenTheLengthOfOnes() {
    double[] y = of(new ScaleNorm(), 5).example(0);

    for (int token = 0; token < 6; token++) {
      double square = 0;
      for (int c = 0; c < 4; c++) {
        square += y[token * 4 + c] * y[token * 4 + c];
      }
      assertThat(square).isCloseTo(4, within(1e-6));
    }
  }

  @Test
  void scaleNormOfZeroIsZero() {
    assertThat(of(new ScaleNorm(), 0).values()).containsOnly(0);
  }

  @Test
  void batchNormTrainsOnTheBatchAndAnswersByTheRunningStatistics() {
    Tensor trained = Scope.inTraining(() -> new BatchNorm().normalise(X, Setting.STANDARD));
    Tensor answering = new BatchNorm().normalise(X, Setting.STANDARD);

    assertThat(trained.op()).isInstanceOf(Op.BatchNormalise.class);
    assertThat(mean(evaluate(trained, 3).values())).isCloseTo(0, within(1e-12));
    assertThat(evaluate(answering, 3).values())
        .as("mean 0 and variance 1 have been gathered so far")
        .containsExactly(evaluate(X.times(1 / Math.sqrt(1 + 1e-5)), 3).values(), within(1e-12));
  }

  @Test
  void adaptiveInstanceNormStartsAsAnInstanceNormOfEachChannel() {
    Tensor y = new AdaptiveInstanceNorm().normalise(X, Setting.STANDARD);
    var leaves = leaves(y, 1);
    // what reads the style
    leaves.replaceAll(
        (leaf, values) ->
            leaf.op() instanceof Op.Parameter(String role, Init _, boolean _)
                    && role.equals("weight")
                ? Array.of(leaf, 1, _ -> 0)
                : values);
    double[] result = Reference.evaluate(y, leaves, EXAMPLES).example(0);

    for (int c = 0; c < 4; c++) {
      double sum = 0;
      double square = 0;
      for (int token = 0; token < 6; token++) {
        sum += result[token * 4 + c] / 6;
        square += result[token * 4 + c] * result[token * 4 + c] / 6;
      }
      assertThat(sum).isCloseTo(0, within(1e-12));
      assertThat(square).isCloseTo(1, within(1e-3));
    }
  }

  private static Array of(Norm norm, double scale) {
    return evaluate(norm.normalise(X, Setting.STANDARD), scale);
  }

  private static Array evaluate(Tensor y, double scale) {
    return Reference.evaluate(y, leaves(y, scale), EXAMPLES);
  }

  private static Map<Tensor, Array> leaves(Tensor y, double scale) {
    var random = new SplittableRandom(5);
    var leaves = new HashMap<>(Reference.initial(List.of(y), 3));
    leaves.put(X, Array.of(X, EXAMPLES, _ -> scale * (1 + random.nextGaussian())));
    return leaves;
  }

  private static double mean(double[] values) {
    double sum = 0;
    for (double value : values) {
      sum += value / values.length;
    }
    return sum;
  }

  private static double[] squares(double[] values) {
    double[] result = values.clone();
    for (int i = 0; i < result.length; i++) {
      result[i] *= result[i];
    }
    return result;
  }
}
