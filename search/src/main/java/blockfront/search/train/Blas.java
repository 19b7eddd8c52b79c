package blockfront.search.train;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import org.bytedeco.javacpp.Loader;
import org.bytedeco.openblas.global.openblas;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Matrix products by the BLAS that ND4J brings, on one thread: OpenBLAS, or MKL where JavaCPP was
 * told to load that instead.
 *
 * <p>Called by address, past JavaCPP: a product of small matrices takes little longer than the
 * call.
 */
final class Blas {

  /** What JavaCPP is to load as BLAS; "openblas" keeps OpenBLAS where MKL is packed too. */
  private static final String CHOICE = "org.bytedeco.openblas.load";

  private static final int ROW_MAJOR = openblas.CblasRowMajor;
  private static final long LONGEST_NAME = 256;

  private static final SymbolLookup LIBRARY;
  private static final MethodHandle SGEMM;

  static {
    preferMkl();
    // trainings run side by side, one thread each
    Nd4j.getEnvironment().setMaxThreads(1);
    openblas.blas_set_num_threads(1);
    LIBRARY = library();
    SGEMM =
        LIBRARY
            .find("cblas_sgemm")
            .map(Blas::sgemm)
            .orElseThrow(() -> new IllegalStateException("BLAS library has no cblas_sgemm"));
  }

  private Blas() {}

  /** Makes the native library ready, which takes a second the first time; names it. */
  static String ready() {
    return String.format(
        Locale.ROOT,
        "%s, %s, %.0f GFLOP/s",
        Nd4j.getBackend().getClass().getSimpleName(),
        name(),
        2 * multiplyAddsPerSecond() / 1e9);
  }

  /** The library and, if it says so, its version and the processor it takes this one for. */
  static String name() {
    if (openblas.blas_get_vendor() == MKL) {
      return "MKL";
    }
    return text("openblas_get_config")
        .map(config -> config.replaceFirst(" MAX_THREADS.*", ""))
        .map(config -> config.replace(" DYNAMIC_ARCH", "").replace(" NO_AFFINITY", ""))
        .orElse("BLAS");
  }

  private static final int MKL = 3;

  /** Multiply-adds a second of one thread, in the products of a small MLP. */
  static double multiplyAddsPerSecond() {
    return Rate.MULTIPLY_ADDS;
  }

  /** Measured once a process. */
  private static final class Rate {
    private static final int ROWS = 1024;
    private static final int INNER = 256;
    private static final int REPEATS = 8;
    private static final double MULTIPLY_ADDS = measure();

    private static double measure() {
      try (var arena = Arena.ofConfined()) {
        long a = arena.allocate(4L * ROWS * INNER, 64).address();
        long b = arena.allocate(4L * INNER * INNER, 64).address();
        long c = arena.allocate(4L * ROWS * INNER, 64).address();
        Product product = Product.dense(false, false, ROWS, INNER, INNER);
        double best = Double.MAX_VALUE;
        for (int i = 0; i < REPEATS; i++) {
          long began = System.nanoTime();
          product.run(a, b, c, 0);
          best = Math.min(best, (System.nanoTime() - began) / 1e9);
        }
        return (double) ROWS * INNER * INNER / best;
      }
    }
  }

  /** A place in native memory as BLAS wants it; the segment must stay alive. */
  static long address(MemorySegment segment, long index) {
    return segment.address() + (index << 2);
  }

  /**
   * {@code C = scale op(A) op(B) + beta C}, row-major.
   *
   * @param strideA elements from one row of A as it is stored to the next; likewise B and C
   */
  record Product(
      boolean transposeA,
      boolean transposeB,
      int rows,
      int columns,
      int inner,
      int strideA,
      int strideB,
      int strideC,
      float scale) {

    static Product dense(boolean transposeA, boolean transposeB, int rows, int columns, int inner) {
      return new Product(
          transposeA,
          transposeB,
          rows,
          columns,
          inner,
          transposeA ? rows : inner,
          transposeB ? inner : columns,
          columns,
          1);
    }

    /** Addresses of the first elements. */
    void run(long a, long b, long c, float beta) {
      try {
        SGEMM.invokeExact(
            ROW_MAJOR,
            transposeA ? openblas.CblasTrans : openblas.CblasNoTrans,
            transposeB ? openblas.CblasTrans : openblas.CblasNoTrans,
            rows,
            columns,
            inner,
            scale,
            a,
            strideA,
            b,
            strideB,
            beta,
            c,
            strideC);
      } catch (RuntimeException | Error e) {
        throw e;
      } catch (Throwable e) {
        throw new IllegalStateException("BLAS failed in " + this, e);
      }
    }
  }

  /** Has JavaCPP load MKL in the place of OpenBLAS, where it was packed and nobody said which. */
  private static void preferMkl() {
    boolean packed = Blas.class.getResource("/org/bytedeco/mkl/global/mkl_rt.class") != null;
    if (packed && System.getProperty(CHOICE) == null) {
      System.setProperty(CHOICE, "mkl_rt");
    }
  }

  // the library stays loaded as long as the process
  @SuppressWarnings("restricted")
  private static SymbolLookup library() {
    return SymbolLookup.libraryLookup(Path.of(Loader.load(openblas.class)), Arena.global());
  }

  @SuppressWarnings("restricted")
  private static MethodHandle sgemm(MemorySegment function) {
    return Linker.nativeLinker()
        .downcallHandle(
            function,
            FunctionDescriptor.ofVoid(
                ValueLayout.JAVA_INT,
                ValueLayout.JAVA_INT,
                ValueLayout.JAVA_INT,
                ValueLayout.JAVA_INT,
                ValueLayout.JAVA_INT,
                ValueLayout.JAVA_INT,
                ValueLayout.JAVA_FLOAT,
                ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_INT,
                ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_INT,
                ValueLayout.JAVA_FLOAT,
                ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_INT));
  }

  /** What a function of the library without arguments says. */
  @SuppressWarnings("restricted")
  private static Optional<String> text(String name) {
    Optional<MemorySegment> function = LIBRARY.find(name);
    if (function.isEmpty()) {
      return Optional.empty();
    }
    try {
      MethodHandle call =
          Linker.nativeLinker()
              .downcallHandle(function.get(), FunctionDescriptor.of(ValueLayout.ADDRESS));
      var text = (MemorySegment) call.invokeExact();
      return Optional.of(text.reinterpret(LONGEST_NAME).getString(0));
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("BLAS failed in " + name, e);
    }
  }
}
