package blockfront.search.export;

import blockfront.blocks.catalogue.Catalogue;
import blockfront.blocks.graph.Shape;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.network.Architecture;
import blockfront.blocks.network.Layer;
import blockfront.blocks.network.Network;
import blockfront.blocks.network.Stage;
import blockfront.blocks.network.Task;
import blockfront.blocks.spi.Choice;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A network as a drawing: from the image at the top to the logits at the bottom; equal layers that
 * follow each other are folded into one.
 */
public final class NetworkPicture {

  private static final int WIDTH = 460;
  private static final int ROW = 34;
  private static final int GAP = 10;
  private static final int INSET = 14;

  /** Colours of families, legible on light and on dark ground. */
  private static final String[] HUES = {
    "#4c7ef3", "#d9822b", "#2f9e6e", "#a259d9", "#c2486a", "#2a9db5", "#8a8f2a", "#7a6ff0"
  };

  private static final String OWN_STYLE =
      "<style>:root{--card-line:#d5dae3;--chart-faint:#5b667a;--ink:#1d2433}"
          + "@media(prefers-color-scheme:dark){:root{--card-line:#3a4251;--chart-faint:#9aa5b8;"
          + "--ink:#e8ecf3}}text{font-family:system-ui,sans-serif;fill:var(--ink)}"
          + ".shape{fill:var(--chart-faint)}</style>";

  private final Catalogue catalogue;
  private final StringBuilder svg = new StringBuilder();
  private final Map<String, Shape> shapes = new HashMap<>();
  private int y = GAP;

  private NetworkPicture(Catalogue catalogue) {
    this.catalogue = catalogue;
  }

  /** The drawing as SVG for a page, whose style sheet has its colours. */
  public static String svg(Architecture architecture, Network network, Catalogue catalogue) {
    return svg(architecture, network, catalogue, "");
  }

  /** The drawing as a file of its own, for light and dark grounds. */
  public static String document(Architecture architecture, Network network, Catalogue catalogue) {
    return svg(architecture, network, catalogue, OWN_STYLE) + "\n";
  }

  private static String svg(
      Architecture architecture, Network network, Catalogue catalogue, String style) {
    var picture = new NetworkPicture(catalogue);
    picture.measure(network);
    picture.draw(architecture, network.inputName());
    return ("<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 %d %d' role='img'"
            + " aria-label='Picture of the network'>%s%s</svg>")
        .formatted(WIDTH, picture.y, style, picture.svg);
  }

  /** The last tensor of each place is what leaves it. */
  private void measure(Network network) {
    for (Tensor tensor : network.logits().inOrder()) {
      if (tensor.batched()) {
        String scope = tensor.scope();
        for (int end = scope.length(); end > 0; end = scope.lastIndexOf('.', end - 1)) {
          shapes.put(scope.substring(0, end), tensor.shape());
        }
      }
    }
  }

  private void draw(Architecture architecture, String input) {
    row(0, input, "", Optional.of(architecture.input()));
    row(0, architecture.stem(), shape("stem"));
    if (!architecture.position().id().equals("no_position")) {
      row(0, architecture.position(), shape("position"));
    }
    for (int i = 0; i < architecture.stages().size(); i++) {
      stage(i, architecture.stages().get(i));
    }
    row(0, architecture.norm(), Optional.empty());
    row(
        0,
        title(architecture.head()) + " and " + reader(architecture.task()),
        hue(architecture.head()),
        Optional.of(architecture.task().output()));
    y -= GAP / 2;
  }

  private static String reader(Task task) {
    return switch (task) {
      case Task.ImageClassification _, Task.SequenceClassification _, Task.TokenPrediction _ ->
          "classifier";
      case Task.InContextRegression _ -> "regression";
    };
  }

  private void stage(int index, Stage stage) {
    String scope = "stages." + index;
    int top = y;
    int at = svg.length();
    y += 24;
    stage.downsampling().ifPresent(choice -> row(INSET, choice, shape(scope + ".down")));
    for (Fold fold : folds(stage)) {
      layer(scope, fold);
    }
    String frame =
        ("<rect x='1' y='%d' width='%d' height='%d' rx='10' fill='none' stroke='var(--card-line)'"
                + " stroke-width='1.5'/><text x='%d' y='%d' font-size='12.5' class='shape'>Stage"
                + " %d · %d channels</text>")
            .formatted(top, WIDTH - 2, y - top, INSET, top + 17, index + 1, stage.width());
    svg.insert(at, frame);
    y += GAP;
  }

