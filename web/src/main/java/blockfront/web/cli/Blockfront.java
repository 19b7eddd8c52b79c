package blockfront.web.cli;

import blockfront.db.StoreException;
import blockfront.search.data.DataException;
import blockfront.search.trial.Version;
import java.io.UncheckedIOException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The program: {@code blockfront COMMAND}. */
@Command(
    name = "blockfront",
    description = "Finds which token mixer, where, buys how much accuracy for how many FLOPs.",
    mixinStandardHelpOptions = true,
    versionProvider = Blockfront.PrintedVersion.class,
    subcommands = {
      ServeCommand.class,
      SearchCommand.class,
      BlocksCommand.class,
      DataCommand.class,
      CostCommand.class,
      TrainCommand.class,
      FinalCommand.class,
      ProbeCommand.class,
      ExportCommand.class,
      VerifyCommand.class,
      PredictCommand.class,
      BenchCommand.class,
      WorkCommand.class,
      RehearseCommand.class
    })
public final class Blockfront implements Runnable {

  /** Something was wrong with what was asked. */
  static final int REFUSED = 1;

  @Spec private CommandSpec spec;

  /** Runs a command and ends the process. */
  public static void main(String[] arguments) {
    int exit = commandLine().execute(arguments);
    if (exit != Service.KEEPS_RUNNING) {
      System.out.flush();
      // threads of native libraries would keep the process
      Runtime.getRuntime().halt(exit);
    }
  }

  static CommandLine commandLine() {
    return new CommandLine(new Blockfront())
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setUsageHelpWidth(100)
        .setParameterExceptionHandler(Blockfront::usage)
        .setExecutionExceptionHandler(
            (problem, command, _) -> {
              command.getErr().println(line(problem));
              return REFUSED;
            });
  }

  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }

  private static int usage(ParameterException problem, String[] arguments) {
    CommandLine command = problem.getCommandLine();
    command
        .getErr()
        .printf(
            "blockfront: %s (see '%s --help')%n",
            problem.getMessage(), command.getCommandSpec().qualifiedName());
    return command.getCommandSpec().exitCodeOnInvalidInput();
  }

  /** What people can mend is told in one line; what they cannot is told as what it is. */
  private static String line(Exception problem) {
    return switch (problem) {
      case IllegalArgumentException e -> "blockfront: " + e.getMessage();
      case DataException e -> "blockfront: " + e.getMessage();
      case StoreException e -> "blockfront: " + e.getMessage();
      case UncheckedIOException e ->
          "blockfront: %s (%s)".formatted(e.getMessage(), String.valueOf(e.getCause()));
      default -> "blockfront: a fault of Blockfront itself: " + problem;
    };
  }

  /** What {@code --version} prints. */
  static final class PrintedVersion implements CommandLine.IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {"Blockfront " + Version.CURRENT};
    }
  }
}
