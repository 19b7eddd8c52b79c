package blockfront.search.space;

import blockfront.blocks.network.Architecture;
import blockfront.blocks.network.Layer;
import blockfront.blocks.network.Stage;
import blockfront.blocks.spi.Choice;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What tells networks apart, by name: choices and sizes as a person would list them. Two networks
 * are the likelier to behave alike the more of them are equal.
 *
 * <p>Runs of layers are named by quarters of the network's depth, so that networks of different
 * depths can be compared.
 */
public final class ArchitectureFeatures {

  private static final int QUARTERS = 4;

  private ArchitectureFeatures() {}

  /** Texts and numbers (as {@link Double}), in the order in which a person reads them. */
  public static SequencedMap<String, Object> of(Architecture architecture) {
    var features = new LinkedHashMap<String, Object>();
    List<Stage> stages = architecture.stages();
    features.put("layout", layout(stages));
    put(features, "stem", architecture.stem());
    put(features, "position", architecture.position());
    features.put("width", (double) stages.getFirst().width());
    features.put("widening", (double) stages.getLast().width() / stages.getFirst().width());
    features.put("depth", (double) architecture.depth());
    features.put("stages", (double) stages.size());
    put(features, "head", architecture.head());
    List<Layer> layers = stages.stream().flatMap(stage -> stage.layers().stream()).toList();
    features.put("norm", layers.getFirst().norm().id());
    features.put("wrapper", layers.getFirst().wrapper().id());
    features.put("layer scale", layers.getFirst().layerScale());
    for (int quarter = 0; quarter < QUARTERS; quarter++) {
      Layer layer = layers.get(quarter * layers.size() / QUARTERS);
      String name = " " + (quarter + 1);
      layer.mixer().ifPresent(mixer -> put(features, "mixer" + name, mixer));
      layer.channel().ifPresent(channel -> put(features, "channels" + name, channel));
    }
    return features;
  }

  /** How many features two networks have alike, as a share of all that either has. */
  public static double likeness(Architecture one, Architecture other) {
    return likeness(one, of(other));
  }

  /** As {@link #likeness(Architecture, Architecture)}, of the features of the other. */
  static double likeness(Architecture one, Map<String, Object> yours) {
    Map<String, Object> mine = of(one);
    var names = new ArrayList<>(mine.keySet());
    yours.keySet().stream().filter(name -> !mine.containsKey(name)).forEach(names::add);
    double alike = 0;
    for (String name : names) {
      alike += alike(mine.getOrDefault(name, ""), yours.getOrDefault(name, ""));
    }
    return alike / names.size();
  }

  private static double alike(Object one, Object other) {
    if (one instanceof Double mine && other instanceof Double yours && mine > 0 && yours > 0) {
      // numbers by their ratio, so that the nearest wins where none is equal
      return Math.min(mine, yours) / Math.max(mine, yours);
    }
    return one.equals(other) ? 1 : 0;
  }

  private static String layout(List<Stage> stages) {
    return stages.stream()
        .map(stage -> text(stage.layout()))
        .distinct()
        .collect(Collectors.joining(", "));
  }

  private static String text(Choice choice) {
    return choice.setting().values().isEmpty()
        ? choice.id()
        : choice.id() + new TreeMap<>(choice.setting().values());
  }

  private static void put(Map<String, Object> features, String name, Choice choice) {
    features.put(name, choice.id());
    choice
        .setting()
        .values()
        .forEach(
            (knob, value) ->
                features.put(
                    "%s %s.%s".formatted(name, choice.id(), knob),
                    value instanceof Number number ? (Object) number.doubleValue() : value + ""));
  }
}
