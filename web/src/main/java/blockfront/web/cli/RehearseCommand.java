package blockfront.web.cli;

import blockfront.web.app.Rehearsal;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/**
 * Serves a page to itself, trains for a moment and ends.
 *
 * <p>The launcher runs it after a build, under a JVM that keeps what it has loaded: from then on
 * all commands start in about half the time.
 */
@Command(name = "rehearse", hidden = true, description = "Starts, shows a page, trains and ends.")
final class RehearseCommand implements Callable<Integer> {

  @Override
  public Integer call() throws IOException, InterruptedException {
    Rehearsal.run();
    return 0;
  }
}
