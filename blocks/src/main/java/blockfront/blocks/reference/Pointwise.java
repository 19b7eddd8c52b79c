package blockfront.blocks.reference;

import blockfront.blocks.graph.Erf;
import blockfront.blocks.graph.Function;

/** Functions of one number, and their derivatives. */
final class Pointwise {

  private static final double TANH_SCALE = Math.sqrt(2 / Math.PI);
  private static final double TANH_CUBIC = 0.044715;

  private Pointwise() {}

  static double value(Function function, double x) {
    return switch (function) {
      case GELU -> x * normalDistribution(x);
      case GELU_TANH -> x / 2 * (1 + Math.tanh(tanhArgument(x)));
      case SILU -> x * sigmoid(x);
      case RELU -> Math.max(x, 0);
      case SIGMOID -> sigmoid(x);
      case TANH -> Math.tanh(x);
      case EXP -> Math.exp(x);
      case LOG -> Math.log(x);
      case SQRT -> Math.sqrt(x);
      case SQUARE -> x * x;
      case ABS -> Math.abs(x);
      case STEP -> x > 0 ? 1 : 0;
      case SPIKE_SIGMOID, SPIKE_ARCTAN -> x >= 0 ? 1 : 0;
    };
  }

  static double derivative(Function function, double x) {
    return switch (function) {
      case GELU -> normalDistribution(x) + x * Math.exp(-x * x / 2) / Math.sqrt(2 * Math.PI);
      case GELU_TANH -> {
        double tanh = Math.tanh(tanhArgument(x));
        double slope = TANH_SCALE * (1 + 3 * TANH_CUBIC * x * x);
        yield (1 + tanh) / 2 + x / 2 * (1 - tanh * tanh) * slope;
      }
      case SILU -> sigmoid(x) * (1 + x * (1 - sigmoid(x)));
      case RELU -> x > 0 ? 1 : 0;
      case SIGMOID -> sigmoid(x) * (1 - sigmoid(x));
      case TANH -> 1 - Math.tanh(x) * Math.tanh(x);
      case EXP -> Math.exp(x);
      case LOG -> 1 / x;
      case SQRT -> 1 / (2 * Math.sqrt(x));
      case SQUARE -> 2 * x;
      case ABS -> Math.signum(x);
      case STEP -> 0;
      case SPIKE_SIGMOID -> 4 * sigmoid(4 * x) * (1 - sigmoid(4 * x));
      case SPIKE_ARCTAN -> 1 / (1 + Math.PI * x * Math.PI * x);
    };
  }

  private static double normalDistribution(double x) {
    return Erf.erfc(-x / Math.sqrt(2)) / 2;
  }

  private static double sigmoid(double x) {
    return 1 / (1 + Math.exp(-x));
  }

  private static double tanhArgument(double x) {
    return TANH_SCALE * (x + TANH_CUBIC * x * x * x);
  }
}
