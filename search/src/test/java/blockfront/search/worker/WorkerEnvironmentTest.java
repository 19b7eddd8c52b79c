package blockfront.search.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class WorkerEnvironmentTest {

  @Test
  void amdProcessorsWithWideVectorsAreNamedToOpenBlas() {
    assertThat(
            WorkerEnvironment.of("vendor_id : AuthenticAMD\nflags : avx2 avx512bw avx512vl sha_ni")
                .variables())
        .containsEntry("OPENBLAS_CORETYPE", "SKYLAKEX");
  }

  @Test
  void othersAreLeftToFindTheirOwnKernels() {
    assertThat(WorkerEnvironment.of("vendor_id : AuthenticAMD\nflags : avx2 sha_ni").variables())
        .containsEntry("OMP_NUM_THREADS", "1")
        .doesNotContainKey("OPENBLAS_CORETYPE");
    assertThat(
            WorkerEnvironment.of("vendor_id : GenuineIntel\nflags : avx512bw avx512vl sha_ni")
                .variables())
        .doesNotContainKey("OPENBLAS_CORETYPE");
  }

  @Test
  void whatSomebodyNamedStaysAndThreadsAreOne() {
    var environment = new HashMap<>(Map.of("OPENBLAS_CORETYPE", "ZEN", "OMP_NUM_THREADS", "8"));
    WorkerEnvironment.of("vendor_id : AuthenticAMD\nflags : avx512vl sha_ni").applyTo(environment);
    assertThat(environment)
        .containsEntry("OPENBLAS_CORETYPE", "ZEN")
        .containsEntry("OMP_NUM_THREADS", "1");
  }
}