  /** Layers that follow each other and are equal. */
  private record Fold(Layer layer, int first, int count) {}

  private static List<Fold> folds(Stage stage) {
    var folds = new ArrayList<Fold>();
    for (int i = 0; i < stage.layers().size(); i++) {
      Layer layer = stage.layers().get(i);
      if (!folds.isEmpty() && folds.getLast().layer().equals(layer)) {
        Fold last = folds.removeLast();
        folds.add(new Fold(layer, last.first(), last.count() + 1));
      } else {
        folds.add(new Fold(layer, i, 1));
      }
    }
    return folds;
  }

  private void layer(String stage, Fold fold) {
    Layer layer = fold.layer();
    int top = y;
    String count = fold.count() == 1 ? "" : " × " + fold.count();
    text(INSET, y + 14, 12, "shape", title(layer.wrapper()) + count + ", " + norm(layer));
    y += 22;
    var parts = new ArrayList<Choice>();
    layer.mixer().ifPresent(parts::add);
    layer.channel().ifPresent(parts::add);
    Optional<Shape> out = shape("%s.blocks.%d".formatted(stage, fold.first()));
    for (int i = 0; i < parts.size(); i++) {
      row(INSET + 10, parts.get(i), i == parts.size() - 1 ? out : Optional.empty());
    }
    svg.append(
        "<line x1='%d' y1='%d' x2='%d' y2='%d' stroke='var(--chart-faint)' stroke-width='2'/>"
            .formatted(INSET + 2, top + 24, INSET + 2, y - GAP));
  }

  private String norm(Layer layer) {
    return title(layer.norm());
  }

  private void row(int indent, Choice choice, Optional<Shape> out) {
    row(indent, title(choice) + knobs(choice), hue(choice), out);
  }

  private void row(int indent, String label, String hue, Optional<Shape> out) {
    int width = WIDTH - 2 * Math.max(1, indent);
    int x = Math.max(1, indent);
    String colour = hue.isEmpty() ? "var(--chart-faint)" : hue;
    svg.append(
        ("<rect x='%d' y='%d' width='%d' height='%d' rx='7' fill='%s' fill-opacity='.14'"
                + " stroke='%s' stroke-opacity='.55'/>")
            .formatted(x, y, width, ROW, colour, colour));
    text(x + 12, y + 22, 13.5, "", shortened(label, out.isPresent() ? 40 : 56));
    out.ifPresent(
        shape ->
            svg.append(
                "<text x='%d' y='%d' font-size='12.5' text-anchor='end' class='shape'>%s</text>"
                    .formatted(x + width - 10, y + 22, shape.text().replace("x", " × "))));
    y += ROW + GAP;
  }

  private void text(int x, int at, double size, String style, String words) {
    svg.append(
        "<text x='%d' y='%d' font-size='%s' class='%s'>%s</text>"
            .formatted(x, at, size, style, escaped(words)));
  }

  private static String shortened(String words, int most) {
    return words.length() <= most ? words : words.substring(0, most - 1) + "…";
  }

  private Optional<Shape> shape(String scope) {
    return Optional.ofNullable(shapes.get(scope));
  }

  private String title(Choice choice) {
    return catalogue.block(choice.id()).title();
  }

  private static String knobs(Choice choice) {
    return choice.setting().values().isEmpty()
        ? ""
        : choice.setting().values().entrySet().stream()
            .map(entry -> entry.getKey().replace('_', ' ') + " " + entry.getValue())
            .collect(Collectors.joining(", ", " (", ")"));
  }

  private String hue(Choice choice) {
    String family = catalogue.block(choice.id()).family();
    return HUES[Math.floorMod(family.hashCode(), HUES.length)];
  }

  private static String escaped(String words) {
    return words.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }
}
