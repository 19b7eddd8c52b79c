package blockfront.web.cli;

/** How many trainings run at a time. */
final class Slots {

  private Slots() {}

  /** The given number, or one a core for 0. */
  static int orCores(int given) {
    if (given < 0) {
      throw new IllegalArgumentException("--slots must be at least 1, got " + given);
    }
    return given == 0 ? Runtime.getRuntime().availableProcessors() : given;
  }
}
