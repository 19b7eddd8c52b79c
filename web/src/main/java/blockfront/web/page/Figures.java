package blockfront.web.page;

import java.math.BigInteger;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.stream.Collectors;

/** Numbers as people read them. */
public final class Figures {

  private static final String[] PREFIXES = {"", "k", "M", "G", "T", "P", "E"};
  private static final String[] JOULES = {"pJ", "nJ", "µJ", "mJ", "J"};
  private static final DateTimeFormatter MINUTE =
      DateTimeFormatter.ofPattern("d MMM yyyy, HH:mm", Locale.ENGLISH)
          .withZone(ZoneId.systemDefault());

  private Figures() {}

  /** {@code 0.98765} as {@code 98.77 %}. */
  public static String percent(double share) {
    return String.format(Locale.ROOT, "%.2f %%", 100 * share);
  }

  /** Three digits and a decimal prefix: {@code 12.3 M}. */
  public static String count(long number) {
    double rest = (double) number;
    int prefix = 0;
    while (rest >= 999.5 && prefix < PREFIXES.length - 1) {
      rest /= 1000;
      prefix++;
    }
    int decimals = prefix == 0 || rest >= 99.95 ? 0 : rest >= 9.995 ? 1 : 2;
    return String.format(Locale.ROOT, "%." + decimals + "f", rest)
        + (prefix == 0 ? "" : " " + PREFIXES[prefix]);
  }

  /** FLOPs of so many multiply-adds. */
  public static String flops(long multiplyAdds) {
    String text = count(Math.multiplyExact(2, multiplyAdds));
    return text + (text.contains(" ") ? "FLOPs" : " FLOPs");
  }

  /** {@code 12.3 kB}. */
  public static String bytes(long number) {
    String text = count(number);
    return text + (text.contains(" ") ? "B" : " B");
  }

  /** {@code 12.3 nJ}. */
  public static String energy(double picojoules) {
    double rest = picojoules;
    int unit = 0;
    while (rest >= 999.5 && unit < JOULES.length - 1) {
      rest /= 1000;
      unit++;
    }
    return String.format(Locale.ROOT, "%.3g %s", rest, JOULES[unit]);
  }

  /** All digits, in groups. */
  public static String exact(long number) {
    return String.format(Locale.ROOT, "%,d", number);
  }

  /** {@code 3.2 × 10¹²}, small numbers as they are. */
  public static String power(BigInteger number) {
    String digits = number.toString();
    return digits.length() <= 6
        ? exact(number.longValueExact())
        : "%s.%s × 10%s".formatted(digits.charAt(0), digits.charAt(1), raised(digits.length() - 1));
  }

  private static String raised(int exponent) {
    return String.valueOf(exponent)
        .chars()
        .mapToObj(digit -> "⁰¹²³⁴⁵⁶⁷⁸⁹".substring(digit - '0', digit - '0' + 1))
        .collect(Collectors.joining());
  }

  /** {@code 1 h 02 min}, {@code 3 min 04 s} or {@code 7.5 s}. */
  public static String duration(Duration duration) {
    if (duration.toHours() > 0) {
      return "%d h %02d min".formatted(duration.toHours(), duration.toMinutesPart());
    }
    if (duration.toMinutes() > 0) {
      return "%d min %02d s".formatted(duration.toMinutes(), duration.toSecondsPart());
    }
    return String.format(Locale.ROOT, "%.0f s", duration.toMillis() / 1000.0);
  }

  public static String millis(double millis) {
    return String.format(Locale.ROOT, millis < 10 ? "%.2f ms" : "%.0f ms", millis);
  }

  public static String seconds(double seconds) {
    return seconds < 10
        ? String.format(Locale.ROOT, "%.1f s", seconds)
        : duration(Duration.ofMillis(Math.round(seconds * 1000)));
  }

  public static String minute(Instant instant) {
    return MINUTE.format(instant);
  }
}
