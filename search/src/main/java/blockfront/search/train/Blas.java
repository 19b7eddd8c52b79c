package blockfront.search.train;

import java.lang.foreign.MemorySegment;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.openblas.global.openblas;
import org.nd4j.linalg.factory.Nd4j;

/** Matrix products by the BLAS that ND4J brings, on one thread. */
final class Blas {

  private static final int ROW_MAJOR = openblas.CblasRowMajor;

  static {
    // trainings run side by side, one thread each
    Nd4j.getEnvironment().setMaxThreads(1);
    openblas.blas_set_num_threads(1);
  }

  private Blas() {}

  /** Makes the native library ready, which takes a second the first time. */
  static String ready() {
    return Nd4j.getBackend().getClass().getSimpleName() + ", " + openblas.blas_get_vendor();
  }

  /** A place in native memory as BLAS wants it; the segment must stay alive. */
  static FloatPointer pointer(MemorySegment segment, long index) {
    return new FloatPointer(new Address(segment.address())).position(index);
  }

  /** {@code C = op(A) op(B) + beta C}, all dense but for C's rows. */
  record Product(
      boolean transposeA,
      boolean transposeB,
      int rows,
      int columns,
      int inner,
      int strideA,
      int strideB,
      int strideC) {

    static Product dense(boolean transposeA, boolean transposeB, int rows, int columns, int inner) {
      return new Product(
          transposeA,
          transposeB,
          rows,
          columns,
          inner,
          transposeA ? rows : inner,
          transposeB ? inner : columns,
          columns);
    }

    void run(FloatPointer a, FloatPointer b, FloatPointer c, float beta) {
      openblas.cblas_sgemm(
          ROW_MAJOR,
          transposeA ? openblas.CblasTrans : openblas.CblasNoTrans,
          transposeB ? openblas.CblasTrans : openblas.CblasNoTrans,
          rows,
          columns,
          inner,
          1,
          a,
          strideA,
          b,
          strideB,
          beta,
          c,
          strideC);
    }
  }

  /** A pointer made of an address. */
  private static final class Address extends Pointer {
    Address(long address) {
      this.address = address;
    }
  }
}
