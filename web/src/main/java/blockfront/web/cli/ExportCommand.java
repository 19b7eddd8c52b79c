package blockfront.web.cli;

import blockfront.blocks.catalogue.Catalogue;
import blockfront.blocks.cost.Cost;
import blockfront.blocks.network.Network;
import blockfront.search.data.DataSet;
import blockfront.search.data.DataSets;
import blockfront.search.export.NetworkFiles;
import blockfront.search.export.NetworkFiles.Format;
import blockfront.search.export.Trained;
import blockfront.search.export.onnx.OnnxModel;
import blockfront.search.trial.Deployment;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Writes trained networks for other programs. */
@Command(
    name = "export",
    description =
        "Writes trained networks as files for other programs; an ONNX file is run and compared"
            + " before it is handed over.",
    mixinStandardHelpOptions = true)
final class ExportCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;

  @Mixin private KeptStudy.Chosen chosen = new KeptStudy.Chosen();

  @ArgGroup(multiplicity = "1")
  private Which which = new Which();

  @Option(
      names = "--final",
      description =
          "The weights of the best final training, by validation, in place of the search's own.")
  private boolean finals;

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      required = true,
      description = "One of: ${COMPLETION-CANDIDATES}.")
  private Format format = Format.JSON;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      required = true,
      description = "Where the files go; made if it is missing.")
  private Path out = Path.of("");

  /** One network or those of the front. */
  static final class Which {
    @Option(names = "--trial", paramLabel = "ID", description = "Number of the trial in its study.")
    private Optional<Integer> trial = Optional.empty();

    @Option(
        names = "--front",
        description = "Every network of the front, a folder each; 'all' makes front.zip too.")
    private boolean front;
  }

  @Override
  public Integer call() {
    Catalogue catalogue = Catalogue.load();
    PrintWriter printer = spec.commandLine().getOut();
    try (KeptStudy study = chosen.open(catalogue)) {
      List<Integer> numbers = which.trial.map(List::of).orElseGet(study::front);
      if (numbers.isEmpty()) {
        throw new IllegalArgumentException("The front is empty: no network was trained");
      }
      var networks = new ArrayList<Trained>();
      for (int number : numbers) {
        networks.add(finals ? study.trainedFinal(number) : study.trained(number));
      }
      DataSet data = DataSets.load(study.plan().data());
      var all = new ArrayList<Path>();
      for (Trained trained : networks) {
        Path folder = which.front ? out.resolve(trained.name()) : out;
        NetworkFiles.Written written = NetworkFiles.write(format, folder, trained, catalogue, data);
        if (trained.deployment().isEmpty()) {
          written.deployment().ifPresent(measured -> study.keep(trained, measured));
        }
        written.files().forEach(printer::println);
        printer.println(line(trained, catalogue, data, written));
        printer.flush();
        written.files().stream()
            .filter(file -> !file.endsWith(NetworkFiles.ZIP_FILE))
            .forEach(all::add);
      }
      if (which.front && format == Format.ALL) {
        Path zip = out.resolve("front.zip");
        write(zip, all);
        printer.println(zip);
      }
    }
    printer.flush();
    return 0;
  }

  private void write(Path zip, List<Path> files) {
    try (OutputStream to = Files.newOutputStream(zip)) {
      NetworkFiles.zip(to, out, files);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot write '%s'".formatted(zip), e);
    }
  }

  /** What it costs, counted and timed. */
  private String line(
      Trained trained, Catalogue catalogue, DataSet data, NetworkFiles.Written written) {
    long flops = Cost.of(Network.of(trained.architecture(), catalogue).logits()).flops();
    String text = "Trial %d: %,d FLOPs".formatted(trained.number(), flops);
    return switch (format) {
      case ALL -> {
        Deployment measured = written.deployment().orElseThrow();
        yield text
            + ", %.3f ms an example in ONNX Runtime; test %s %.4f, in 8 bits %.4f and %.3f ms"
                .formatted(
                    measured.float32().milliseconds(),
                    measured.metric().title(),
                    trained.measurement().testScore(),
                    measured.int8().testScore(),
                    measured.int8().milliseconds());
      }
      case ONNX -> {
        try (OnnxModel model = OnnxModel.open(written.files().getFirst())) {
          yield text
              + ", %.3f ms an example in ONNX Runtime"
                  .formatted(model.latency(data.test().raw(0, 1)).toNanos() / 1e6);
        }
      }
      case JSON, SAFETENSORS, SAMEDIFF, PYTORCH -> text;
    };
  }
}
