package blockfront.web.cli;

import blockfront.web.app.Application;
import blockfront.web.app.ServeOptions;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Serves the workbench. */
@Command(
    name = "serve",
    description = "Serves the workbench in a browser.",
    mixinStandardHelpOptions = true)
final class ServeCommand implements Callable<Integer> {

  @Option(
      names = "--port",
      description = "TCP port (default: ${DEFAULT-VALUE}).",
      defaultValue = "${env:BLOCKFRONT_PORT:-8080}")
  private int port;

  @Option(
      names = "--host",
      description =
          "Address to listen on (default: ${DEFAULT-VALUE}, this machine only). There is no"
              + " sign-in: open it to others only where you trust them.",
      defaultValue = "${env:BLOCKFRONT_HOST:-127.0.0.1}")
  private String host = "";

  @Option(
      names = "--data-dir",
      description = "Where studies and weights are kept (default: ${DEFAULT-VALUE}).",
      defaultValue = "${env:BLOCKFRONT_DATA_DIR:-data}")
  private Path dataDirectory = Path.of("");

  @Option(
      names = "--slots",
      description = "Trainings at a time (default: one a core).",
      defaultValue = "0")
  private int slots;

  @Override
  public Integer call() {
    Application.serve(new ServeOptions(host, port, dataDirectory, Slots.orCores(slots)));
    return Service.KEEPS_RUNNING;
  }
}
