package blockfront.search.worker;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarFile;
import java.util.stream.Stream;

/**
 * The command line that starts a worker.
 *
 * @param words the program and its arguments
 */
public record WorkerCommand(List<String> words) {

  /** What every JVM that trains needs; the launcher says the same. */
  private static final List<String> FLAGS =
      List.of(
          "--add-modules",
          "jdk.incubator.vector",
          "--enable-native-access=ALL-UNNAMED",
          "--sun-misc-unsafe-memory-access=allow",
          "-Xmx1g",
          "-XX:+UseSerialGC",
          "-Djava.awt.headless=true");

  /** Training waits for whoever looks at a page: with all cores in use, pages still answer. */
  private static final List<String> YIELDING = List.of("-n", "10");

  /** A shell that becomes what it is told to start, which then ignores these signals as it does. */
  private static final String IGNORING = "trap '' INT HUP; exec \"$@\"";

  public WorkerCommand {
    words = List.copyOf(words);
  }

  /** A worker of the program that is running, with the same Java and the same classes. */
  public static WorkerCommand ofThisProgram() {
    var words = new ArrayList<String>(undisturbed());
    words.addAll(yielding());
    words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    words.addAll(FLAGS);
    String classes = System.getProperty("java.class.path");
    Path first = Path.of(classes.split(System.getProperty("path.separator"), 2)[0]);
    words.addAll(sharing(first));
    if (isProgram(first)) {
      words.addAll(List.of("-jar", classes, "worker"));
    } else {
      words.addAll(List.of("-cp", classes, WorkerMain.class.getName()));
    }
    return new WorkerCommand(words);
  }

  /** Classes that a JVM has kept beside the program start a worker sooner; see the launcher. */
  static List<String> sharing(Path program) {
    Path kept = program.resolveSibling("blockfront.jsa");
    return Files.isRegularFile(kept)
        ? List.of("-XX:SharedArchiveFile=" + kept, "-Xlog:cds=off", "-Xlog:aot=off")
        : List.of();
  }

  /**
   * What starts a program that a terminal's Ctrl-C does not reach: whoever started a worker is told
   * too, and ends it by ending its input; nothing where there is no shell.
   */
  static List<String> undisturbed() {
    String shell = "/bin/sh";
    return Files.isExecutable(Path.of(shell)) ? List.of(shell, "-c", IGNORING, shell) : List.of();
  }

  /** What starts a program at low priority, in its own process; nothing where there is none. */
  private static List<String> yielding() {
    return Stream.of(Path.of("/usr/bin/nice"), Path.of("/bin/nice"))
        .filter(Files::isExecutable)
        .findFirst()
        .map(nice -> Stream.concat(Stream.of(nice.toString()), YIELDING.stream()).toList())
        .orElse(List.of());
  }

  /**
   * Whether it is a jar that holds its libraries inside, so that only its own launcher reads it.
   */
  private static boolean isProgram(Path jar) {
    if (!jar.toString().endsWith(".jar") || !Files.isRegularFile(jar)) {
      return false;
    }
    try (var file = new JarFile(jar.toFile())) {
      var manifest = file.getManifest();
      return manifest != null
          && manifest.getMainAttributes().getValue("Spring-Boot-Lib") != null
          && file.getEntry("BOOT-INF/lib/") != null;
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read the program '%s'".formatted(jar), e);
    }
  }
}
