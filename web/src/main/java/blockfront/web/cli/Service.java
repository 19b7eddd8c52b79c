package blockfront.web.cli;

/** What a command answers whose threads go on when it returns. */
final class Service {

  static final int KEEPS_RUNNING = -1;

  private Service() {}
}
