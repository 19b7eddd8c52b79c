package blockfront.search.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import blockfront.blocks.catalogue.Catalogue;
import blockfront.search.data.DataSet;
import blockfront.search.data.DataSets;
import blockfront.search.space.ArchitectureJson;
import blockfront.search.study.ExamplePlans;
import blockfront.search.study.Imported;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a search takes over from another, and what it does not. */
class ImportedScoresTest {

  private static final DataSet DIGITS = DataSets.load("digits");

  @TempDir private Path folder;

  @Test
  void scoresOfTheSameDataAreTakenOver() throws IOException {
    assertThat(imported("Accuracy", "0.75", "1", DIGITS.hash()))
        .extracting(each -> each.measurement().validationScore())
        .containsExactly(0.75);
  }

  @Test
  void scoresThatDoNotSayOfWhichDataAreTakenOver() throws IOException {
    assertThat(imported("Accuracy", "0", "0.5", "")).hasSize(1);
  }

  @Test
  void scoresOfOtherDataAreRefused() {
    assertThatThrownBy(() -> imported("Accuracy", "0.75", "0.5", "0therda7a"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "'%s' line 2: wanted scores of the data 'digits' (SHA-256 %s), got those of other data"
                    .formatted(file(), DIGITS.hash())
                + " (0therda7a)");
  }

  @Test
  void scoresOfAnotherMetricAreRefused() {
    assertThatThrownBy(() -> imported("BitsPerByte", "0.75", "0.5", ""))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "'%s' line 2: wanted accuracy, as of the data 'digits', got bits per byte", file());
  }

  @ParameterizedTest
  @CsvSource({
    "87.5, 0.5, validationAccuracy, 87.5",
    "0.75, -0.5, testAccuracy, -0.5",
    "NaN, 0.5, validationAccuracy, NaN"
  })
  void impossibleScoresAreRefusedByTheirPlace(
      String validation, String test, String column, String score) {
    assertThatThrownBy(() -> imported("Accuracy", validation, test, DIGITS.hash()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("'%s' line 2: %s must be from 0 to 1.0, got %s", file(), column, score);
  }

  private Path file() {
    return folder.resolve("trials.csv");
  }

  private List<Imported> imported(String metric, String validation, String test, String dataHash)
      throws IOException {
    String network = ArchitectureJson.write(ExamplePlans.DIGITS.plan().start().getFirst());
    Files.writeString(
        file(),
        """
        trial,state,validation%s,validationLoss,test%s,epochs,seconds,dataHash,architecture
        1,trained,%s,0.5,%s,9,1.5,%s,"%s"
        """
            .formatted(metric, metric, validation, test, dataHash, network.replace("\"", "\"\"")));
    return StudyFiles.imported(file(), DIGITS, Catalogue.load());
  }
}
