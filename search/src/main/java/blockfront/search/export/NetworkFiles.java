package blockfront.search.export;

import blockfront.blocks.catalogue.Catalogue;
import blockfront.blocks.network.Architecture;
import blockfront.search.data.DataSet;
import blockfront.search.export.onnx.OnnxExport;
import blockfront.search.space.ArchitectureJson;
import blockfront.search.train.SameDiffFile;
import blockfront.search.train.TrainedNetwork;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.List;

/** A trained network as files for other programs. */
public final class NetworkFiles {

  /** What can be written. */
  public enum Format {
    /** {@code architecture.json}: the network without weights, as every command reads it. */
    JSON("Architecture, JSON"),
    /** {@code weights.safetensors}: the trained numbers by the names of their places. */
    SAFETENSORS("Weights, safetensors"),
    /** {@code network.fb}: network and weights for DL4J; see {@link SameDiffFile}. */
    SAMEDIFF("Network for DL4J, SameDiff"),
    /** {@code network.onnx}: network and weights for ONNX Runtime; see {@link OnnxExport}. */
    ONNX("Network, ONNX");

    private final String label;

    Format(String label) {
      this.label = label;
    }

    /** What people know it by. */
    public String label() {
      return label;
    }
  }

  private NetworkFiles() {}

  /**
   * Writes a network in a format.
   *
   * @param folder made if it is missing
   * @param weights what the training wrote
   * @param data what it was trained on
   * @return the files
   */
  public static List<Path> write(
      Format format,
      Path folder,
      Architecture architecture,
      Catalogue catalogue,
      Path weights,
      DataSet data) {
    try {
      Files.createDirectories(folder);
      return switch (format) {
        case JSON -> {
          Path file = folder.resolve("architecture.json");
          Files.writeString(file, ArchitectureJson.write(architecture) + "\n");
          yield List.of(file);
        }
        case SAFETENSORS -> {
          Path file = folder.resolve("weights.safetensors");
          Files.copy(weights, file, StandardCopyOption.REPLACE_EXISTING);
          yield List.of(file);
        }
        case SAMEDIFF -> {
          Path file = folder.resolve("network.fb");
          try (var network = TrainedNetwork.load(architecture, catalogue, weights)) {
            network.saveSameDiff(file, data.normalisation());
          }
          yield List.of(file);
        }
        case ONNX -> {
          Path file = folder.resolve("network.onnx");
          try (var network = TrainedNetwork.load(architecture, catalogue, weights)) {
            Files.write(file, OnnxExport.model(network, data, new LinkedHashMap<>()));
          }
          yield List.of(file);
        }
      };
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot write the network to '%s'".formatted(folder), e);
    }
  }
}
