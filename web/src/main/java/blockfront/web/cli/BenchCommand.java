package blockfront.web.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Measures Blockfront itself. */
@Command(
    name = "bench",
    description = "Measures Blockfront itself.",
    mixinStandardHelpOptions = true,
    subcommands = {
      BenchEngineCommand.class,
      BenchSearchCommand.class,
      BenchAskCommand.class,
      BenchImportanceCommand.class,
      BenchMixersCommand.class,
      BenchTasksCommand.class
    })
final class BenchCommand implements Runnable {

  @Spec private CommandSpec spec;

  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }
}
