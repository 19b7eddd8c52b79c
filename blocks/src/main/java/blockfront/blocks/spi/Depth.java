package blockfront.blocks.spi;

import blockfront.blocks.graph.Scope;
import blockfront.blocks.graph.Tensor;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Which layer of its stage is being described, for blocks that differ from layer to layer.
 *
 * <p>A block that is described alone is the only layer. Owned by the thread that describes.
 */
public final class Depth {

  private static final ScopedValue<Depth> CURRENT = ScopedValue.newInstance();

  private final int layer;
  private final int layers;
  private final String stage;
  private final Map<String, Tensor> shared;

  private Depth(int layer, int layers, String stage, Map<String, Tensor> shared) {
    this.layer = layer;
    this.layers = layers;
    this.stage = stage;
    this.shared = shared;
  }

  /** Of the layer that is being described. */
  public static Depth current() {
    return CURRENT.isBound() ? CURRENT.get() : new Depth(0, 1, Scope.path(), new HashMap<>());
  }

  /** From 0. */
  public int layer() {
    return layer;
  }

  /** How many the stage has. */
  public int layers() {
    return layers;
  }

  /**
   * What all layers of the stage have in common, described by the first that asks, in a scope of
   * that name beside the layers.
   */
  public Tensor shared(String name, Supplier<Tensor> description) {
    Tensor known = shared.get(name);
    if (known == null) {
      known = Scope.at(stage.isEmpty() ? name : stage + "." + name, description);
      shared.put(name, known);
    }
    return known;
  }

  /** A stage of so many layers, in the scope that is open. */
  public static Stage stage(int layers) {
    return new Stage(layers, Scope.path(), new HashMap<>());
  }

  /** Where layers are described. */
  public static final class Stage {
    private final int layers;
    private final String path;
    private final Map<String, Tensor> shared;

    private Stage(int layers, String path, Map<String, Tensor> shared) {
      this.layers = layers;
      this.path = path;
      this.shared = shared;
    }

    /** Describes one layer, from 0. */
    public <T> T layer(int layer, Supplier<T> description) {
      var depth = new Depth(layer, layers, path, shared);
      return ScopedValue.where(CURRENT, depth).call(description::get);
    }
  }
}
