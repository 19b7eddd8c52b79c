package blockfront.blocks.network;

import blockfront.blocks.catalogue.Catalogue;
import blockfront.blocks.graph.Op;
import blockfront.blocks.graph.Scope;
import blockfront.blocks.graph.Shape;
import blockfront.blocks.graph.Sharing;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.spi.Block;
import blockfront.blocks.spi.Choice;
import blockfront.blocks.spi.Depth;
import blockfront.blocks.spi.Downsampling;
import blockfront.blocks.spi.Head;
import blockfront.blocks.spi.Knob;
import blockfront.blocks.spi.Layout;
import blockfront.blocks.spi.Norm;
import blockfront.blocks.spi.Position;
import blockfront.blocks.spi.Setting;
import blockfront.blocks.spi.Stem;
import blockfront.blocks.spi.Wrapper;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/** Puts the blocks of an architecture one after another, each in the scope it is named by. */
final class Description {

  private final Architecture architecture;
  private final Catalogue catalogue;
  private final Regularisation regularisation;

  Description(Architecture architecture, Catalogue catalogue, Regularisation regularisation) {
    this.architecture = architecture;
    this.catalogue = catalogue;
    this.regularisation = regularisation;
  }

  Tensor of(Tensor input) {
    Tensor embedded = part("stem", () -> embed(input));
    Tensor prepared = part("head", () -> prepare(embedded));
    Tensor x = part("position", () -> locate(prepared));
    int layer = 0;
    for (int i = 0; i < architecture.stages().size(); i++) {
      Stage stage = architecture.stages().get(i);
      int first = layer;
      Tensor before = x;
      x = Scope.in("stages." + i, () -> stage(before, stage, first));
      layer += stage.layers().size();
    }
    Tensor last = x;
    Optional<Tensor> table = table(embedded, input);
    return part("head", () -> read(last, "norm", table));
  }

  /** The answers after every layer, each with a head of its own. */
  List<Tensor> exits(Tensor image) {
    Tensor embedded = part("stem", () -> embed(image));
    Optional<Tensor> table = table(embedded, image);
    Tensor prepared = part("head", () -> prepare(embedded));
    Tensor x = part("position", () -> locate(prepared));
    var exits = new ArrayList<Tensor>();
    int layer = 0;
    for (int i = 0; i < architecture.stages().size(); i++) {
      Stage stage = architecture.stages().get(i);
      Tensor before = x;
      x =
          Scope.in(
              "stages." + i,
              () ->
                  stage
                      .downsampling()
                      .map(choice -> part("down", () -> reduce(before, choice, stage.width())))
                      .orElse(before));
      int first = layer;
      var layers = Scope.in("stages." + i, () -> new StageLayers(stage, first));
      for (int j = 0; j < stage.layers().size(); j++) {
        int index = j;
        Tensor in = x;
        x = Scope.in("stages." + i, () -> layers.apply(index, in));
        Tensor out = x;
        exits.add(
            part("exits." + layer, () -> read(out, "exits." + exits.size() + ".norm", table)));
        layer++;
      }
    }
    return exits;
  }

  private Tensor embed(Tensor input) {
    Stem stem = catalogue.stem(architecture.stem().id());
    int width = architecture.stages().getFirst().width();
    Setting setting = setting(stem, architecture.stem());
    return architecture.task().sequence().orElse(null)
            instanceof Sequence.Tokens(int _, int vocabulary)
        ? stem.embed(input, vocabulary, width, setting)
        : stem.embed(input, width, setting);
  }

  /** The table that tokens were looked up in, if they were. */
  private static Optional<Tensor> table(Tensor embedded, Tensor tokens) {
    return embedded.inOrder().stream()
        .filter(each -> each.op() instanceof Op.Lookup && each.operand(1) == tokens)
        .map(each -> each.operand(0))
        .findFirst();
  }

  private Tensor prepare(Tensor x) {
    Head head = catalogue.head(architecture.head().id());
    return head.prepare(x, setting(head, architecture.head()));
  }

  private Tensor locate(Tensor x) {
    Position position = catalogue.position(architecture.position().id());
    return position.locate(x, setting(position, architecture.position()));
  }

