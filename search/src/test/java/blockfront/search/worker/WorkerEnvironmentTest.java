package blockfront.search.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WorkerEnvironmentTest {

  @ParameterizedTest
  @CsvSource({
    "AuthenticAMD, avx2 avx512bw avx512vl sha_ni, SKYLAKEX",
    "GenuineIntel, avx2 avx512bw avx512vl amx_tile, SKYLAKEX",
    "GenuineIntel, avx avx2 sha_ni, HASWELL"
  })
  void processorsAreNamedToOpenBlasByWhatTheyCan(String vendor, String flags, String kernels) {
    assertThat(WorkerEnvironment.of(cpuinfo(vendor, flags)).variables())
        .containsEntry("OPENBLAS_CORETYPE", kernels);
  }

  @ParameterizedTest
  @CsvSource({"AuthenticAMD, avx avx2 sha_ni", "GenuineIntel, sse4_2 avx sha_ni"})
  void othersAreLeftToFindTheirOwnKernels(String vendor, String flags) {
    assertThat(WorkerEnvironment.of(cpuinfo(vendor, flags)).variables())
        .containsEntry("OMP_NUM_THREADS", "1")
        .doesNotContainKey("OPENBLAS_CORETYPE");
  }

  @Test
  void whatSomebodyNamedStaysAndThreadsAreOne() {
    var environment = new HashMap<>(Map.of("OPENBLAS_CORETYPE", "ZEN", "OMP_NUM_THREADS", "8"));
    WorkerEnvironment.of(cpuinfo("AuthenticAMD", "avx2 avx512vl sha_ni")).applyTo(environment);
    assertThat(environment)
        .containsEntry("OPENBLAS_CORETYPE", "ZEN")
        .containsEntry("OMP_NUM_THREADS", "1");
  }

  private static String cpuinfo(String vendor, String flags) {
    return "vendor_id : %s\nflags : %s\n".formatted(vendor, flags);
  }
}
