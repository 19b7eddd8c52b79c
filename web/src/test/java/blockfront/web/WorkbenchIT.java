package blockfront.web;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import blockfront.search.study.StudyService;
import blockfront.search.study.StudyStore;
import blockfront.search.trial.FinalRun;
import blockfront.search.trial.Outcome;
import blockfront.search.trial.Recipe;
import blockfront.search.trial.Trial;
import blockfront.web.app.Application;
import blockfront.web.app.ServeOptions;
import blockfront.web.page.Exports;
import blockfront.web.page.WeightsFolder;
import com.microsoft.playwright.Download;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.LocatorAssertions;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.context.ConfigurableApplicationContext;

/** The workbench in a real browser, from "Start" to an exported network. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class WorkbenchIT {

  private static final double PATIENT_MILLIS = 180_000;
  private static final Path SCREENSHOTS = Path.of("target", "screenshots");

  @TempDir private static Path data;

  private static Optional<ConfigurableApplicationContext> server = Optional.empty();
  private static Optional<Chromium> chromium = Optional.empty();
  private static String address = "";

  @BeforeAll
  static void start() throws IOException {
    int port = Chromium.freePort();
    address = "http://127.0.0.1:" + port;
    server = Optional.of(Application.start(new ServeOptions("127.0.0.1", port, data, 2)));
    chromium = Optional.of(new Chromium());
  }

  @AfterAll
  static void stop() {
    chromium.ifPresent(Chromium::close);
    server.ifPresent(ConfigurableApplicationContext::close);
  }

  @AfterEach
  void nothingWasComplainedAbout() {
    chromium.orElseThrow().closeWindows();
    assertThat(chromium.orElseThrow().complaints()).isEmpty();
  }

  private Page open(int width, int height, ColorScheme scheme) {
    return chromium.orElseThrow().open(width, height, scheme);
  }

  private Page planTheExampleAgain() {
    Page page = open();
    page.navigate(address + "/new?from=1");
    assertThat(page.locator("#name input")).hasValue("Digits example, again");
    return page;
  }

  private Page open() {
    return open(1440, 900, ColorScheme.LIGHT);
  }

  @Test
  @Order(1)
  void oneButtonLeadsToAnExportedNetwork() throws IOException {
    Page page = open();
    page.navigate(address);
    page.getByRole(AriaRole.BUTTON, named("Start the example search")).click();
    page.waitForURL("**/study/1");

    // real networks on real data: the first point, and more after it
    waitForPoints(page, 3);
    assertThat(page.locator("#networks")).containsText("trained");
    // however long the rest takes, networks are left for the tests after this one
    bean(StudyService.class).pause(1);

    // a click on a point opens its network
    List<?> place =
        (List<?>)
            page.evaluate(
                "() => { const chart = document.querySelector('#front');"
                    + " return chart.placeOf(JSON.parse(chart.description).points[0][2]); }");
    page.mouse().click(number(place.get(0)), number(place.get(1)));
    page.waitForURL("**/network/1/*");
    assertThat(page.locator("#picture svg")).containsText("image");
    assertThat(page.locator("#picture svg")).containsText("classifier");
    assertThat(page.locator(".page")).containsText("Test accuracy");

    Download download =
        page.waitForDownload(
            () -> page.getByRole(AriaRole.LINK, named("Architecture, JSON")).click());
    assertThat(Files.readString(download.path())).contains("\"version\":1");
    Download weights =
        page.waitForDownload(
            () -> page.getByRole(AriaRole.LINK, named("Weights, safetensors")).click());
    assertThat(Files.size(weights.path())).isGreaterThan(1000);
    Download sameDiff =
        page.waitForDownload(
            () -> page.getByRole(AriaRole.LINK, named("Network for DL4J, SameDiff")).click());
    assertThat(Files.size(sameDiff.path())).isGreaterThan(1000);
    Download onnx =
        page.waitForDownload(() -> page.getByRole(AriaRole.LINK, named("Network, ONNX")).click());
    assertThat(Files.size(onnx.path())).isGreaterThan(1000);
    Download everything =
        page.waitForDownload(() -> page.getByRole(AriaRole.LINK, named("Everything, zip")).click());
    assertThat(Files.size(everything.path())).isGreaterThan(Files.size(onnx.path()));

    // what that export measured is kept
    page.reload();
    assertThat(page.locator("#deployment")).containsText("int8");
    page.locator("#inspect").click();
    assertThat(page.locator("#inspection")).containsText("Mean kurtosis", patiently());
    assertThat(page.locator("#inspection")).containsText("Energy of an answer");
    page.locator("#train-final").click();
    page.getByLabel("Seeds").fill("1");
    page.getByLabel("Epochs, at most").fill("2");
    page.locator("#begin-final").click();
    assertThat(page.locator("#final")).containsText("Seed 1");
  }

  @Test
  @Order(2)
  void aTrainingCanBeCancelledAndAStudyPausedResumedAndStopped() {
    bean(StudyService.class).resume(1);
    Page page = open();
    page.navigate(address + "/study/1");
    page.locator("#running vaadin-button").first().click();
    assertThat(page.locator("#networks")).containsText("cancelled", patiently());

    page.getByRole(AriaRole.BUTTON, named("Pause")).click();
    assertThat(page.locator(".title-line")).containsText("paused", patiently());
    page.getByRole(AriaRole.BUTTON, named("Resume")).click();
    assertThat(page.locator(".title-line")).containsText("running", patiently());
    page.getByRole(AriaRole.BUTTON, named("Stop")).click();
    page.locator("vaadin-confirm-dialog").getByText("Stop", exactly()).last().click();
    assertThat(page.locator(".title-line")).containsText("stopped", patiently());
    assertThat(page.locator("#running")).containsText("the study has ended", patiently());
  }

  @Test
  @Order(3)
  void markingAnAreaOfTheChartFiltersTheTable() {
    Page page = open();
    page.navigate(address + "/study/1");
    waitForPoints(page, 2);
    markTheFirstPoint(page);
    page.getByRole(AriaRole.BUTTON, named("Show all")).click();
    assertThat(page.locator(".page")).not().containsText("marked in the chart");
  }

  @Test
  @Order(3)
  void theWholePictureHasEveryPointAndNoMark() {
    Page page = open();
    page.navigate(address + "/study/1");
    waitForPoints(page, 2);
    markTheFirstPoint(page);
    Object missing =
        page.evaluate(
            "() => { const front = document.querySelector('#front'); const said ="
                + " JSON.parse(front.description); said.points.push(said.points[0]);"
                + " front.description = JSON.stringify(said); front.chart.dispatchAction({type:"
                + " 'restore'}); return said.points.length -"
                + " front.chart.getOption().series[0].data.length; }");
    assertThat(missing).as("points that are not drawn").isEqualTo(0);
    assertThat(page.locator(".page")).not().containsText("marked in the chart");
  }

  @Test
  @Order(3)
  void aMarkIsGoneFromTheTableTooOnceTheColoursChange() {
    Page page = open();
    page.navigate(address + "/study/1");
    waitForPoints(page, 2);
    markTheFirstPoint(page);
    page.getByLabel("Light or dark").click();
    assertThat(page.locator(".page")).not().containsText("marked in the chart");
  }

  @Test
  @Order(3)
  void aHundredThousandAnswersAreDrawn() {
    Page page = open();
    page.navigate(address + "/study/1");
    page.locator("#front canvas").waitFor();
    Object drawn =
        page.evaluate(
            "() => { const classes = [...Array(400).keys()]; const cells = classes.flatMap(row =>"
                + " classes.map(column => [column, row, 1])); const chart ="
                + " document.createElement('blockfront-chart'); chart.className ="
                + " 'chart-confusion'; chart.description = JSON.stringify({kind: 'confusion',"
                + " classes, cells}); document.querySelector('.page').append(chart); return"
                + " chart.drawn; }");
    assertThat(drawn).isEqualTo(1);
  }

  @Test
  @Order(4)
  void whatIsMeasuredIsShownThoughThePageIsDrawnAnewMeanwhile() {
    Trial trial = kept(each -> each.deployment().isEmpty());
    Page page = open();
    page.navigate(address + "/network/" + trial.id());
    page.locator("#measure-of-the-search").click();
    FinalRun run = store().addFinals(trial.id(), List.of(1L), Recipe.STANDARD).getFirst();
    store().finishFinal(trial.id(), run.number(), new Outcome.Cancelled(), Optional.empty());
    bean(StudyService.class).cancelFinal(trial.id()); // of which pages are told
    assertThat(page.locator("#final")).containsText("cancelled");
    assertThat(page.locator("#deployment")).containsText("int8", patiently());
    assertThat(page.locator("#measure-of-the-search")).hasCount(0);
  }

  @Test
  @Order(4)
  void whatIsMeasuredIsShownThoughThePageIsLoadedAgainMeanwhile() {
    Trial trial = kept(each -> each.deployment().isEmpty());
    Page page = open();
    page.navigate(address + "/network/" + trial.id());
    page.locator("#measure-of-the-search").click();
    page.waitForFunction(
        "() => { const button = document.querySelector('#measure-of-the-search'); return !button ||"
            + " button.disabled; }");
    page.reload();
    assertThat(page.locator("#deployment")).containsText("int8", patiently());
    assertThat(page.locator("#measure-of-the-search")).hasCount(0);
  }

  @Test
  @Order(4)
  void whyThereIsNoDownloadAndNothingInsideIsSaid() throws IOException {
    Trial trial = kept(_ -> true);
    Path weights = bean(WeightsFolder.class).of(trial.id());
    Path elsewhere = data.resolve("elsewhere");
    Page page = open();
    page.navigate(address + "/network/" + trial.id());
    assertThat(page.locator("#inspect")).isVisible();
    Files.move(weights, elsewhere);
    try {
      page.getByRole(AriaRole.LINK, named("Weights, safetensors")).click();
      assertThat(page.locator("vaadin-notification-card"))
          .containsText("Weights, safetensors: ", patiently());
      page.locator("#inspect").click();
      assertThat(page.getByText("There are no weights at")).isVisible();
    } finally {
      Files.move(elsewhere, weights);
    }
  }

  @Test
  @Order(4)
  void theLeaderboardFindsNetworksOverAllStudies() {
    Page page = open();
    page.navigate(address + "/leaderboard");
    assertThat(page.locator("#leaderboard")).containsText("Digits example");
    page.getByLabel("Contains").fill("there is no such block");
    assertThat(page.locator(".page-header")).containsText("0 of ");
    assertThat(page.locator("#leaderboard").getByText("No network is like that")).isVisible();
  }

  @Test
  @Order(5)
  void whatIsWrongWithAPlanIsSaidBesideTheField() throws IOException {
    Page page = open();
    page.navigate(address + "/new");
    page.locator("#data").click();
    page.getByRole(AriaRole.OPTION, named("Another …")).click();
    page.locator("#folder input").fill("/there/is/nothing");
    page.keyboard().press("Tab");
    assertThat(page.locator("#folder")).containsText("No data set '/there/is/nothing'");

    Path images = Files.createDirectories(data.resolve("images").resolve("cats"));
    Files.writeString(images.resolve("broken.png"), "no picture");
    page.locator("#folder input").fill(images.getParent().toString());
    page.keyboard().press("Tab");
    assertThat(page.locator("#folder")).containsText("broken.png");

    page.locator("#name input").fill("");
    page.getByRole(AriaRole.BUTTON, named("Start the study")).click();
    assertThat(page.locator("#name")).containsText("A study needs a name");
    assertThat(page.locator(".page")).containsText("Some fields need another value");
  }

  @Test
  @Order(5)
  void aStartWaitsForDataThatIsStillBeingRead() {
    Page page = open();
    page.navigate(address + "/new");
    page.getByLabel("At most, thousand parameters").fill("0.5");
    page.locator("#data").click();
    page.getByRole(AriaRole.OPTION, named("Another …")).click();
    page.locator("#folder input").fill("mqar:pairs=16,length=128,vocabulary=4096");
    page.getByRole(AriaRole.BUTTON, named("Start the study")).click();
    assertThat(page.locator(".sticky > .problem"))
        .containsText("No network of the space keeps the limits", patiently());
    assertThat(page.locator(".page")).containsText("to train");
    assertThat(page.getByText("Starts once the data is read")).isHidden();
  }

  @Test
  @Order(6)
  void limitsThatNoNetworkKeepsAreRefusedBeforeAnythingStarts() {
    Page page = open();
    page.navigate(address + "/new");
    page.getByLabel("At most, thousand parameters").fill("0.5");
    page.keyboard().press("Tab");
    assertThat(page.locator("#estimate"))
        .containsText("No network of the space keeps the limits", patiently());
    page.getByRole(AriaRole.BUTTON, named("Start the study")).click();
    assertThat(page.locator(".sticky > .problem"))
        .containsText("No network of the space keeps the limits", patiently());
    assertThat(page.url()).endsWith("/new");
  }

  @Test
  @Order(6)
  void aLimitThatIsNoNumberIsRefused() {
    Page page = planTheExampleAgain();
    for (String limit : List.of("Networks to train", "Longest time, minutes", "At most, MFLOPs")) {
      page.getByLabel(limit).clear();
      page.getByLabel(limit).pressSequentially("--5");
    }
    page.getByRole(AriaRole.BUTTON, named("Start the study")).click();
    var said = new Locator.FilterOptions().setHasText("Some fields need another value");
    assertThat(page.getByRole(AriaRole.ALERT).filter(said)).isVisible();
    assertThat(page.getByText("From 1 to 1000000")).isVisible();
    assertThat(page.getByText("More than 0, or nothing for no limit")).hasCount(2);
    assertThat(page.url()).contains("/new");
  }

  @Test
  @Order(6)
  void aMistakeInAPartThatIsClosedOpensIt() {
    Page page = planTheExampleAgain();
    Locator part = page.getByText("How each network is trained");
    part.click();
    page.getByLabel("Label smoothing").fill("1");
    part.click();
    assertThat(page.getByLabel("Label smoothing")).isHidden();
    page.getByRole(AriaRole.BUTTON, named("Start the study")).click();
    assertThat(page.getByText("At least 0, less than 1")).isVisible();
  }

  @Test
  @Order(7)
  void aStudyStartsOnceItsMistakesAreCorrected() {
    Page page = planTheExampleAgain();
    page.getByLabel("Networks to train").fill("0");
    page.getByLabel("Most layers").fill("60");
    page.getByLabel("Seed").fill("-1");
    page.getByRole(AriaRole.BUTTON, named("Start the study")).click();
    assertThat(page.locator(".sticky > .problem")).containsText("Some fields need another value");
    assertThat(page.locator(".page")).containsText("From 1 to 1000000");
    assertThat(page.locator(".page")).containsText("From the fewest layers to 48");
    assertThat(page.locator(".page")).containsText("A whole number from 0");

    // what no field can see is said too
    page.getByLabel("Networks to train").fill("1");
    page.getByLabel("Most layers").fill("2");
    page.getByLabel("Seed").fill("7");
    page.getByLabel("At most, MFLOPs").fill("0.0000001");
    page.getByRole(AriaRole.BUTTON, named("Start the study")).click();
    assertThat(page.locator(".sticky > .problem"))
        .containsText("Limit of multiplyAdds must be at least 1");

    page.getByLabel("At most, MFLOPs").fill("");
    page.getByLabel("Epochs a network").fill("1");
    page.getByRole(AriaRole.BUTTON, named("Start the study")).click();
    page.waitForURL(Pattern.compile(".*/study/2$"));
    assertThat(page.locator(".title-line")).containsText("finished", patiently());
  }

  @Test
  @Order(8)
  void aStudyOfFewNetworksSaysWhenItWillTellWhatMatters() {
    Page page = open();
    page.navigate(address + "/study/2");
    assertThat(page.locator("#insight")).containsText("networks are measured.");
    assertThat(page.locator(".chart-importance")).isHidden();
  }

  @Test
  @Order(8)
  void aStudyOfOnesOwnStarts() {
    Page page = planTheExampleAgain();
    page.locator("#name input").fill("Mine");
    page.getByLabel("Networks to train").fill("10");
    page.getByLabel("Epochs a network").fill("1");
    page.getByRole(AriaRole.BUTTON, named("Start the study")).click();
    page.waitForURL(Pattern.compile(".*/study/3$"));
    assertThat(page.locator(".title-line")).containsText("finished", patiently());
    assertThat(page.locator(".page")).containsText("All 10 trials are done");
  }

  @Test
  @Order(9)
  void whatMattersIsShownAndLinesAreChosen() {
    Page page = open();
    page.navigate(address + "/study/3");
    page.waitForFunction(
        "() => ['importance', 'parallel'].every(kind => { const chart ="
            + " document.querySelector('.chart-' + kind); return chart && chart.drawn; })");
    Object most =
        page.evaluate(
            "() => { const said ="
                + " JSON.parse(document.querySelector('.chart-importance').description); return"
                + " said.choices.length > 2 && said.shares.length === said.objectives.length &&"
                + " said.shares.every(shares => shares.every(share => share >= 0 && share <="
                + " 100)); }");
    assertThat(most).as("shares of what each choice explains").isEqualTo(true);
    // a line a network that was measured
    Object lines =
        page.evaluate(
            "() => JSON.parse(document.querySelector('.chart-parallel').description).lines.length"
                + " - JSON.parse(document.querySelector('#front').description).points.length");
    assertThat(lines).isEqualTo(0);
    // what passes a part of an axis stays in the table
    page.evaluate(
        "() => { const chart = document.querySelector('.chart-parallel').chart; const axes ="
            + " chart.getOption().parallelAxis.length; const best ="
            + " chart.getOption().series[1].data[0].value[axes - 2]; chart.dispatchAction({type:"
            + " 'axisAreaSelect', parallelAxisIndex: axes - 2, intervals: [[best - 1e-6, best +"
            + " 1e-6]]}); }");
    assertThat(page.locator(".page")).containsText("marked in the chart");

    page.getByRole(AriaRole.TAB, new Page.GetByRoleOptions().setName("By time")).click();
    page.waitForFunction(
        "() => { const chart = document.querySelectorAll('#volumes blockfront-chart')[1]; return"
            + " chart && chart.drawn && chart.clientHeight > 100 &&"
            + " JSON.parse(chart.description).x === 'minutes'; }");
    // the card is the only frame
    assertThat(
            page.evaluate(
                "() => getComputedStyle(document.querySelector('#volumes')).borderTopWidth"))
        .isEqualTo("0px");
  }

  @Test
  @Order(9)
  void linesKeepToTheAxesThatANarrowWindowHasRoomFor() {
    Page page = open();
    page.navigate(address + "/study/3");
    page.locator(".chart-parallel canvas").waitFor();
    String axes = "document.querySelector('.chart-parallel').chart.getOption().parallelAxis.length";
    page.waitForFunction("() => " + axes + " > 5");
    page.evaluate(
        "() => document.querySelector('.chart-parallel').chart.dispatchAction({type:"
            + " 'axisAreaSelect', parallelAxisIndex: 0, intervals: [[0, 0]]})");
    assertThat(page.locator(".page")).containsText("marked in the chart");
    page.setViewportSize(390, 844);
    page.waitForFunction("() => " + axes + " < 5");
    assertThat(page.locator(".page")).not().containsText("marked in the chart");
  }

  @Test
  @Order(9)
  void chartsTellTheirNumbersToThoseWhoDoNotSeeThem() {
    Page page = open();
    page.navigate(address + "/study/3");
    Locator front = page.getByRole(AriaRole.FIGURE, named("Scores against cost of all networks"));
    assertThat(front.getByRole(AriaRole.IMG)).hasAccessibleName(Pattern.compile("trained.*front"));
  }

  @Test
  @Order(9)
  void nothingOfOneStudyStaysOnThePageOfAnother() {
    Page page = open();
    page.navigate(address);
    page.getByRole(AriaRole.LINK, named("Digits example, again")).click();
    page.waitForURL("**/study/2");
    page.getByRole(AriaRole.LINK, named("Studies").setExact(true)).click();
    page.getByRole(AriaRole.LINK, named("Mine")).click();
    page.waitForURL("**/study/3");
    assertThat(page.locator(".chart-importance")).isVisible();
    page.getByLabel("Filter networks").fill("trained");

    page.evaluate("() => history.go(-2)");
    page.waitForURL("**/study/2");
    assertThat(page.locator("h1")).hasText("Digits example, again");
    assertThat(page.locator("#insight")).containsText("networks are measured.");
    assertThat(page.locator(".chart-importance")).isHidden();
    assertThat(page.getByLabel("Filter networks")).hasValue("");
  }

  @Test
  @Order(9)
  void blocksTellTheirPaperAndCost() {
    Page page = open();
    page.navigate(address + "/blocks");
    page.getByLabel("Contains").fill("gfnet_filter");
    page.locator("#block-gfnet_filter vaadin-details-summary").click();
    assertThat(page.locator("#block-gfnet_filter blockfront-chart canvas").first()).isVisible();
    assertThat(page.locator("#block-gfnet_filter")).containsText("Global Filter Networks");
    assertThat(page.locator("#block-mlp")).isHidden();
  }

  @Test
  @Order(9)
  void blocksAreFoundByWhatTheyCanDo() {
    Page page = open();
    page.navigate(address + "/blocks");
    page.getByLabel("Only those that").click();
    page.locator("vaadin-multi-select-combo-box-item").getByText("can be causal").click();
    assertThat(page.locator("#block-deltanet")).isVisible();
    assertThat(page.locator("#block-gfnet_filter")).isHidden();
    assertThat(page.locator(".page h2").getByText("Spectral", exactly())).isHidden();
  }

  @Test
  @Order(10)
  void whatIsNotThereIsSaid() {
    Page page = open();
    page.navigate(address + "/study/99");
    assertThat(page.locator(".page")).containsText("There is no study 99.");
    page.navigate(address + "/network/1/999");
    assertThat(page.locator(".page")).containsText("There is no network 1/999.");
    page.navigate(address + "/nowhere");
    assertThat(page.locator(".page")).containsText("There is no page 'nowhere'.");
    // the browser tells of each such answer
    assertThat(chromium.orElseThrow().complaints()).allMatch(text -> text.contains("404"));
  }

  @Test
  @Order(11)
  void everyPageFitsItsWindowInLightAndDark() {
    for (ColorScheme scheme : List.of(ColorScheme.LIGHT, ColorScheme.DARK)) {
      for (int width : List.of(1440, 390)) {
        Page page = open(width, width == 1440 ? 900 : 844, scheme);
        for (String path :
            List.of("", "new", "leaderboard", "blocks", "study/1", "study/3", "network/1/1")) {
          page.navigate(address + "/" + path);
          page.locator(".page").waitFor();
          assertThat(page.locator("vaadin-connection-indicator[loading]")).isHidden();
          if (path.equals("study/3")) {
            page.locator(".chart-parallel canvas").waitFor(); // it has networks enough
          }
          page.waitForFunction(
              "() => [...document.querySelectorAll('blockfront-chart')].every(c => c.drawn ||"
                  + " !c.description)");
          page.screenshot(
              new Page.ScreenshotOptions()
                  .setPath(
                      SCREENSHOTS.resolve(
                          "%s-%d-%s.png"
                              .formatted(
                                  path.isEmpty() ? "studies" : path.replace('/', '-'),
                                  width,
                                  scheme.name().toLowerCase(Locale.ROOT)))));
          assertThat(
                  page.evaluate("() => document.documentElement.scrollWidth - window.innerWidth"))
              .as("pixels that '%s' is wider than %d", path, width)
              .isEqualTo(0);
        }
      }
    }
  }

  @Test
  @Order(12)
  void aPersonCanSwitchToDark() {
    Page page = open();
    page.navigate(address + "/blocks");
    page.getByLabel("Light or dark").click();
    page.waitForFunction("() => document.documentElement.style.colorScheme === 'dark'");
    page.reload();
    page.waitForFunction("() => document.documentElement.style.colorScheme === 'dark'");
  }

  @Test
  @Order(13)
  void anEndedStudyCanBeDeleted() {
    Page page = open();
    page.navigate(address);
    page.getByLabel("Delete Mine").click();
    page.locator("vaadin-confirm-dialog").getByText("Delete", exactly()).last().click();
    assertThat(page.locator("#studies")).not().containsText("Mine");
    assertThat(data.resolve("weights").resolve("3")).doesNotExist();
  }

  private static <T> T bean(Class<T> type) {
    return server.orElseThrow().getBean(type);
  }

  private static StudyStore store() {
    return bean(StudyStore.class);
  }

  /** A network of the first study of which there are weights. */
  private static Trial kept(Predicate<Trial> wanted) {
    return store().trials(1).stream()
        .filter(trial -> trial.measurement().isPresent())
        .filter(trial -> bean(Exports.class).has(trial.id()))
        .filter(wanted)
        .findFirst()
        .orElseThrow();
  }

  private static void waitForPoints(Page page, int wanted) {
    page.waitForFunction(
        "wanted => { const front = document.querySelector('#front'); return front && front.chart &&"
            + " front.description && JSON.parse(front.description).points.length >= wanted; }",
        wanted,
        new Page.WaitForFunctionOptions().setTimeout(PATIENT_MILLIS));
  }

  private static void markTheFirstPoint(Page page) {
    page.evaluate(
        "() => { const front = document.querySelector('#front'); const p ="
            + " JSON.parse(front.description).points[0]; front.chart.dispatchAction({type: 'brush',"
            + " areas: [{brushType: 'rect', xAxisIndex: 0, yAxisIndex: 0, coordRange: [[p[0] *"
            + " 0.99, p[0] * 1.01], [p[1] - 0.01, p[1] + 0.01]]}]});"
            + " front.chart.dispatchAction({type: 'brushEnd', areas: [{coordRange: [[p[0] * 0.99,"
            + " p[0] * 1.01], [p[1] - 0.01, p[1] + 0.01]]}]}); }");
    assertThat(page.locator(".page")).containsText("1 marked in the chart");
  }

  private static double number(Object value) {
    return ((Number) value).doubleValue();
  }

  private static Page.GetByRoleOptions named(String name) {
    return new Page.GetByRoleOptions().setName(name);
  }

  private static Locator.GetByTextOptions exactly() {
    return new Locator.GetByTextOptions().setExact(true);
  }

  private static LocatorAssertions.ContainsTextOptions patiently() {
    return new LocatorAssertions.ContainsTextOptions().setTimeout(PATIENT_MILLIS);
  }
}
