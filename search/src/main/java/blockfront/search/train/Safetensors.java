package blockfront.search.train;

import blockfront.blocks.graph.Shape;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Files of named float32 tensors: eight bytes of header length, the header as JSON, the numbers;
 * all little-endian (https://github.com/huggingface/safetensors).
 */
public final class Safetensors {

  private static final JsonMapper JSON = new JsonMapper();
  private static final int LENGTH_BYTES = 8;
  private static final long LONGEST_HEADER = 100_000_000;

  /** A tensor as it is written; the array is not copied, since it may be most of the heap. */
  @SuppressWarnings("ArrayRecordComponent")
  public record Named(Shape shape, float[] values) {}

  private record Header(String dtype, List<Integer> shape, List<Long> data_offsets) {}

  private Safetensors() {}

  /** Writes a file whole or not at all; folders on the way are made. */
  public static void write(Path file, SequencedMap<String, Named> tensors) {
    var header = new LinkedHashMap<String, Header>();
    long offset = 0;
    for (Map.Entry<String, Named> entry : tensors.entrySet()) {
      long end = offset + 4L * entry.getValue().values().length;
      header.put(
          entry.getKey(),
          new Header("F32", entry.getValue().shape().sizes(), List.of(offset, end)));
      offset = end;
    }
    byte[] text = JSON.writeValueAsString(header).getBytes(StandardCharsets.UTF_8);
    int padding = Math.floorMod(-text.length, LENGTH_BYTES);
    ByteBuffer bytes =
        ByteBuffer.allocate(Math.toIntExact(LENGTH_BYTES + text.length + padding + offset))
            .order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong((long) text.length + padding).put(text);
    for (int i = 0; i < padding; i++) {
      bytes.put((byte) ' ');
    }
    for (Named tensor : tensors.values()) {
      for (float value : tensor.values()) {
        bytes.putFloat(value);
      }
    }
    Path target = file.toAbsolutePath();
    Path part = target.resolveSibling(target.getFileName() + ".part");
    try {
      Files.createDirectories(target.resolveSibling("."));
      Files.write(part, bytes.array());
      Files.move(part, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot write the weights to '%s'".formatted(file), e);
    }
  }

  /**
   * Reads a file.
   *
   * @throws IllegalArgumentException if it is no such file, saying where it breaks
   * @throws UncheckedIOException if it cannot be read
   */
  public static SequencedMap<String, Named> read(Path file) {
    ByteBuffer bytes = bytes(file).order(ByteOrder.LITTLE_ENDIAN);
    if (bytes.remaining() < LENGTH_BYTES) {
      throw broken(file, "ends after %d bytes, within the length".formatted(bytes.remaining()));
    }
    long length = bytes.getLong();
    if (length < 2 || length > LONGEST_HEADER || length > bytes.remaining()) {
      throw broken(
          file, "claims a header of %d bytes, has %d left".formatted(length, bytes.remaining()));
    }
    var text = new byte[(int) length];
    bytes.get(text);
    ByteBuffer data = bytes.slice().order(ByteOrder.LITTLE_ENDIAN);
    var tensors = new LinkedHashMap<String, Named>();
    for (Map.Entry<String, JsonNode> entry : header(file, text).properties()) {
      if (!entry.getKey().equals("__metadata__")) {
        tensors.put(entry.getKey(), tensor(file, entry.getKey(), entry.getValue(), data));
      }
    }
    return tensors;
  }

  private static ByteBuffer bytes(Path file) {
    try {
      return ByteBuffer.wrap(Files.readAllBytes(file));
    } catch (NoSuchFileException e) {
      throw new UncheckedIOException("There are no weights at '%s'".formatted(file), e);
    } catch (IOException e) {
      throw new UncheckedIOException("Cannot read the weights in '%s'".formatted(file), e);
    }
  }

  private static JsonNode header(Path file, byte[] text) {
    try {
      JsonNode header = JSON.readTree(new String(text, StandardCharsets.UTF_8));
      if (header.isObject()) {
        return header;
      }
    } catch (JacksonException e) {
      throw broken(file, "has a header that is not JSON");
    }
    throw broken(file, "has a header that is not an object");
  }

  private static Named tensor(Path file, String name, JsonNode entry, ByteBuffer data) {
    if (!entry.path("dtype").asString("").equals("F32")) {
      throw broken(
          file, "has '%s' as %s, not F32".formatted(name, entry.path("dtype").asString("nothing")));
    }
    var sizes = new ArrayList<Integer>();
    entry.path("shape").forEach(size -> sizes.add(size.asInt(0)));
    long from = entry.path("data_offsets").path(0).asLong(-1);
    long to = entry.path("data_offsets").path(1).asLong(-1);
    if (sizes.isEmpty() || sizes.stream().anyMatch(size -> size < 1)) {
      throw broken(file, "has '%s' of shape %s".formatted(name, sizes));
    }
    Shape shape = new Shape(sizes);
    if (from < 0 || to - from != 4 * shape.elements() || to > data.limit()) {
      throw broken(
          file,
          "has '%s' of shape %s at bytes %d to %d of %d"
              .formatted(name, shape, from, to, data.limit()));
    }
    var values = new float[Math.toIntExact(shape.elements())];
    data.slice((int) from, (int) (to - from))
        .order(ByteOrder.LITTLE_ENDIAN)
        .asFloatBuffer()
        .get(values);
    return new Named(shape, values);
  }

  private static IllegalArgumentException broken(Path file, String how) {
    return new IllegalArgumentException("Weights file '%s' is broken: it %s".formatted(file, how));
  }
}
