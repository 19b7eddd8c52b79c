package blockfront.search.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;
import static org.assertj.core.api.Assertions.within;

import blockfront.search.strategy.Strategies;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class SearchBenchTest {

  private static final Table.Columns COLUMNS =
      new Table.Columns(
          List.of("width", "kind"), List.of("width"), List.of("cost"), List.of("acc"));

  @TempDir Path folder;

  @Test
  void volumeIsThatOfTheTrueFrontOnceTheFrontIsFound() throws IOException {
    Table table =
        Table.read(file("width,kind,acc,cost", "1,a,50,10", "2,a,60,20", "2,b,40,30"), COLUMNS);
    assertThat(table.frontSize()).isEqualTo(2);
    assertThat(table.share(List.of(new double[] {-50, 10}, new double[] {-60, 20}))).isEqualTo(1);
    // corners (1, 0) and (0, 1) of the front, reference (1.1, 1.1): 0.11 + 0.11 - 0.01
    assertThat(table.share(List.of(new double[] {-50, 10}))).isCloseTo(0.11 / 0.21, within(1e-12));
  }

  @Test
  void repeatedRowsAreOneTrainingOfTheirMean() throws IOException {
    Table table =
        Table.read(file("width,kind,acc,cost", "1,a,50,10", "1,a,70,20", "2,b,40,30"), COLUMNS);
    assertThat(table.rows()).isEqualTo(2);
    assertThat(table.objectives(List.of(0, 0)).orElseThrow()).containsExactly(-60, 15);
  }

  @Test
  void numbersAreOrderedBySize() throws IOException {
    Table table = Table.read(file("width,kind,acc,cost", "16,a,50,10", "8,a,70,20"), COLUMNS);
    assertThat(table.objectives(List.of(0, 0)).orElseThrow()).containsExactly(-70, 20);
  }

  @Test
  void choicesThatTheTableLacksStandForTheLikestRow() throws IOException {
    Table table =
        Table.read(
            file("width,kind,acc,cost", "1,a,1,1", "2,a,2,2", "9,b,3,3", "3,b,4,4"), COLUMNS);
    // width 9 of kind a: width 3 is nearer than kind b
    assertThat(table.canonical(List.of(3, 0))).isEqualTo(List.of(1, 0));
    assertThat(table.identity(List.of(3, 0))).isEqualTo(table.identity(List.of(1, 0)));
  }

  @Test
  void aRowThatLacksAResultIsATrainingThatFailed() throws IOException {
    Table table =
        Table.read(file("width,kind,acc,cost", "1,a,50,10", "2,a,,20", "2,b,40,30"), COLUMNS);
    assertThat(table.objectives(List.of(1, 0))).isEmpty();
    assertThat(table.frontSize()).isEqualTo(1);
    BenchReport report = new SearchBench(2, 5, 2).run(table, Strategies.AUTO);
    assertThat(report.reached99()).isEqualTo(2);
  }

  @Test
  void aTableOfFailuresIsRefused() throws IOException {
    Path file = file("width,kind,acc,cost", "1,a,,10", "2,a,50,");
    assertThatThrownBy(() -> Table.read(file, COLUMNS))
        .hasMessage("Table '%s' has no row with all of its results".formatted(file));
  }

  @Test
  void missingFileIsToldInOneLine() {
    Path file = folder.resolve("none.csv");
    assertThatThrownBy(() -> Table.read(file, COLUMNS))
        .hasMessage("Table '%s' does not exist".formatted(file));
  }

  @Test
  void missingColumnIsToldInOneLine() throws IOException {
    Path file = file("width,kind,acc", "1,a,50");
    assertThatThrownBy(() -> Table.read(file, COLUMNS))
        .hasMessage("Table '%s' has no column 'cost'; it has [width, kind, acc]".formatted(file));
  }

  @Test
  void badNumberIsToldWithItsPlace() throws IOException {
    Path file = file("width,kind,acc,cost", "1,a,50,10", "", "2,a,n/a,10");
    assertThatThrownBy(() -> Table.read(file, COLUMNS))
        .hasMessage("Table '%s', line 4: column 'acc' needs a number, got 'n/a'".formatted(file));
  }

  @ParameterizedTest
  @ValueSource(strings = {"nan", "NaN", "inf", "-Infinity", "NA", "1e300", ""})
  void aResultThatIsNoFiniteNumberIsATrainingThatFailed(String result) throws IOException {
    Table table =
        Table.read(
            file("width,kind,acc,cost", "1,a,50,10", "2,a,%s,20".formatted(result), "2,b,40,30"),
            COLUMNS);
    assertThat(table.objectives(List.of(1, 0))).isEmpty();
    assertThat(table.objectives(List.of(1, 1)).orElseThrow()).containsExactly(-40, 30);
  }

  @ParameterizedTest
  @ValueSource(strings = {",", ";", "\t"})
  void fieldsAreApartByCommaSemicolonOrTab(String separator) throws IOException {
    Path file =
        file(
            "\ufeffwidth,kind,acc,cost,,\r".replace(",", separator),
            "1,\"a \"\"x\"\"\",50,10,,\r".replace(",", separator),
            "1,\"b,;\t\nc\" , 60,20,1,2\r"
                .replace(",", separator)
                .replace("\"b" + separator + ";", "\"b,;"));
    Table table = Table.read(file, COLUMNS);
    assertThat(table.genes().get(1).choices()).isEqualTo(2);
    assertThat(table.objectives(List.of(0, 1)).orElseThrow()).containsExactly(-60, 20);
  }

  @Test
  void aQuoteWithoutEndIsToldInOneLine() throws IOException {
    Path file = file("width,kind,acc,cost", "1,\"a,50,10");
    assertThatThrownBy(() -> Table.read(file, COLUMNS))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("Table '%s' is no CSV file: ".formatted(file));
  }

  @Test
  void numbersComeBeforeWordsAndTheOrderOfWordsIsTold() throws IOException {
    Table table =
        Table.read(
            file("width,kind,acc,cost", "3x3,a,1,4", "10,a,2,3", "9,a,3,2", "none,a,4,1"), COLUMNS);
    assertThat(table.objectives(List.of(0, 0)).orElseThrow()).containsExactly(-3, 2);
    assertThat(table.objectives(List.of(1, 0)).orElseThrow()).containsExactly(-2, 3);
    assertThat(table.notes())
        .containsExactly(
            "Column 'width' is ordinal but not all numbers; taken in this order: 9, 10, 3x3, none");
  }

  @Test
  void aFrontOfOneRowIsMeasuredInAnyUnit() throws IOException {
    Table flops =
        Table.read(
            file("width,kind,acc,cost", "1,a,0.7,100", "2,a,0.8,90", "3,b,0.95,50"), COLUMNS);
    Table gigaflops =
        Table.read(
            file("width,kind,acc,cost", "1,a,70,0.1", "2,a,80,0.09", "3,b,95,0.05"), COLUMNS);
    double share = flops.share(List.of(new double[] {-0.8, 90}));
    assertThat(share).isBetween(0.05, 0.5);
    assertThat(gigaflops.share(List.of(new double[] {-80, 0.09}))).isCloseTo(share, within(1e-9));
  }

  @ParameterizedTest
  @EnumSource(Strategies.class)
  void everyRowIsFoundHoweverFewOfTheCombinationsThereAre(Strategies strategy) throws IOException {
    var lines = new ArrayList<String>();
    lines.add("a,b,c,d,e,f,g,h,i,j,acc,cost");
    // a row and all that differ in one choice: of a million combinations it is the likest of one
    for (int row = 0; row <= 30; row++) {
      var fields = new ArrayList<>(Collections.nCopies(10, "c0"));
      if (row > 0) {
        fields.set((row - 1) / 3, "c" + (1 + (row - 1) % 3));
      }
      lines.add("%s,%d,%d".formatted(String.join(",", fields), row, row)); // all on the front
    }
    Table table =
        Table.read(
            file(lines.toArray(String[]::new)),
            new Table.Columns(
                List.of("a,b,c,d,e,f,g,h,i,j".split(",")),
                List.of(),
                List.of("cost"),
                List.of("acc")));
    assertThat(table.frontSize()).isEqualTo(31);
    BenchReport report = new SearchBench(2, 50, 4).run(table, strategy);
    assertThat(report.duplicates()).isZero();
    assertThat(report.hypervolumeAt().get(50)).hasValue(1.0);
  }

  @Test
  void shortRowIsToldWithItsLine() throws IOException {
    Path file = file("width,kind,acc,cost", "1,a,50");
    assertThatThrownBy(() -> Table.read(file, COLUMNS))
        .hasMessage("Table '%s', line 2: 3 fields, the header has 4".formatted(file));
  }

  @Test
  void ordinalColumnsAreChoices() {
    assertThatThrownBy(
            () -> new Table.Columns(List.of("a"), List.of("b"), List.of("c"), List.of("d")))
        .hasMessage("Ordinal columns [b] are not all among the choices [a]");
  }

  @ParameterizedTest
  @EnumSource(Strategies.class)
  void searchThroughTheWholeTableFindsAllAndAsksNothingTwice(Strategies strategy)
      throws IOException {
    var lines = new ArrayList<String>();
    lines.add("width,kind,acc,cost");
    for (int width = 1; width <= 6; width++) {
      for (int kind = 0; kind < 5; kind++) {
        lines.add(
            "%d,k%d,%d,%d"
                .formatted(width, kind, width * 7 + kind * kind % 3, width * width + kind));
      }
    }
    Table table = Table.read(file(lines.toArray(new String[0])), COLUMNS);
    BenchReport report = new SearchBench(3, 100, 4).run(table, strategy);
    assertThat(report.duplicates()).isZero();
    assertThat(report.reached99()).isEqualTo(3);
    assertThat(report.hypervolumeAt().get(50)).hasValue(1.0);
    assertThat(report.each())
        .hasSize(3)
        .allSatisfy(
            seed -> {
              assertThat(seed.evaluationsTo99().orElseThrow()).isBetween(1.0, 30.0);
              assertThat(seed.hypervolumeAt()).containsOnly(entry(50, 1.0), entry(100, 1.0));
            });
  }

  @Test
  void whatWasNotReachedIsNull() throws IOException {
    Table table =
        Table.read(
            file("width,kind,acc,cost", "1,a,1,9", "2,a,2,10", "9,b,3,11", "3,b,4,12"), COLUMNS);
    String json = BenchReport.json(List.of(new SearchBench(2, 1, 1).run(table, Strategies.RANDOM)));
    assertThat(json)
        .contains("\"strategy\" : \"random\"")
        .contains("\"reached99\" : 0")
        .contains("\"50\" : null")
        .containsPattern("\\{\\s+\"evaluationsTo99\" : null,\\s+\"hypervolumeAt\" : \\{ \\}\\s+\\}")
        .containsPattern(
            "\"evaluationsTo99\" : \\{\\s+\"median\" : null,\\s+\"q1\" : null,\\s+\"q3\" : null");
  }

  @Test
  void budgetIsChecked() {
    assertThatThrownBy(() -> new SearchBench(1, 0, 1))
        .hasMessage("Search bench needs budget from 1 to 1000000, got 0");
  }

  private Path file(String... lines) throws IOException {
    return Files.write(folder.resolve("table.csv"), List.of(lines));
  }
}
