package blockfront.web.cli;

import blockfront.search.study.ParetoFront;
import blockfront.search.study.Progress;
import java.io.Console;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Optional;

/** How far a search is: one line that is written over on a terminal, else a line a network. */
final class ProgressBar {

  private static final int WIDTH = 24;

  private final PrintWriter err;
  private final boolean silent;
  private final boolean terminal;
  private int shown = -1;

  ProgressBar(PrintWriter err, boolean silent) {
    this.err = err;
    this.silent = silent;
    this.terminal = Optional.ofNullable(System.console()).filter(Console::isTerminal).isPresent();
  }

  synchronized void show(Progress progress, ParetoFront front) {
    int done = progress.measured() + progress.failed() + progress.cancelled();
    if (silent || (!terminal && done == shown)) {
      return;
    }
    shown = done;
    String line = line(progress, done, front);
    if (terminal) {
      err.print("\r\u001b[K" + line);
    } else {
      err.println(line);
    }
    err.flush();
  }

  synchronized void end(String message) {
    if (!silent) {
      err.println((terminal ? "\n" : "") + message);
      err.flush();
    }
  }

  static String line(Progress progress, int done, ParetoFront front) {
    int full = (int) Math.round(progress.share() * WIDTH);
    var line = new StringBuilder();
    line.append('[')
        .append("#".repeat(full))
        .append(".".repeat(WIDTH - full))
        .append("] %3.0f%%  %d trained".formatted(100 * progress.share(), done));
    if (progress.failed() > 0) {
      line.append(", %d failed".formatted(progress.failed()));
    }
    line.append(", %d on the front".formatted(front.points().size()));
    front
        .best()
        .flatMap(best -> best.measurement())
        .ifPresent(
            best ->
                line.append(
                    ", best " + best.metric().text(best.validationScore()).replace(" %", "%")));
    progress.remaining().ifPresent(left -> line.append(", about %s left".formatted(text(left))));
    return line.toString();
  }

  private static String text(Duration left) {
    return left.toMinutes() > 0
        ? "%d min %d s".formatted(left.toMinutes(), left.toSecondsPart())
        : "%d s".formatted(left.toSeconds());
  }
}
