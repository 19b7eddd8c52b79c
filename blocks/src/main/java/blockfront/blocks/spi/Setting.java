package blockfront.blocks.spi;

import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * How the knobs of one block are set; what is not named has its standard.
 *
 * @param values the values that differ from the standard, by the name of the knob
 */
public record Setting(SortedMap<String, Object> values) {

  public static final Setting STANDARD = new Setting(new TreeMap<>());

  public Setting {
    values = Collections.unmodifiableSortedMap(new TreeMap<>(values));
  }

  /** The value of a knob. */
  public <T extends Comparable<T>> T of(Knob<T> knob) {
    Object value = values.get(knob.name());
    return value == null ? knob.standard() : knob.check(value);
  }

  /** This setting with one knob set; the standard leaves no trace. */
  public <T extends Comparable<T>> Setting with(Knob<T> knob, T value) {
    var changed = new TreeMap<>(values);
    if (value.equals(knob.standard())) {
      changed.remove(knob.name());
    } else {
      changed.put(knob.name(), knob.check(value));
    }
    return new Setting(changed);
  }

  /**
   * The canonical form of values that somebody wrote: checked, standards left out.
   *
   * @throws IllegalArgumentException if a name is unknown or a value not allowed
   */
  public static Setting of(List<Knob<?>> knobs, SortedMap<String, ?> values) {
    Setting setting = STANDARD;
    for (var entry : values.entrySet()) {
      Knob<?> knob =
          knobs.stream()
              .filter(candidate -> candidate.name().equals(entry.getKey()))
              .findFirst()
              .orElseThrow(
                  () ->
                      new IllegalArgumentException(
                          "No knob '%s'; known are %s"
                              .formatted(entry.getKey(), knobs.stream().map(Knob::name).toList())));
      setting = setting.withChecked(knob, entry.getValue());
    }
    return setting;
  }

  private <T extends Comparable<T>> Setting withChecked(Knob<T> knob, Object value) {
    return with(knob, knob.check(value));
  }
}
