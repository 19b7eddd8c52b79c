package blockfront.web.cli;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Files that a person named. */
final class TextFile {

  private TextFile() {}

  /**
   * Reads all of it.
   *
   * @throws IllegalArgumentException if there is none, or it is not text
   */
  static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (NoSuchFileException e) {
      throw new IllegalArgumentException("There is no file '%s'".formatted(file), e);
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException("'%s' is not text in UTF-8".formatted(file), e);
    } catch (IOException e) {
      throw new IllegalArgumentException("Cannot read '%s': %s".formatted(file, e), e);
    }
  }
}
