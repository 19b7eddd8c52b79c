package blockfront.web.cli;

import blockfront.blocks.catalogue.Catalogue;
import blockfront.search.train.BenchNetwork;
import blockfront.search.train.BenchNetwork.Mixer;
import blockfront.search.train.EngineBench;
import blockfront.search.train.EngineBench.Result;
import blockfront.search.train.EngineLosses;
import blockfront.search.train.Pass;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Measures steps of training. */
@Command(
    name = "engine",
    description =
        "Measures training: forward, backward and update of one network for each mixer, on one"
            + " thread. Without sizes, at (tokens, channels, depth, batch) = (64, 64, 4, 64) and"
            + " (196, 192, 12, 16).",
    mixinStandardHelpOptions = true)
final class BenchEngineCommand implements Callable<Integer> {

  private record Size(int channels, int depth, int batch) {}

  private static final Size SMALL = new Size(64, 4, 64);
  private static final Size LARGE = new Size(192, 12, 16);
  private static final int SMALL_TOKENS = 64;
  private static final int LARGE_TOKENS = 196;

  @Spec private CommandSpec spec;

  @Option(
      names = "--mixers",
      paramLabel = "NAME",
      split = ",",
      description =
          "identity, attention, depthwise, spectral, token-mlp, gmlp, kan (default: all).")
  private List<String> mixers = List.of();

  @Option(
      names = "--tokens",
      paramLabel = "N",
      split = ",",
      description = "Square numbers, separated by commas, instead of the two standard sizes.")
  private List<Integer> tokens = List.of();

  @Option(
      names = "--channels",
      paramLabel = "C",
      split = ",",
      description = "With --tokens; several, separated by commas (default: 64).",
      defaultValue = "64")
  private List<Integer> channels = List.of();

  @Option(
      names = "--depth",
      paramLabel = "D",
      split = ",",
      description = "With --tokens; several, separated by commas (default: 4).",
      defaultValue = "4")
  private List<Integer> depths = List.of();

  @Option(
      names = "--batch",
      paramLabel = "B",
      split = ",",
      description = "With --tokens; several, separated by commas (default: 64).",
      defaultValue = "64")
  private List<Integer> batches = List.of();

  @Option(
      names = "--rounds",
      paramLabel = "N",
      description = "Half-seconds to measure, after a warm-up (default: ${DEFAULT-VALUE}).",
      defaultValue = "5")
  private int rounds;

  @Option(
      names = {"--threads", "--slots"},
      paramLabel = "N",
      split = ",",
      description =
          "Trainings side by side, one thread each; several numbers to see how they"
              + " scale (default: ${DEFAULT-VALUE}).",
      defaultValue = "1")
  private List<Integer> threads = List.of();

  @Option(
      names = "--without",
      paramLabel = "PASS",
      split = ",",
      description = "Passes over the plan to leave out: ${COMPLETION-CANDIDATES}.")
  private List<Pass> without = List.of();

  @Option(names = "--profile", description = "Show where the time goes.")
  private boolean profile;

  @Option(
      names = "--losses",
      paramLabel = "FOLDER",
      description =
          "Measure nothing: write weights, batches and the losses of 20 steps of each mixer, for"
              + " engine.py --compare; of a small network unless --tokens says otherwise.")
  private Optional<Path> losses = Optional.empty();

  @Option(
      names = "--paced",
      description = "Measure a round for each line of standard input, for engine.py --against.")
  private boolean paced;

  @Option(names = "--json", description = "Print one JSON document.")
  private boolean json;

