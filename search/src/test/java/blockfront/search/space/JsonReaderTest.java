package blockfront.search.space;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JsonReaderTest {

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {"name": [        | Not JSON: Unexpected end-of-input: expected close marker for Array (line 1, column 11)
          {"name" 3}        | Not JSON: Unexpected character ('3' (code 51)): was expecting a colon to separate property name and value (line 1, column 9)
          {} {}             | Not JSON: Trailing token
          """)
  void whatIsNoJsonIsNamedWithItsPlaceAndNothingElse(String text, String message) {
    assertThatThrownBy(() -> JsonReader.of(text.strip()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(message)
        .hasMessageMatching("Not JSON: [^\\[]* \\(line \\d+, column \\d+\\)");
  }

  @ParameterizedTest(name = "{0}")
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          {"nme": "a"} | has an unknown key 'nme'; known are [name]
          """)
  void keysThatNobodyReadsAreRefused(String text, String message) {
    assertThatThrownBy(() -> JsonReader.of(text).only("name")).hasMessageEndingWith(message);
  }
}
