package blockfront.search.worker;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a worker finds in its environment.
 *
 * @param variables by name
 */
record WorkerEnvironment(Map<String, String> variables) {

  /** What OpenBLAS takes the processor for. */
  private static final String PROCESSOR = "OPENBLAS_CORETYPE";

  WorkerEnvironment {
    variables = Map.copyOf(variables);
  }

  /** For this machine. */
  static WorkerEnvironment ofThisMachine() {
    try {
      return of(Files.readString(Path.of("/proc/cpuinfo")));
    } catch (IOException e) {
      return of(""); // not a Linux
    }
  }

  /** For a machine whose kernel describes the processor so. */
  static WorkerEnvironment of(String processor) {
    var variables = new TreeMap<String, String>();
    // one thread a training: many trainings on few threads each beat the reverse
    variables.put("OMP_NUM_THREADS", "1");
    variables.put("OPENBLAS_NUM_THREADS", "1");
    variables.put("MKL_NUM_THREADS", "1");
    // OpenBLAS takes AMD processors younger than itself for old ones, and multiplies at half speed
    if (processor.contains("AuthenticAMD") && processor.contains(" avx512vl ")) {
      variables.put(PROCESSOR, "SKYLAKEX");
    }
    return new WorkerEnvironment(variables);
  }

  /** Sets all variables; a processor that somebody has named stays. */
  void applyTo(Map<String, String> environment) {
    variables.forEach(
        (name, value) -> {
          if (!name.equals(PROCESSOR) || !environment.containsKey(PROCESSOR)) {
            environment.put(name, value);
          }
        });
  }
}
