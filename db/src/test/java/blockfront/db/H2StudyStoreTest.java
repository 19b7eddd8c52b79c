package blockfront.db;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import blockfront.search.study.Leaderboard;
import blockfront.search.study.Study;
import blockfront.search.study.StudyStore;
import blockfront.search.study.StudyStoreContract;
import blockfront.search.trial.Epoch;
import blockfront.search.trial.Outcome;
import blockfront.search.trial.Trial;
import blockfront.search.trial.TrialId;
import blockfront.search.trial.TrialState;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class H2StudyStoreTest extends StudyStoreContract {

  @TempDir private Path data;
  private final List<H2StudyStore> opened = new ArrayList<>();

  @Override
  protected StudyStore empty() {
    return open(data.resolve("contract"));
  }

  @AfterEach
  void close() {
    opened.forEach(H2StudyStore::close);
  }

  private H2StudyStore open(Path directory) {
    H2StudyStore store = H2StudyStore.open(directory);
    opened.add(store);
    return store;
  }

  private static Path database(Path directory) {
    return directory.resolve("blockfront.mv.db");
  }

  @Test
  void everythingSurvivesReopening() {
    Path directory = data.resolve("kept");
    Study study;
    Trial trial;
    var epoch = new Epoch(1, 1.5, 1.25, 0.5, 2e-3, 0.125);
    try (var store = H2StudyStore.open(directory)) {
      study = store.create(plan("Kept", "digits"), NOW);
      TrialId id = queued(store, study.id()).id();
      store.start(id, 1, "worker 1", NOW);
      store.epoch(id, 1, epoch);
      store.finish(id, 1, new Outcome.Trained(MEASUREMENT), Optional.of(PROVENANCE), NOW);
      trial = store.trial(id).orElseThrow();
    }

    H2StudyStore store = open(directory);

    assertThat(store.studies()).containsExactly(study);
    assertThat(store.trials(study.id())).containsExactly(trial);
    assertThat(store.epochs(trial.id())).containsExactly(epoch);
    assertThat(store.leaderboard(Leaderboard.Query.BEST, 0, 10))
        .extracting(Leaderboard.Row::trial)
        .containsExactly(trial.id());
  }

  @Test
  void whatWasAcknowledgedOutlivesAKilledProcess() throws Exception {
    Path directory = data.resolve("killed");
    int acknowledged = 0;
    Process writer = writer("write", directory);
    try (var lines = writer.inputReader()) {
      while (acknowledged < 100) {
        acknowledged = Integer.parseInt(lines.readLine());
      }
      // the process's own method would close its pipes
      writer.toHandle().destroyForcibly();
      // lines that were on their way count too
      for (String line : lines.lines().toList()) {
        acknowledged = Integer.parseInt(line);
      }
    } finally {
      writer.destroyForcibly().waitFor();
    }

    H2StudyStore store = open(directory);

    List<Trial> trials = store.trials(1);
    assertThat(trials).hasSizeGreaterThanOrEqualTo(acknowledged);
    assertThat(trials.subList(0, acknowledged))
        .allSatisfy(
            trial -> {
              assertThat(trial.state())
                  .isEqualTo(new TrialState.Finished(1, new Outcome.Trained(MEASUREMENT), NOW));
              assertThat(store.epochs(trial.id())).hasSize(1);
            });
    assertThat(store.leaderboardSize(Leaderboard.Query.BEST)).isGreaterThanOrEqualTo(acknowledged);
  }

  @Test
  void aSecondProcessIsRefused() throws Exception {
    Path directory = data.resolve("shared");
    open(directory);

    Process second = writer("open", directory);
    String answer;
    try (var lines = second.inputReader()) {
      answer = lines.readLine();
    }
    second.waitFor();

    assertThat(answer)
        .isEqualTo("Data directory %s is in use by another Blockfront".formatted(directory));
  }

  @Test
  void aSecondStoreOfTheSameProcessIsRefusedUntilTheFirstIsClosed() {
    Path directory = data.resolve("shared");
    H2StudyStore first = open(directory);

    assertThatThrownBy(() -> open(directory))
        .isInstanceOf(StoreException.class)
        .hasMessage("Data directory %s is in use by another Blockfront", directory);

    first.create(plan("Still open", "digits"), NOW);
    first.close();
    assertThat(open(directory).studies()).hasSize(1);
    first.close();
    assertThatThrownBy(() -> open(directory)).isInstanceOf(StoreException.class);
  }

  @Test
  void aDirectoryThatCannotBeMadeIsNamed() throws IOException {
    Path file = Files.writeString(data.resolve("file"), "not a directory");

    assertThatThrownBy(() -> open(file))
        .isInstanceOf(StoreException.class)
        .hasMessage("Cannot write to the data directory " + file);
    assertThat(file).hasContent("not a directory");
  }

  @Test
  void aReadOnlyDirectoryIsNamed() throws IOException {
    Path guarded = Files.createDirectory(data.resolve("read-only"));
    Files.setPosixFilePermissions(guarded, PosixFilePermissions.fromString("r-xr-xr-x"));
    // permissions do not bind root, but not even root makes files among Linux' processes
    Path directory = Files.isWritable(guarded) ? Path.of("/proc/self") : guarded;
    assumeTrue(Files.isDirectory(directory), "nothing is read-only to this user");

    assertThatThrownBy(() -> open(directory))
        .isInstanceOf(StoreException.class)
        .hasMessage("Cannot write to the data directory " + directory);
  }

  @Test
  void aPathThatH2WouldMisreadIsRefused() {
    Path directory = data.resolve("a;INIT=b");

    assertThatThrownBy(() -> open(directory))
        .isInstanceOf(StoreException.class)
        .hasMessage("Data directory %s must not have a ';' in its path", directory);
    assertThat(directory).doesNotExist();
  }

  @Test
  void aDamagedDatabaseIsNamedAndLeftAsItIs() throws IOException {
    Path directory = data.resolve("damaged");
    try (var store = H2StudyStore.open(directory)) {
      store.create(plan("Lost", "digits"), NOW);
    }
    byte[] damaged = Files.readAllBytes(database(directory));
    Arrays.fill(damaged, (byte) 'x');
    Files.write(database(directory), damaged);

    assertThatThrownBy(() -> open(directory))
        .isInstanceOf(StoreException.class)
        .hasMessageStartingWith(
            "Cannot read the database %s, which may be damaged; it was left as it is: "
                .formatted(database(directory).toRealPath()))
        .message()
        .hasLineCount(1);
    assertThat(database(directory)).hasBinaryContent(damaged);
    try (Stream<Path> files = Files.list(directory)) {
      assertThat(files).containsExactly(database(directory));
    }
  }

  @Test
  void aNetworkThatCouldNotBeReadAgainIsNotStored() {
    H2StudyStore store = open(data.resolve("unread"));
    long study = store.create(plan("A study", "digits"), NOW).id();

    assertThatThrownBy(
            () -> store.enqueue(study, "a1b2", network("soft_max"), COST, 0, List.of(), NOW))
        .isInstanceOf(StoreException.class)
        .hasMessageStartingWith(
            "Cannot read a stored network: 'stages[0].layers[0].mixer' names no token mixer:"
                + " 'soft_max'");
    assertThat(store.trials(study)).isEmpty();
    assertThat(queued(store, study).id().number()).isEqualTo(1);
  }

  private static Process writer(String what, Path directory) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            System.getProperty("java.class.path"),
            StoreProcess.class.getName(),
            what,
            directory.toString())
        .redirectError(ProcessBuilder.Redirect.DISCARD)
        .start();
  }
}
