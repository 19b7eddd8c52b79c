package blockfront.search.worker;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
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
    kernels(processor).ifPresent(kernels -> variables.put(PROCESSOR, kernels));
    return new WorkerEnvironment(variables);
  }

  /**
   * OpenBLAS takes processors younger than itself for old ones, and multiplies at a half or a fifth
   * of the speed: it is told by what they can do.
   */
  private static Optional<String> kernels(String processor) {
    if (processor.contains(" avx512vl ")) {
      return Optional.of("SKYLAKEX");
    }
    return processor.contains("GenuineIntel") && processor.contains(" avx2 ")
        ? Optional.of("HASWELL")
        : Optional.empty();
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
