package blockfront.search.train.kernel;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * What all kernels share: loads, stores, and functions of a vector.
 *
 * <p>Functions are made of additions and multiplications only, so that they give the same bits
 * whether or not the compiler has got to them yet; the library's own need not.
 */
final class Lanes {

  static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
  static final int WIDTH = SPECIES.length();
  static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT;

  private static final ByteOrder ORDER = ByteOrder.nativeOrder();

  // made once: a method with many constants to spread is more than the compiler takes
  private static final FloatVector ZERO = vector(0);
  private static final FloatVector ONE = vector(1);
  private static final FloatVector HALF = vector(0.5f);
  private static final FloatVector MINUS_HALF = vector(-0.5f);
  private static final FloatVector GREATEST = vector(87);
  private static final FloatVector LEAST = vector(-87);
  private static final FloatVector BINARY = vector((float) (1 / Math.log(2)));
  private static final FloatVector ROUNDER = vector(12582912f);
  private static final FloatVector LOG2 = vector(-355f / 512);
  private static final FloatVector LOG2_REST = vector((float) 2.12194440e-4);
  private static final FloatVector EXP_3 = vector(1f / 6);
  private static final FloatVector EXP_4 = vector(1f / 24);
  private static final FloatVector EXP_5 = vector(1f / 120);
  private static final FloatVector EXP_6 = vector(1f / 720);
  private static final IntVector BIAS =
      IntVector.broadcast(VectorSpecies.of(int.class, SPECIES.vectorShape()), 127);
  private static final FloatVector NORMAL_T = vector((float) (0.3275911 * Math.sqrt(0.5)));
  // halves of the formula's coefficients
  private static final FloatVector NORMAL_1 = vector((float) (0.5 * 0.254829592));
  private static final FloatVector NORMAL_2 = vector((float) (-0.5 * 0.284496736));
  private static final FloatVector NORMAL_3 = vector((float) (0.5 * 1.421413741));
  private static final FloatVector NORMAL_4 = vector((float) (-0.5 * 1.453152027));
  private static final FloatVector NORMAL_5 = vector((float) (0.5 * 1.061405429));

  private static final int SQRT_HALF = Float.floatToRawIntBits((float) Math.sqrt(0.5));
  private static final VectorShuffle<Float> BY_8 = rotation(8);
  private static final VectorShuffle<Float> BY_4 = rotation(4);
  private static final VectorShuffle<Float> BY_2 = rotation(2);
  private static final VectorShuffle<Float> BY_1 = rotation(1);

  private Lanes() {}

  private static VectorShuffle<Float> rotation(int by) {
    return VectorShuffle.fromOp(SPECIES, lane -> (lane + by) % WIDTH);
  }

  static FloatVector zero() {
    return FloatVector.zero(SPECIES);
  }

  static FloatVector load(MemorySegment from, long index) {
    return FloatVector.fromMemorySegment(SPECIES, from, index << 2, ORDER);
  }

  static FloatVector load(MemorySegment from, long index, VectorMask<Float> mask) {
    return FloatVector.fromMemorySegment(SPECIES, from, index << 2, ORDER, mask);
  }

  static void store(FloatVector vector, MemorySegment to, long index) {
    vector.intoMemorySegment(to, index << 2, ORDER);
  }

  static void store(FloatVector vector, MemorySegment to, long index, VectorMask<Float> mask) {
    vector.intoMemorySegment(to, index << 2, ORDER, mask);
  }

  /** The lanes still to be done when {@code index} of {@code limit} are. */
  static VectorMask<Float> rest(long index, long limit) {
    return SPECIES.indexInRange(index, limit);
  }

  /** The sum of the lanes in a fixed order; that of {@code reduceLanes} depends on the compiler. */
  static float sum(FloatVector v) {
    FloatVector s = v;
    if (WIDTH > 8) {
      s = s.add(s.rearrange(BY_8));
    }
    if (WIDTH > 4) {
      s = s.add(s.rearrange(BY_4));
    }
    if (WIDTH > 2) {
      s = s.add(s.rearrange(BY_2));
    }
    return s.add(s.rearrange(BY_1)).lane(0);
  }

  /** The greater of each pair; the first where either is no number. */
  static FloatVector greater(FloatVector a, FloatVector b) {
    return a.blend(b, b.compare(VectorOperators.GT, a));
  }

  /** The greatest lane. */
  static float greatest(FloatVector v) {
    FloatVector m = v;
    if (WIDTH > 8) {
      m = greater(m, m.rearrange(BY_8));
    }
    if (WIDTH > 4) {
      m = greater(m, m.rearrange(BY_4));
    }
    if (WIDTH > 2) {
      m = greater(m, m.rearrange(BY_2));
    }
    return greater(m, m.rearrange(BY_1)).lane(0);
  }

