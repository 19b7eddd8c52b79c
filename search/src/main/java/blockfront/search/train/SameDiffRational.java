package blockfront.search.train;

import blockfront.blocks.graph.Shape;
import blockfront.blocks.graph.Tensor;
import java.util.ArrayList;
import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;

/** A learnt rational function in SameDiff; see {@link blockfront.blocks.graph.Op.Rational}. */
final class SameDiffRational {

  private final SameDiffArithmetic arithmetic;
  private final Tensor y;
  private final Shape grouped;
  private final boolean batched;
  private final SDVariable x; // [.., groups, channels / groups]
  private final SDVariable magnitude;
  private final SDVariable signs;
  private final List<SDVariable> a = new ArrayList<>(); // [1] each
  private final List<SDVariable> b = new ArrayList<>(); // [groups, 1] each, magnitudes

  /**
   * Reads the operands.
   *
   * @param y a rational function or one of its gradients
   */
  SameDiffRational(
      SameDiffArithmetic arithmetic,
      Tensor y,
      SDVariable x,
      SDVariable numerator,
      SDVariable denominator) {
    this.arithmetic = arithmetic;
    this.y = y;
    Tensor input = y.operand(0);
    Tensor below = y.operand(2);
    int groups = below.shape().size(0);
    batched = input.batched();
    var sizes = new ArrayList<>(input.shape().sizes());
    int channels = sizes.removeLast();
    sizes.add(groups);
    sizes.add(channels / groups);
    grouped = new Shape(sizes);
    this.x = arithmetic.reshape(x, grouped, batched);
    magnitude = arithmetic.abs(this.x);
    signs = arithmetic.sign(denominator);
    for (int i = 0; i < y.operand(1).shape().size(0); i++) {
      a.add(arithmetic.slice(y.operand(1), numerator, 0, i, i + 1));
    }
    SDVariable magnitudes = arithmetic.abs(denominator);
    for (int j = 0; j < below.shape().size(1); j++) {
      b.add(arithmetic.slice(below, magnitudes, 1, j, j + 1));
    }
  }

  SDVariable forward() {
    return ungrouped(above().div(below()));
  }

  SDVariable inputGradient(SDVariable upstream) {
    SDVariable below = below();
    SDVariable slopeAbove = slope(a.subList(1, a.size()), x);
    SDVariable slopeBelow = slope(b, magnitude).mul(arithmetic.sign(x));
    SDVariable slope = slopeAbove.sub(above().div(below).mul(slopeBelow)).div(below);
    return ungrouped(slope).mul(upstream);
  }

  SDVariable numeratorGradient(SDVariable upstream) {
    SDVariable term = arithmetic.reshape(upstream, grouped, batched).div(below());
    var sums = new ArrayList<SDVariable>();
    for (int i = 0; i < a.size(); i++) {
      sums.add(arithmetic.total(term));
      term = term.mul(x);
    }
    return arithmetic.concatenate(0, sums);
  }

  SDVariable denominatorGradient(SDVariable upstream) {
    SDVariable below = below();
    SDVariable arriving = arithmetic.reshape(upstream, grouped, batched);
    SDVariable term = arriving.mul(above()).div(below.mul(below)).neg();
    int groups = grouped.size(-2);
    int size = grouped.size(-1);
    var sums = new ArrayList<SDVariable>();
    for (int j = 0; j < b.size(); j++) {
      term = term.mul(magnitude);
      sums.add(term.reshape(-1, groups, size).sum(0, 2).reshape(groups, 1));
    }
    return arithmetic.concatenate(1, sums).mul(signs);
  }

  private SDVariable above() {
    SDVariable sum = a.getLast();
    for (SDVariable coefficient : a.reversed().subList(1, a.size())) {
      sum = x.mul(sum).add(coefficient);
    }
    return sum;
  }

  private SDVariable below() {
    SDVariable sum = magnitude.mul(b.getLast());
    for (SDVariable coefficient : b.reversed().subList(1, b.size())) {
      sum = sum.add(coefficient).mul(magnitude);
    }
    return sum.add(1);
  }

  /** The derivative of {@code c1 v + c2 v² + ..}. */
  private static SDVariable slope(List<SDVariable> coefficients, SDVariable v) {
    SDVariable sum = coefficients.getLast().mul(coefficients.size());
    for (int power = coefficients.size() - 1; power >= 1; power--) {
      sum = v.mul(sum).add(coefficients.get(power - 1).mul(power));
    }
    return sum;
  }

  private SDVariable ungrouped(SDVariable value) {
    return arithmetic.reshape(value, y.operand(0).shape(), batched);
  }
}
