package blockfront.search.export;

import static java.nio.charset.StandardCharsets.UTF_8;

import blockfront.blocks.catalogue.Catalogue;
import blockfront.search.data.DataSet;
import blockfront.search.export.onnx.OnnxExport;
import blockfront.search.space.ArchitectureJson;
import blockfront.search.study.StudyPlanJson;
import blockfront.search.train.SameDiffFile;
import blockfront.search.train.TrainedNetwork;
import blockfront.search.trial.Deployment;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;

/**
 * A trained network as files for other programs, with a card that says what they are.
 *
 * <p>The same network gives the same bytes, once its deployment is measured.
 */
public final class NetworkFiles {

  public static final String ONNX_FILE = "network.onnx";
  public static final String INT8_FILE = "network.int8.onnx";
  public static final String SAMEDIFF_FILE = "network.fb";

  /** All files in one, beside them. */
  public static final String ZIP_FILE = "network.zip";

  /** What can be written. */
  public enum Format {
    /** {@code architecture.json}: the network without weights, as every command reads it. */
    JSON("Architecture, JSON"),
    /** {@code weights.safetensors}: the trained numbers by the names of their places. */
    SAFETENSORS("Weights, safetensors"),
    /** {@code network.fb}: network and weights for DL4J; see {@link SameDiffFile}. */
    SAMEDIFF("Network for DL4J, SameDiff"),
    /** {@code network.onnx}: network and weights for ONNX Runtime; see {@link OnnxExport}. */
    ONNX("Network, ONNX"),
    /** {@code model.py} and {@code model.safetensors}: a module to read and to train further. */
    PYTORCH("Source for PyTorch"),
    /** Everything, the quantised ONNX model too, and all of it in {@code network.zip}. */
    ALL("Everything, zip");

    private final String label;

    Format(String label) {
      this.label = label;
    }

    /** What people know it by. */
    public String label() {
      return label;
    }

    /** Whether it is more than one file. */
    public boolean several() {
      return switch (this) {
        case JSON, SAFETENSORS, ONNX -> false;
        case SAMEDIFF, PYTORCH, ALL -> true;
      };
    }
  }

  /**
   * What was written.
   *
   * @param files the main one first
   * @param deployment of the network, if it was known or is now
   */
  public record Written(List<Path> files, Optional<Deployment> deployment) {}

  private NetworkFiles() {}

  /**
   * Writes a network in a format. SameDiff files and PyTorch sources come with their card; what
   * belongs to an ONNX model is in its metadata.
   *
   * @param folder made if it is missing
   * @param data what it was trained on
   * @throws IllegalStateException if an exported model answers otherwise than the trained network
   */
  public static Written write(
      Format format, Path folder, Trained trained, Catalogue catalogue, DataSet data) {
    if (!Files.isRegularFile(trained.weights())) {
      throw new IllegalArgumentException(
          "Trial %d has no weights at '%s'".formatted(trained.number(), trained.weights()));
    }
    requireSame(trained, data);
    try {
      Files.createDirectories(folder);
      return new Writing(folder, trained, catalogue, data).write(format);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot write the network to '%s'".formatted(folder), e);
    }
  }

  /** What its exported models show in ONNX Runtime, without writing a file. */
  public static Deployment measure(Trained trained, Catalogue catalogue, DataSet data) {
    requireSame(trained, data);
    try (var network = TrainedNetwork.load(trained.architecture(), catalogue, trained.weights())) {
      byte[] float32 = OnnxExport.model(network, data, metadata(trained));
      return OnnxExport.measure(float32, OnnxExport.int8(float32, network, data), data);
    }
  }

  /**
   * Writes the files of one or more exports as a zip.
   *
   * @param root what their names in it are relative to
   */
  public static void zip(OutputStream to, Path root, List<Path> files) throws IOException {
    Zip.write(to, root, files);
  }

  /** Figures of other data would be taken for those of this. */
  private static void requireSame(Trained trained, DataSet data) {
    String hash = trained.provenance().dataHash();
    if (!hash.isEmpty() && !hash.equals(data.hash())) {
      throw new IllegalArgumentException(
          "Data '%s' is not what network %d was trained on: its SHA-256 is %s, was %s"
              .formatted(trained.plan().data(), trained.number(), data.hash(), hash));
    }
  }