  /**
   * {@code e^x}: {@code 2^n e^r} with {@code |r| <= ln 2 / 2} and a polynomial of degree 6;
   * relative error below 2e-7. Results beyond the range of floats are cut to {@code e^±87}.
   */
  static FloatVector exp(FloatVector x) {
    // compared, since min and max are slow where they must mind the sign of 0
    FloatVector below = x.blend(GREATEST, x.compare(VectorOperators.GT, GREATEST));
    FloatVector cut = below.blend(LEAST, below.compare(VectorOperators.LT, LEAST));
    // adding 1.5 * 2^23 rounds to a whole number, which then is the last bits
    FloatVector shifted = cut.mul(BINARY).add(ROUNDER);
    FloatVector n = shifted.sub(ROUNDER);
    FloatVector r = n.fma(LOG2_REST, n.fma(LOG2, cut));
    FloatVector p = EXP_6.fma(r, EXP_5).fma(r, EXP_4).fma(r, EXP_3).fma(r, HALF);
    p = p.fma(r, ONE).fma(r, ONE);
    IntVector exponent = shifted.reinterpretAsInts().add(BIAS).lanewise(VectorOperators.LSHL, 23);
    return p.mul(exponent.reinterpretAsFloats());
  }

  /**
   * Natural logarithm: {@code n ln 2 + ln m} with m from √½ to √2, by the series of the area
   * hyperbolic tangent; relative error below 3e-7. Minus infinity at 0, not a number below.
   */
  static FloatVector log(FloatVector x) {
    // numbers too small for a full mantissa are lifted first
    VectorMask<Float> small = x.compare(VectorOperators.LT, Float.MIN_NORMAL);
    FloatVector lifted = x.blend(x.mul(8388608f), small);
    IntVector bits = lifted.reinterpretAsInts();
    IntVector shifted = bits.sub(SQRT_HALF);
    IntVector exponent = shifted.lanewise(VectorOperators.ASHR, 23);
    FloatVector m = bits.sub(exponent.lanewise(VectorOperators.LSHL, 23)).reinterpretAsFloats();
    FloatVector n = (FloatVector) exponent.convert(VectorOperators.I2F, 0);
    n = n.sub(zero().blend(23, small));
    FloatVector f = m.sub(1);
    FloatVector s = f.div(m.add(1));
    FloatVector z = s.mul(s);
    FloatVector p = vector(2f / 11);
    p = p.fma(z, vector(2f / 9));
    p = p.fma(z, vector(2f / 7));
    p = p.fma(z, vector(2f / 5));
    p = p.fma(z, vector(2f / 3));
    // ln m = 2 s + s³ p, and 2 s = f - f s without the error of the quotient
    FloatVector mantissa = s.mul(z.mul(p).sub(f)).add(f);
    FloatVector log = n.fma(vector(2.12194440e-4f).neg(), mantissa);
    log = n.fma(vector(355f / 512), log);
    log = log.blend(x, x.compare(VectorOperators.EQ, Float.POSITIVE_INFINITY));
    log = log.blend(Float.NEGATIVE_INFINITY, x.compare(VectorOperators.EQ, 0));
    VectorMask<Float> none = x.compare(VectorOperators.LT, 0).or(x.test(VectorOperators.IS_NAN));
    return log.blend(Float.NaN, none);
  }

  /** {@code e^(-x²/2)}. */
  static FloatVector bell(FloatVector x) {
    return exp(x.mul(x).mul(MINUS_HALF));
  }

  static FloatVector sigmoid(FloatVector x) {
    return ONE.div(exp(x.neg()).add(ONE));
  }

  static FloatVector tanh(FloatVector x) {
    return ONE.sub(vector(2).div(exp(x.add(x)).add(1)));
  }

  /**
   * The normal distribution function, by formula 7.1.26 of Abramowitz and Stegun; absolute error
   * below 1e-7.
   *
   * @param bell {@link #bell} of x
   */
  static FloatVector normal(FloatVector x, FloatVector bell) {
    FloatVector t = ONE.div(x.abs().fma(NORMAL_T, ONE));
    FloatVector p = NORMAL_5.fma(t, NORMAL_4).fma(t, NORMAL_3).fma(t, NORMAL_2).fma(t, NORMAL_1);
    FloatVector half = p.mul(t).mul(bell);
    return half.blend(ONE.sub(half), x.compare(VectorOperators.GE, ZERO));
  }

  static FloatVector vector(float value) {
    return FloatVector.broadcast(SPECIES, value);
  }
}
