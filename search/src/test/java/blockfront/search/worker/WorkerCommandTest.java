package blockfront.search.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WorkerCommandTest {

  @Test
  void aWorkerRunsTheSameJavaWithTheSameClasses() {
    assertThat(WorkerCommand.ofThisProgram().words())
        .contains(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            System.getProperty("java.class.path"),
            WorkerMain.class.getName());
  }

  @Test
  void classesKeptBesideTheProgramAreShared(@TempDir Path folder) throws IOException {
    Path program = folder.resolve("blockfront.jar");
    assertThat(WorkerCommand.sharing(program)).isEmpty();
    Path kept = Files.createFile(folder.resolve("blockfront.jsa"));
    assertThat(WorkerCommand.sharing(program)).first().isEqualTo("-XX:SharedArchiveFile=" + kept);
  }

  @Test
  void trainingYieldsToWhateverElseTheMachineDoes() {
    assumeThat(Files.isExecutable(Path.of("/usr/bin/nice")))
        .as("this system has /usr/bin/nice")
        .isTrue();
    assertThat(WorkerCommand.ofThisProgram().words())
        .startsWith(WorkerCommand.undisturbed().toArray(String[]::new))
        .containsSequence("/usr/bin/nice", "-n", "10")
        .containsSequence("10", Path.of(System.getProperty("java.home"), "bin", "java").toString());
  }
}