  private static SequencedMap<String, String> metadata(Trained trained) {
    var metadata = new LinkedHashMap<String, String>();
    metadata.put("architecture", ArchitectureJson.write(trained.architecture()));
    metadata.put("data", trained.plan().data());
    metadata.put(
        OnnxExport.VALIDATION_SCORE, String.valueOf(trained.measurement().validationScore()));
    metadata.put(OnnxExport.TEST_SCORE, String.valueOf(trained.measurement().testScore()));
    return metadata;
  }

  /** SHA-256 of a file, in hexadecimal. */
  static String hash(Path file) throws IOException {
    try {
      return HexFormat.of()
          .formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has SHA-256", e);
    }
  }

  /** One export. */
  private static final class Writing {

    private final Path folder;
    private final Trained trained;
    private final Catalogue catalogue;
    private final DataSet data;
    private final List<Path> files = new ArrayList<>();

    Writing(Path folder, Trained trained, Catalogue catalogue, DataSet data) {
      this.folder = folder;
      this.trained = trained;
      this.catalogue = catalogue;
      this.data = data;
    }

    Written write(Format format) throws IOException {
      try (var network =
          TrainedNetwork.load(trained.architecture(), catalogue, trained.weights())) {
        return switch (format) {
          case JSON -> {
            architecture();
            yield new Written(files, trained.deployment());
          }
          case SAFETENSORS -> {
            weights();
            yield new Written(files, trained.deployment());
          }
          case SAMEDIFF -> {
            sameDiff(network);
            cards(network, trained);
            yield new Written(files, trained.deployment());
          }
          case ONNX -> {
            put(ONNX_FILE, OnnxExport.model(network, data, metadata(trained)));
            yield new Written(files, trained.deployment());
          }
          case PYTORCH -> {
            files.addAll(PytorchFiles.write(folder, ModelCard.title(trained), network, data));
            cards(network, trained);
            yield new Written(files, trained.deployment());
          }
          case ALL -> all(network);
        };
      }
    }

    private Written all(TrainedNetwork network) throws IOException {
      byte[] float32 = OnnxExport.model(network, data, metadata(trained));
      byte[] int8 = OnnxExport.int8(float32, network, data);
      Trained measured =
          trained.deployment().isPresent()
              ? trained
              : trained.deployed(OnnxExport.measure(float32, int8, data));
      put(ONNX_FILE, float32);
      put(INT8_FILE, int8);
      sameDiff(network);
      files.addAll(PytorchFiles.write(folder, ModelCard.title(trained), network, data));
      architecture();
      weights();
      put("plan.json", (StudyPlanJson.write(trained.plan()) + "\n").getBytes(UTF_8));
      cards(network, measured);
      Path zip = folder.resolve(ZIP_FILE);
      try (OutputStream out = Files.newOutputStream(zip)) {
        Zip.write(out, folder, files);
      }
      files.addFirst(zip);
      return new Written(files, measured.deployment());
    }

    private void architecture() throws IOException {
      put(
          "architecture.json",
          (ArchitectureJson.write(trained.architecture()) + "\n").getBytes(UTF_8));
    }

    private void weights() throws IOException {
      Path file = folder.resolve("weights.safetensors");
      Files.copy(trained.weights(), file, StandardCopyOption.REPLACE_EXISTING);
      files.add(file);
    }

    private void sameDiff(TrainedNetwork network) {
      Path file = folder.resolve(SAMEDIFF_FILE);
      network.saveSameDiff(file, data.normalisation());
      files.add(file);
    }

    /** Last, for they name the others. */
    private void cards(TrainedNetwork network, Trained measured) throws IOException {
      put(
          ModelCard.PICTURE_FILE,
          NetworkPicture.document(trained.architecture(), network.network(), catalogue)
              .getBytes(UTF_8));
      var hashes = new LinkedHashMap<String, String>();
      for (Path file : files) {
        hashes.put(String.valueOf(file.getFileName()), hash(file));
      }
      var card = new ModelCard(measured, data, network.network(), hashes);
      put(ModelCard.JSON_FILE, card.json().getBytes(UTF_8));
      put(ModelCard.MARKDOWN_FILE, card.markdown().getBytes(UTF_8));
    }

    private void put(String name, byte[] content) throws IOException {
      Path file = folder.resolve(name);
      Files.write(file, content);
      files.add(file);
    }
  }
}
