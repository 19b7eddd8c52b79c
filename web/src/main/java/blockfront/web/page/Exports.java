package blockfront.web.page;

import blockfront.blocks.catalogue.Catalogue;
import blockfront.search.data.DataException;
import blockfront.search.data.DataSet;
import blockfront.search.data.DataSets;
import blockfront.search.export.NetworkFiles;
import blockfront.search.export.NetworkFiles.Format;
import blockfront.search.export.Trained;
import blockfront.search.probe.Inspector;
import blockfront.search.study.ParetoFront;
import blockfront.search.study.Study;
import blockfront.search.study.StudyPlan;
import blockfront.search.study.StudyStore;
import blockfront.search.trial.Deployment;
import blockfront.search.trial.FinalRun;
import blockfront.search.trial.FinalTraining;
import blockfront.search.trial.Inspection;
import blockfront.search.trial.Trial;
import blockfront.search.trial.TrialId;
import com.vaadin.flow.component.html.Anchor;
import com.vaadin.flow.server.streams.DownloadResponse;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** Trained networks as downloads: written when they are asked for, forgotten when they are sent. */
public final class Exports {

  private final StudyStore store;
  private final Catalogue catalogue;
  private final WeightsFolder weights;

  public Exports(StudyStore store, Catalogue catalogue, WeightsFolder weights) {
    this.store = store;
    this.catalogue = catalogue;
    this.weights = weights;
  }

  /** Which weights of a network. */
  public enum Weights {
    OF_THE_SEARCH,
    /** Of its best final training. */
    FINAL
  }

  /** A file's name and content; not copied, since it may be most of the heap. */
  @SuppressWarnings("ArrayRecordComponent")
  private record Download(String name, byte[] bytes) {}

  /** Whether the weights that the search trained are still there. */
  public boolean has(TrialId trial) {
    return Files.isRegularFile(weights.of(trial));
  }

  /** A link to a network in a format. */
  public Anchor link(String label, TrialId trial, Format format, Weights which) {
    return link(label, () -> network(trial, format, which));
  }

  /** A link to every network on the front of a study, in every format, as one zip. */
  public Anchor front(String label, long study) {
    return link(label, () -> front(study));
  }

  /**
   * Runs the exported models of a network and keeps what they show.
   *
   * @throws IllegalArgumentException if the weights or the data are gone or others
   * @throws IllegalStateException if it was trained on meanwhile
   */
  public Deployment measure(TrialId trial, Weights which) {
    Trained trained = trained(trial, which);
    Deployment measured = NetworkFiles.measure(trained, catalogue, data(trained));
    requireKept(keep(trial, trained, measured), trial);
    return measured;
  }

  /**
   * Looks into a network as the search trained it and keeps what is seen.
   *
   * @throws IllegalArgumentException if the weights or the data are gone or others
   * @throws IllegalStateException if it was trained on meanwhile
   */
  public Inspection inspect(TrialId trial) {
    Trained trained = trained(trial, Weights.OF_THE_SEARCH);
    Inspection seen =
        Inspector.inspect(
            trained.architecture(),
            catalogue,
            trained.weights(),
            data(trained),
            Inspector.EXAMPLES);
    requireKept(store.inspect(trial, trained.measurement().epochs(), seen), trial);
    return seen;
  }

  private static Anchor link(String label, Supplier<Download> content) {
    return Parts.download(
        label,
        () -> {
          Download download = content.get();
          return new DownloadResponse(
              new ByteArrayInputStream(download.bytes()),
              download.name(),
              "application/octet-stream",
              download.bytes().length);
        });
  }

  private Download network(TrialId trial, Format format, Weights which) {
    Trained trained = trained(trial, which);
    return inFolder(
        folder -> {
          List<Path> files = write(format, folder, trial, trained, data(trained));
          String name = "%s-%s".formatted(trained.name(), trained.id().substring(0, 8));
          if (!format.several()) {
            Path file = files.getFirst();
            return new Download(name + "-" + file.getFileName(), Files.readAllBytes(file));
          }
          return new Download(
              "%s-%s.zip".formatted(name, format.name().toLowerCase(Locale.ROOT)),
              zip(folder, files));
        });
  }

  private Download front(long study) {
    StudyPlan plan = store.study(study).orElseThrow().plan();
    List<Trial> points = ParetoFront.of(store.trials(study), plan.aims()).points();
    if (points.isEmpty()) {
      throw new IllegalArgumentException("The front is empty: no network was trained");
    }
    return inFolder(
        folder -> {
          DataSet data = data(trained(points.getFirst().id(), Weights.OF_THE_SEARCH));
          var files = new ArrayList<Path>();
          for (Trial point : points) {
            Trained trained = trained(point.id(), Weights.OF_THE_SEARCH);
            files.addAll(
                write(Format.ALL, folder.resolve(trained.name()), point.id(), trained, data));
          }
          return new Download("front-of-study-%d.zip".formatted(study), zip(folder, files));
        });
  }

  private List<Path> write(
      Format format, Path folder, TrialId trial, Trained trained, DataSet data) {
    NetworkFiles.Written written = NetworkFiles.write(format, folder, trained, catalogue, data);
    if (trained.deployment().isEmpty()) {
      written.deployment().ifPresent(measured -> keep(trial, trained, measured));
    }
    return written.files().stream().filter(file -> !file.endsWith(NetworkFiles.ZIP_FILE)).toList();
  }

  /** Whether it could: a network may have been trained on meanwhile. */
  private boolean keep(TrialId trial, Trained trained, Deployment measured) {
    return trained.run().isPresent()
        ? store.deployFinal(trial, trained.run().get(), measured)
        : store.deploy(trial, trained.measurement().epochs(), measured);
  }

  private static void requireKept(boolean kept, TrialId trial) {
    if (!kept) {
      throw new IllegalStateException(
          "Network %s was trained on or deleted meanwhile: nothing is kept of what it was"
              .formatted(trial));
    }
  }

  private Trained trained(TrialId id, Weights which) {
    Trial trial =
        store.trial(id).orElseThrow(() -> new IllegalArgumentException("No network " + id));
    Study study = store.study(id.study()).orElseThrow();
    FinalTraining finals = store.finals(id);
    Trained searched = Trained.bySearch(study.plan(), trial, finals, weights.of(id));
    return switch (which) {
      case OF_THE_SEARCH -> searched;
      case FINAL -> {
        FinalRun best =
            finals
                .best()
                .orElseThrow(
                    () ->
                        new IllegalArgumentException(
                            "Network %s has no final training that was trained".formatted(id)));
        yield searched.byFinal(best, weights.of(id, best.number()));
      }
    };
  }

  private static DataSet data(Trained trained) {
    try {
      return DataSets.load(trained.plan().data());
    } catch (DataException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
  }

  private static byte[] zip(Path root, List<Path> files) throws IOException {
    var bytes = new ByteArrayOutputStream();
    NetworkFiles.zip(bytes, root, files);
    return bytes.toByteArray();
  }

  /** What is done with a folder that is gone afterwards. */
  private interface Work {
    Download in(Path folder) throws IOException;
  }

  private static Download inFolder(Work work) {
    try {
      Path folder = Files.createTempDirectory("blockfront-export");
      try {
        return work.in(folder);
      } finally {
        delete(folder);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot write the export", e);
    }
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
