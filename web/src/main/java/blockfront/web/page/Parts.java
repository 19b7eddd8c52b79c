package blockfront.web.page;

import blockfront.search.study.StudyState;
import blockfront.search.trial.Trial;
import com.vaadin.flow.component.Component;
import com.vaadin.flow.component.grid.Grid;
import com.vaadin.flow.component.html.Anchor;
import com.vaadin.flow.component.html.Div;
import com.vaadin.flow.component.html.H1;
import com.vaadin.flow.component.html.H2;
import com.vaadin.flow.component.html.Paragraph;
import com.vaadin.flow.component.html.Span;
import com.vaadin.flow.component.notification.Notification;
import com.vaadin.flow.component.notification.NotificationVariant;
import com.vaadin.flow.server.streams.DownloadHandler;
import com.vaadin.flow.server.streams.DownloadResponse;
import com.vaadin.flow.signals.Signal;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Pieces that several pages are put together from. */
public final class Parts {

  private static final int NARROW_PIXELS = 760;
  private static final int ROWS_WITHOUT_SCROLLING = 14;

  private static final Logger LOG = LoggerFactory.getLogger(Parts.class);

  private Parts() {}

  /** A page's column. */
  public static Div page(Component... content) {
    return div("page", content);
  }

  public static Div div(String style, Component... content) {
    var div = new Div(content);
    div.addClassName(style);
    return div;
  }

  /** Title on the left, what can be done on the right. */
  public static Div header(Component title, Component... actions) {
    return div("page-header", title, div("actions", actions));
  }

  public static H1 title(String text) {
    return new H1(text);
  }

  /** A framed part of a page with a heading. */
  public static Div card(String heading, Component... content) {
    Div card = div("card", new H2(heading));
    card.add(content);
    return card;
  }

  public static Span text(String style, String text) {
    var span = new Span(text);
    span.addClassName(style);
    return span;
  }

  /** Where a part says what is wrong, aloud to those who do not see it; nothing so far. */
  public static Span problem() {
    Span problem = spoken("problem", "alert");
    problem.setVisible(false);
    return problem;
  }

  /** A text that changes, read out to those who do not see it once they have a moment. */
  public static Span status(String style) {
    return spoken(style, "status");
  }

  private static Span spoken(String style, String role) {
    Span text = text(style, "");
    text.getElement().setAttribute("role", role);
    return text;
  }

  /** One figure with its name. */
  public static Div tile(String name, String value) {
    return div("tile", text("tile-name", name), text("tile-value", value));
  }

  /** What a part shows that has nothing to show yet. */
  public static Div empty(String heading, String explanation, Component... actions) {
    Div empty = div("empty", new H2(heading), new Paragraph(explanation));
    empty.add(actions);
    return empty;
  }

  public static Span badge(StudyState state) {
    String word = state.name().toLowerCase(Locale.ROOT);
    return badge(word, word);
  }

  public static Span badge(Trial trial) {
    String tone =
        switch (trial.status()) {
          case "queued", "cancelled", "refused", "stopped early" -> "quiet";
          case "running" -> "running";
          case "paused" -> "paused";
          case "trained" -> "finished";
          default -> "failed";
        };
    return badge(trial.status(), tone);
  }

  /**
   * A word on a coloured ground.
   *
   * @param tone one of the colours of the style sheet: quiet, running, finished, failed, paused
   */
  public static Span badge(String word, String tone) {
    Span badge = text("badge", word);
    badge.addClassName("badge-" + tone);
    return badge;
  }

  /** A link that downloads a text. */
  public static Anchor download(String label, String file, String type, Supplier<String> text) {
    return download(
        label,
        () -> {
          byte[] bytes = text.get().getBytes(StandardCharsets.UTF_8);
          return new DownloadResponse(new ByteArrayInputStream(bytes), file, type, bytes.length);
        });
  }

  /** A link that downloads what is made when it is followed; the page says why there is none. */
  static Anchor download(String label, Supplier<DownloadResponse> content) {
    var link =
        new Anchor(
            DownloadHandler.fromInputStream(_ -> made(label, content))
                .whenComplete(
                    (transfer, sent) -> {
                      if (!sent) {
                        warn("%s: %s".formatted(label, Aside.reason(transfer.exception())));
                      }
                    }),
            label);
    link.addClassName("download");
    return link;
  }

  private static DownloadResponse made(String label, Supplier<DownloadResponse> content) {
    try {
      return content.get();
    } catch (RuntimeException e) {
      LOG.warn("Failed: {}", label, e);
      return DownloadResponse.error(500, Aside.reason(e));
    }
  }

  public static void tell(String text) {
    Notification.show(text, 4000, Notification.Position.BOTTOM_START);
  }

  public static void warn(String text) {
    Notification.show(text, 8000, Notification.Position.BOTTOM_START)
        .addThemeVariants(NotificationVariant.ERROR);
  }

  /** Makes a table as high as its rows, or lets it scroll if they are many. */
  public static void height(Grid<?> grid, int rows) {
    boolean few = rows <= ROWS_WITHOUT_SCROLLING;
    grid.setAllRowsVisible(few);
    grid.setHeight(few ? null : "560px");
  }

  /** Tells whether the window is narrow, at once and whenever that may have changed. */
  public static void whenNarrow(Component component, Consumer<Boolean> layout) {
    component.addAttachListener(
        attached -> {
          var size = attached.getUI().getPage().windowSizeSignal();
          Signal.effect(component, () -> layout.accept(size.get().width() < NARROW_PIXELS));
          attached.unregisterListener();
        });
  }
}
