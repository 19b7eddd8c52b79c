package blockfront.blocks.spi;

import java.util.Arrays;
import java.util.List;

/**
 * One thing about a block that can be set.
 *
 * @param name stable for ever: stored architectures refer to it; lower case, words joined by '_'
 * @param meaning one line for the page, units included
 * @param type of the values: {@link Integer}, {@link Double}, {@link Boolean} or {@link String}
 * @param standard the value when nothing is said; changing it would change stored networks
 * @param choices what a search tries, in order; the standard alone if it is not searched
 * @param bounds the least and the greatest value allowed, or empty: then only the choices are
 */
public record Knob<T extends Comparable<T>>(
    String name, String meaning, Class<T> type, T standard, List<T> choices, List<T> bounds) {

  /** Of blocks that can, but need not, keep tokens from later ones; causal tasks set it. */
  public static final Knob<Boolean> CAUSAL =
      flag("causal", "whether a token sees only itself and earlier ones", false);

  public Knob {
    choices = List.copyOf(choices);
    bounds = List.copyOf(bounds);
    if (!choices.contains(standard)) {
      throw new IllegalArgumentException(
          "Knob '%s' has the standard %s, which is not among its choices %s"
              .formatted(name, standard, choices));
    }
  }

  /** A whole number between two bounds, of which a search tries some. */
  public static Knob<Integer> integer(
      String name, String meaning, int standard, int least, int greatest, Integer... choices) {
    return new Knob<>(
        name, meaning, Integer.class, standard, List.of(choices), List.of(least, greatest));
  }

  /** A number between two bounds, of which a search tries some. */
  public static Knob<Double> decimal(
      String name,
      String meaning,
      double standard,
      double least,
      double greatest,
      Double... choices) {
    return new Knob<>(
        name, meaning, Double.class, standard, List.of(choices), List.of(least, greatest));
  }

  /** A switch that a search leaves alone. */
  public static Knob<Boolean> flag(String name, String meaning, boolean standard) {
    return new Knob<>(
        name, meaning, Boolean.class, standard, List.of(standard), List.of(false, true));
  }

  /** One of some words, all tried by a search; the first is the standard. */
  public static Knob<String> option(String name, String meaning, String... choices) {
    return new Knob<>(name, meaning, String.class, choices[0], Arrays.asList(choices), List.of());
  }

  /** Whether the values have an order that neighbouring moves can use. */
  public boolean ordinal() {
    return type == Integer.class || type == Double.class;
  }

  /**
   * The value as this knob's type.
   *
   * @throws IllegalArgumentException if it is of another type or not allowed
   */
  public T check(Object value) {
    Object fitting =
        type == Double.class && value instanceof Integer whole
            ? (Object) whole.doubleValue()
            : value;
    if (type.isInstance(fitting)) {
      T typed = type.cast(fitting);
      boolean allowed =
          bounds.isEmpty()
              ? choices.contains(typed)
              : typed.compareTo(bounds.getFirst()) >= 0 && typed.compareTo(bounds.getLast()) <= 0;
      if (allowed) {
        return typed;
      }
    }
    throw new IllegalArgumentException(
        "Knob '%s' is %s, expected %s".formatted(name, value, allowed()));
  }

  /** What may be set, in words. */
  public String allowed() {
    return bounds.isEmpty() || type == Boolean.class
        ? "one of " + (bounds.isEmpty() ? choices : bounds)
        : "%s from %s to %s"
            .formatted(
                type == Integer.class ? "a whole number" : "a number",
                bounds.getFirst(),
                bounds.getLast());
  }
}
