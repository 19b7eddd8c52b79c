package blockfront.web.cli;

import blockfront.search.worker.WorkerMain;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** Trains what it is told on standard input. */
@Command(
    name = "worker",
    description =
        "Trains networks named on standard input, one JSON line each; answers on standard output."
            + " Started by the other commands.",
    mixinStandardHelpOptions = true)
final class WorkCommand implements Callable<Integer> {

  @Override
  public Integer call() throws InterruptedException {
    WorkerMain.main(new String[0]);
    return 0;
  }
}
