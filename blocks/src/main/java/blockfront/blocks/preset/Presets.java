package blockfront.blocks.preset;

import blockfront.blocks.network.Architecture;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SequencedMap;

/**
 * Published networks, as their papers have them: 224x224 images and 1000 classes unless the paper
 * has others.
 *
 * <p>A name is that of the paper in lower case, with every run of other characters as one '_'.
 */
public final class Presets {

  private static final SequencedMap<String, Architecture> BY_NAME = all();

  private Presets() {}

  /** All names, families together. */
  public static List<String> names() {
    return List.copyOf(BY_NAME.keySet());
  }

  /**
   * The network of a name; the paper's own spelling will do, as {@code DeiT-tiny}.
   *
   * @throws IllegalArgumentException if there is none, naming those there are
   */
  public static Architecture byName(String name) {
    return Optional.ofNullable(BY_NAME.get(name))
        .or(
            () ->
                BY_NAME.entrySet().stream()
                    .filter(entry -> plain(entry.getKey()).equals(plain(name)))
                    .map(entry -> entry.getValue())
                    .findFirst())
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "No published network '%s'; known are %s".formatted(name, names())));
  }

  private static String plain(String name) {
    return name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "_").replaceAll("_$", "");
  }

  private static SequencedMap<String, Architecture> all() {
    var networks = new LinkedHashMap<String, Architecture>();
    networks.putAll(Transformers.all());
    networks.putAll(MetaFormers.all());
    networks.putAll(Windowed.all());
    networks.putAll(Convolutional.all());
    networks.putAll(Spectral.all());
    networks.putAll(Perceptrons.all());
    networks.putAll(LinearAttentions.all());
    networks.putAll(Spiking.all());
    return Collections.unmodifiableSequencedMap(networks);
  }
}
