package blockfront.search.probe;

import blockfront.blocks.cost.Cost;

/**
 * Energy of one answer by what single operations take, as is usual for spiking networks.
 *
 * @param picojoulesPerMultiplyAdd of floating-point numbers
 * @param picojoulesPerSpike of an addition that a spike asks for
 */
public record EnergyProbe(double picojoulesPerMultiplyAdd, double picojoulesPerSpike) {

  /** Of a 45 nm process. */
  public static final EnergyProbe STANDARD = new EnergyProbe(4.6, 0.9);

  public EnergyProbe {
    if (!(picojoulesPerMultiplyAdd >= 0) || !(picojoulesPerSpike >= 0)) {
      throw new IllegalArgumentException(
          "Energy needs costs of at least 0, got %s and %s"
              .formatted(picojoulesPerMultiplyAdd, picojoulesPerSpike));
    }
  }

  /** Of a network without spikes, in picojoules. */
  public double picojoules(Cost cost) {
    return picojoules((double) (cost.multiplyAdds() + cost.fourier()), 0);
  }

  /** In picojoules. */
  public double picojoules(double multiplyAdds, double spikeOperations) {
    return picojoulesPerMultiplyAdd * multiplyAdds + picojoulesPerSpike * spikeOperations;
  }

  /** Additions that spikes ask for: {@code rate x steps x multiply-adds}. */
  public static double spikeOperations(double rate, int timeSteps, long multiplyAdds) {
    return rate * timeSteps * (double) multiplyAdds;
  }
}
