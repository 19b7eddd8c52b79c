package blockfront.search.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

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
  void trainingYieldsToWhateverElseTheMachineDoes() {
    assumeThat(Files.isExecutable(Path.of("/usr/bin/nice")))
        .as("this system has /usr/bin/nice")
        .isTrue();
    assertThat(WorkerCommand.ofThisProgram().words())
        .startsWith("/usr/bin/nice", "-n", "10")
        .element(3)
        .asString()
        .endsWith("java");
  }
}
