package blockfront.search.data;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/**
 * The content of one file, unpacked if its name ends in {@code .gz}.
 *
 * @param name path of the file, for messages
 * @param content big-endian; offsets in messages count its bytes
 */
record DataFile(String name, ByteBuffer content) {

  private static final String PACKED = ".gz";
  private static final String BYTE_ORDER_MARK = "\uFEFF";

  /**
   * Reads a whole file.
   *
   * @throws DataException if it cannot be read or unpacked to its end, or no array can hold it
   */
  static DataFile read(Path file) {
    return read(file, Examples.LONGEST_ARRAY);
  }

  /**
   * Reads a whole file, unless that is too large.
   *
   * @param most bytes, unpacked; no more are read than that
   * @throws DataException if it is larger, or cannot be read or unpacked to its end
   */
  static DataFile read(Path file, int most) {
    String name = file.toAbsolutePath().normalize().toString();
    try (InputStream in = Files.newInputStream(file)) {
      long size = Files.size(file);
      if (size > most) {
        throw new DataException("%s: wanted at most %d bytes, got %d".formatted(name, most, size));
      }
      return read(name, in, most);
    } catch (IOException e) {
      throw new DataException("%s: cannot be read: %s".formatted(file.toAbsolutePath(), e), e);
    }
  }

  /** Reads a file that this package brings along. */
  static DataFile builtIn(String name) {
    try (InputStream in = DataFile.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new DataException("%s: not among the built-in data".formatted(name));
      }
      return read(name, in, Examples.LONGEST_ARRAY);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static DataFile read(String name, InputStream in, int most) throws IOException {
    var bytes = new ByteArrayOutputStream();
    if (!name.endsWith(PACKED)) {
      copy(name, in, bytes, most);
    } else {
      try (var unpacked = new GZIPInputStream(in)) {
        copy(name, unpacked, bytes, most);
      } catch (EOFException e) {
        throw new DataException(
            "%s: wanted a whole gzip file, it breaks off after %d unpacked bytes"
                .formatted(name, bytes.size()),
            e);
      } catch (ZipException e) {
        throw new DataException(
            "%s: wanted a gzip file, it is damaged after %d unpacked bytes: %s"
                .formatted(name, bytes.size(), e.getMessage()),
            e);
      }
    }
    return new DataFile(name, ByteBuffer.wrap(bytes.toByteArray()).asReadOnlyBuffer());
  }

  private static void copy(String name, InputStream in, ByteArrayOutputStream bytes, int most)
      throws IOException {
    var some = new byte[1 << 16];
    for (int count = in.read(some); count >= 0; count = in.read(some)) {
      if (count > most - bytes.size()) {
        throw new DataException(
            "%s: wanted at most %d bytes, got more once unpacked".formatted(name, most));
      }
      bytes.write(some, 0, count);
    }
  }

  long length() {
    return content.limit();
  }

  byte[] bytes(int offset, int length) {
    var bytes = new byte[length];
    content.get(offset, bytes);
    return bytes;
  }

  /**
   * The content as text, without the byte order mark that some programs put in front.
   *
   * @throws DataException if it is not UTF-8: replaced, two words may become one
   */
  String text() {
    ByteBuffer bytes = content.duplicate();
    var text = CharBuffer.allocate(bytes.remaining());
    if (StandardCharsets.UTF_8.newDecoder().decode(bytes, text, true).isError()) {
      int offset = bytes.position();
      throw broken(offset, "wanted UTF-8, got the byte 0x%02x".formatted(content.get(offset)));
    }
    return unmarked(text.flip().toString());
  }

  /** As {@link #text}, with a mark in place of what is not UTF-8. */
  String legibleText() {
    return unmarked(StandardCharsets.UTF_8.decode(content.duplicate()).toString());
  }

  private static String unmarked(String text) {
    return text.startsWith(BYTE_ORDER_MARK) ? text.substring(BYTE_ORDER_MARK.length()) : text;
  }

  DataException broken(long offset, String wantedAndCame) {
    return new DataException("%s, offset %d: %s".formatted(name, offset, wantedAndCame));
  }
}
