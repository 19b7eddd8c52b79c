package blockfront.search.export.onnx;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import onnx.Onnx.ModelProto;
import onnx.Onnx.StringStringEntryProto;
import org.nd4j.shade.protobuf.InvalidProtocolBufferException;

/** A hash of a model among its metadata: who changes the file breaks it. */
final class OnnxSeal {

  static final String KEY = "sha256";

  private OnnxSeal() {}

  /** The model with its hash as the last of its metadata. */
  static ModelProto sealed(ModelProto model) {
    return model.toBuilder()
        .addMetadataProps(StringStringEntryProto.newBuilder().setKey(KEY).setValue(hash(model)))
        .build();
  }

  /**
   * Refuses what is no model of ours.
   *
   * @param source what the message calls it
   * @throws IllegalArgumentException if the seal is missing or broken
   */
  static void check(byte[] bytes, String source) {
    ModelProto model;
    try {
      model = ModelProto.parseFrom(bytes);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalArgumentException(
          "%s is no ONNX file, or a damaged one".formatted(source), e);
    }
    Optional<String> seal =
        model.getMetadataPropsList().stream()
            .filter(entry -> entry.getKey().equals(KEY))
            .map(StringStringEntryProto::getValue)
            .findFirst();
    if (seal.isEmpty()) {
      throw new IllegalArgumentException(
          "%s was not exported by Blockfront: it has no '%s'".formatted(source, KEY));
    }
    if (!seal.get().equals(hash(unsealed(model)))) {
      throw new IllegalArgumentException(
          "%s was changed after it was exported: its '%s' does not fit".formatted(source, KEY));
    }
  }

  private static ModelProto unsealed(ModelProto model) {
    List<StringStringEntryProto> others =
        model.getMetadataPropsList().stream().filter(entry -> !entry.getKey().equals(KEY)).toList();
    return model.toBuilder().clearMetadataProps().addAllMetadataProps(others).build();
  }

  private static String hash(ModelProto model) {
    try {
      return HexFormat.of()
          .formatHex(MessageDigest.getInstance("SHA-256").digest(model.toByteArray()));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has SHA-256", e);
    }
  }
}