  @Override
  public Integer call() throws IOException, InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    List<Mixer> chosen =
        mixers.isEmpty()
            ? Arrays.asList(Mixer.values())
            : mixers.stream().map(Mixer::labelled).toList();
    Catalogue catalogue = Catalogue.load();
    if (losses.isPresent()) {
      for (Mixer mixer : chosen) {
        out.println(writeLosses(mixer, catalogue, losses.get()));
      }
      return 0;
    }
    var passes = EnumSet.allOf(Pass.class);
    passes.removeAll(without);
    var bench = new EngineBench(catalogue, passes);
    var results = new ArrayList<Result>();
    if (tokens.isEmpty()) {
      measure(bench, chosen, SMALL_TOKENS, SMALL, results, out);
      measure(bench, chosen, LARGE_TOKENS, LARGE, results, out);
    } else {
      for (int count : tokens) {
        for (Size size : sizes()) {
          measure(bench, chosen, count, size, results, out);
        }
      }
    }
    if (json) {
      out.println(EngineBench.json(results));
    }
    out.flush();
    return 0;
  }

  /** Of a small network, or of one size if it was given. */
  private Path writeLosses(Mixer mixer, Catalogue catalogue, Path folder) {
    if (tokens.isEmpty()) {
      return EngineLosses.write(mixer, catalogue, folder);
    }
    Size size = sizes().getFirst();
    var network = new BenchNetwork(mixer, tokens.getFirst(), size.channels(), size.depth());
    return EngineLosses.write(network, size.batch(), catalogue, folder);
  }

  private void measure(
      EngineBench bench,
      List<Mixer> chosen,
      int count,
      Size size,
      List<Result> results,
      PrintWriter out)
      throws IOException, InterruptedException {
    for (Mixer mixer : chosen) {
      var network = new BenchNetwork(mixer, count, size.channels(), size.depth());
      Optional<Result> alone = Optional.empty();
      for (int side : threads) {
        Result result;
        if (side > 1) {
          Result one = alone.orElseGet(() -> bench.measure(network, size.batch(), rounds));
          alone = Optional.of(one);
          result = bench.measureInParallel(network, size.batch(), side, rounds).against(one);
          show(result, out);
        } else {
          result = measure(bench, network, size.batch(), out);
          alone = Optional.of(result);
        }
        results.add(result);
      }
      out.flush();
    }
  }

  private Result measure(EngineBench bench, BenchNetwork network, int batch, PrintWriter out)
      throws IOException {
    try (EngineBench.Session session = bench.start(network, batch)) {
      session.warmUp();
      if (paced) {
        pace(session, out);
      } else {
        for (int i = 0; i < rounds; i++) {
          session.round();
        }
      }
      Result result = session.result();
      if (paced) {
        out.println(EngineBench.json(result));
      } else {
        show(result, out);
      }
      if (profile) {
        out.print(session.profile().text());
      }
      return result;
    }
  }

  /** Every combination of channels, depth and batch. */
  private List<Size> sizes() {
    var sizes = new ArrayList<Size>();
    for (int channel : channels) {
      for (int depth : depths) {
        for (int batch : batches) {
          sizes.add(new Size(channel, depth, batch));
        }
      }
    }
    return sizes;
  }

  /** A round for each line, until there are no more. */
  private static void pace(EngineBench.Session session, PrintWriter out) throws IOException {
    out.println("ready");
    out.flush();
    var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    while (in.readLine() != null) {
      out.println(session.round());
      out.flush();
    }
  }

  private void show(Result result, PrintWriter out) {
    if (!json) {
      out.printf(
          Locale.ROOT,
          "%-10s (%d, %d, %d, %d) x %d  %8.1f ms  %7.2f steps/s  floor %7.1f ms  %6.0f MB"
              + "  ready %.0f ms (%.0f + %.0f + %.0f)  batch %.2f ms  resident %.0f MB"
              + "  efficiency %.2f  %s%n",
          result.mixer(),
          result.tokens(),
          result.channels(),
          result.depth(),
          result.batch(),
          result.threads(),
          result.millisPerStep(),
          result.stepsPerSecond(),
          result.gemmFloorMillis(),
          result.peakBytes() / 1e6,
          result.preparationMillis(),
          result.describeMillis(),
          result.differentiateMillis(),
          result.compileMillis(),
          result.batchMillis(),
          result.residentBytes() / 1e6,
          result.efficiency(),
          result.blas());
      out.flush();
    }
  }
}