  private Tensor stage(Tensor x, Stage stage, int firstLayer) {
    Tensor y =
        stage
            .downsampling()
            .map(choice -> part("down", () -> reduce(x, choice, stage.width())))
            .orElse(x);
    Tensor start = y;
    Layout layout = placed(() -> catalogue.layout(stage.layout().id()));
    Setting setting = placed(() -> setting(layout, stage.layout()));
    return placed(() -> layout.arrange(start, new StageLayers(stage, firstLayer), setting));
  }

  /** The layers of a stage, each with parameters of its own, however often it is applied. */
  private final class StageLayers implements Layout.Layers {
    private final Stage stage;
    private final int first;
    private final List<Sharing> sharings;
    private final Depth.Stage depth;

    StageLayers(Stage stage, int first) {
      this.stage = stage;
      this.first = first;
      this.sharings = stage.layers().stream().map(_ -> new Sharing()).toList();
      this.depth = Depth.stage(stage.layers().size());
    }

    @Override
    public int count() {
      return stage.layers().size();
    }

    @Override
    public Tensor apply(int layer, Tensor x) {
      double dropPath = regularisation.dropPath(first + layer, architecture.depth());
      return sharings
          .get(layer)
          .pass(
              () ->
                  Scope.in(
                      "blocks." + layer,
                      () ->
                          depth.layer(
                              layer,
                              () ->
                                  Description.this.layer(x, stage.layers().get(layer), dropPath))));
    }
  }

  private Tensor reduce(Tensor x, Choice choice, int width) {
    Downsampling downsampling = catalogue.downsampling(choice.id());
    return downsampling.reduce(x, width, setting(downsampling, choice));
  }

  private Tensor layer(Tensor x, Layer layer, double dropPath) {
    Wrapper wrapper = placed(() -> catalogue.wrapper(layer.wrapper().id()));
    Setting setting = placed(() -> setting(wrapper, layer.wrapper()));
    return wrapper.wrap(
        x,
        new LayerParts(
            catalogue, layer, architecture.position(), dropPath, architecture.task().causal()),
        setting);
  }

  private Tensor read(Tensor x, String normScope, Optional<Tensor> table) {
    Head head = catalogue.head(architecture.head().id());
    Norm norm = catalogue.norm(architecture.norm().id());
    Setting normSetting = setting(norm, architecture.norm());
    Setting setting = setting(head, architecture.head());
    UnaryOperator<Tensor> normalised =
        tokens -> Scope.at(normScope, () -> norm.normalise(tokens, normSetting));
    int answers = architecture.classes();
    Tensor logits =
        table
            .map(known -> head.read(x, normalised, answers, known, setting))
            .orElseGet(() -> head.read(x, normalised, answers, setting));
    Shape wanted = architecture.task().output();
    if (!logits.shape().equals(wanted)) {
      throw new IllegalArgumentException(
          "Head '%s' answers %s where the task wants %s"
              .formatted(head.id(), logits.shape(), wanted));
    }
    return logits;
  }

  /** Describes one block in its scope; what goes wrong names the place. */
  static <T> T part(String name, Supplier<T> description) {
    return Scope.in(name, () -> placed(description));
  }

  private static <T> T placed(Supplier<T> description) {
    try {
      return description.get();
    } catch (PlacedException placed) {
      throw placed;
    } catch (IllegalArgumentException wrong) {
      throw new PlacedException(Scope.path() + ": " + wrong.getMessage(), wrong);
    }
  }

  /** Already says where. */
  private static final class PlacedException extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    PlacedException(String message, Throwable cause) {
      super(message, cause);
    }
  }

  private Setting setting(Block block, Choice choice) {
    return setting(block, choice, architecture.task().causal());
  }

  /**
   * The setting of a choice, once it is sure that the block has these knobs.
   *
   * @param causal whether no token may see later ones: a block that can be kept from it is
   * @throws IllegalArgumentException if it cannot
   */
  static Setting setting(Block block, Choice choice, boolean causal) {
    Setting setting;
    try {
      setting = Setting.of(block.knobs(), choice.setting().values());
    } catch (IllegalArgumentException wrong) {
      throw new IllegalArgumentException(
          "Block '%s': %s".formatted(block.id(), wrong.getMessage()), wrong);
    }
    if (!causal) {
      return setting;
    }
    return switch (block.traits().causality()) {
      case ALWAYS, INHERITED -> setting;
      case OPTIONAL -> setting.with(Knob.CAUSAL, true);
      case NEVER ->
          throw new IllegalArgumentException(
              "Block '%s' lets tokens see later ones, which the task forbids"
                  .formatted(block.id()));
    };
  }
}
