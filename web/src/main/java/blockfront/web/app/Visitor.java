package blockfront.web.app;

import blockfront.search.study.Study;
import blockfront.search.study.StudyStore;
import blockfront.search.trial.Trial;
import java.io.IOException;
import java.net.CookieManager;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Opens pages as a browser does, and closes them again: whoever comes next need not wait until the
 * server has loaded and compiled what makes them.
 *
 * @param server where its pages are
 */
record Visitor(URI server) {

  private static final JsonMapper JSON = new JsonMapper();
  private static final List<String> PAGES = List.of("", "new", "blocks", "leaderboard");

  /** All kinds of pages; those of a study and a network, if there are any. */
  static List<String> pages(StudyStore store) {
    var pages = new ArrayList<>(PAGES);
    store.studies().stream()
        .map(Study::id)
        .findFirst()
        .ifPresent(
            study -> {
              pages.add("study/" + study);
              network(store, study).ifPresent(pages::add);
            });
    return pages;
  }

  private static Optional<String> network(StudyStore store, long study) {
    return store.trials(study).stream()
        .filter(trial -> trial.measurement().isPresent())
        .map(Trial::id)
        .findFirst()
        .map(id -> "network/%d/%d".formatted(id.study(), id.number()));
  }

  /**
   * Opens one after the other, each in a window of its own.
   *
   * @throws IOException if the server does not answer, or one of them not with success
   */
  void open(List<String> pages) throws IOException, InterruptedException {
    try (HttpClient browser = HttpClient.newBuilder().cookieHandler(new CookieManager()).build()) {
      for (String page : pages) {
        open(browser, page);
      }
    }
  }

  private void open(HttpClient browser, String page) throws IOException, InterruptedException {
    send(browser, HttpRequest.newBuilder(server.resolve("/" + page)).build());
    String first =
        send(
            browser,
            HttpRequest.newBuilder(server.resolve("/?v-r=init&location=%s&query=".formatted(page)))
                .build());
    JsonNode window = JSON.readTree(first).path("appConfig");
    URI events = server.resolve("/?v-r=uidl&v-uiId=" + window.path("v-uiId").asString());
    String token = window.at("/uidl/Vaadin-Security-Key").asString();
    Map<String, Object> navigation =
        Map.of(
            "type",
            "event",
            "node",
            1,
            "event",
            "ui-navigate",
            "data",
            Map.of(
                "route",
                "/" + page,
                "query",
                "",
                "appShellTitle",
                "",
                "historyState",
                Map.of("idx", 0),
                "trigger",
                ""));
    send(browser, post(events, token, 0, Map.of("rpc", List.of(navigation))));
    send(browser, post(events, token, 1, Map.of("rpc", List.of(), "UNLOAD", true)));
  }

  private static HttpRequest post(URI to, String token, int message, Map<String, Object> what) {
    var body = new TreeMap<String, Object>(what);
    body.put("csrfToken", token);
    body.put("syncId", message);
    body.put("clientId", message);
    return HttpRequest.newBuilder(to)
        .header("Content-Type", "application/json; charset=UTF-8")
        .POST(BodyPublishers.ofString(JSON.writeValueAsString(body)))
        .build();
  }

  private static String send(HttpClient browser, HttpRequest request)
      throws IOException, InterruptedException {
    HttpResponse<String> answer = browser.send(request, BodyHandlers.ofString());
    if (answer.statusCode() != 200) {
      throw new IOException("%s answers %d".formatted(request.uri(), answer.statusCode()));
    }
    return answer.body();
  }
}
