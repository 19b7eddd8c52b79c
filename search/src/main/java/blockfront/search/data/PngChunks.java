package blockfront.search.data;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.CRC32;
import javax.imageio.IIOException;

/**
 * Checks that a PNG file is whole, which the JDK's reader does not: it overlooks checksums and an
 * end that is missing.
 *
 * <p>After a signature of 8 bytes come chunks: length, type, content and a CRC-32 of type and
 * content; the last is of type {@code IEND}. Source: W3C, "Portable Network Graphics".
 */
final class PngChunks {

  private static final byte[] SIGNATURE = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};
  private static final int LENGTH = 4;
  private static final int TYPE = 4;
  private static final int CHECKSUM = 4;

  private PngChunks() {}

  static boolean fits(byte[] file) {
    return file.length >= SIGNATURE.length
        && Arrays.equals(SIGNATURE, 0, SIGNATURE.length, file, 0, SIGNATURE.length);
  }

  /**
   * Walks over the chunks up to the last.
   *
   * @throws IIOException if the file ends before, or a checksum is wrong
   */
  static void check(byte[] file) throws IIOException {
    ByteBuffer content = ByteBuffer.wrap(file);
    int offset = SIGNATURE.length;
    String type;
    do {
      long length = offset + LENGTH > file.length ? 0 : content.getInt(offset) & 0xFFFF_FFFFL;
      long end = offset + LENGTH + TYPE + length + CHECKSUM;
      if (end > file.length) {
        throw new IIOException(
            "at offset %d it wants a chunk up to offset %d, the file ends at %d"
                .formatted(offset, end, file.length));
      }
      type = new String(file, offset + LENGTH, TYPE, StandardCharsets.US_ASCII);
      var checksum = new CRC32();
      checksum.update(file, offset + LENGTH, TYPE + (int) length);
      if ((int) checksum.getValue() != content.getInt((int) end - CHECKSUM)) {
        throw new IIOException(
            "at offset %d chunk %s has a wrong checksum".formatted(offset, type));
      }
      offset = (int) end;
    } while (!type.equals("IEND"));
  }
}
