package blockfront.search.space;

import blockfront.blocks.catalogue.Catalogue;
import blockfront.blocks.spi.Block;
import blockfront.blocks.spi.Choice;
import blockfront.blocks.spi.Knob;
import blockfront.blocks.spi.Role;
import blockfront.blocks.spi.Setting;
import blockfront.search.space.Blueprint.Segment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Blueprints on one line: {@code layout|stem|width|depths|segments}, then what is not plain as
 * {@code key=value}, in one order.
 *
 * <p>A segment is {@code mixer+channels+norm}, segments are joined by ';'; a block is its id and,
 * in parentheses, the knobs that are set: {@code
 * isotropic|patch_embed(patch=4)|64|4|softmax_mha(head_dim=16)+mlp+layer_norm|rho=3:1}. Reading
 * undoes writing and the other way round.
 */
public final class BlueprintText {

  private static final String ABSENT = "-";
  private static final List<String> KEYS =
      List.of(
          "mult", "pos", "down", "head", "rho", "place", "alpha", "pre", "T", "f", "gate", "reduce",
          "scale");

  /** The mixers that letters of a MetaFormer string stand for. */
  private static final Map<Character, String> LETTERS =
      Map.of(
          'i', "identity_mixer",
          'p', "pool_mixer",
          'f', "spatial_fc",
          'c', "dwconv",
          's', "gfnet_filter",
          'a', "softmax_mha");

  private BlueprintText() {}

  /** The one text of a blueprint. */
  public static String write(Blueprint blueprint) {
    var parts = new ArrayList<String>();
    parts.add(blueprint.layout());
    parts.add(choice(blueprint.stem()));
    parts.add(String.valueOf(blueprint.width()));
    parts.add(blueprint.depths().stream().map(String::valueOf).collect(Collectors.joining(",")));
    parts.add(
        blueprint.segments().stream().map(BlueprintText::segment).collect(Collectors.joining(";")));
    Map<String, String> plain = values(plain(blueprint));
    values(blueprint)
        .forEach(
            (key, value) -> {
              if (!value.equals(plain.get(key))) {
                parts.add(key + "=" + value);
              }
            });
    return String.join("|", parts);
  }

  /**
   * Reads what {@link #write} wrote, or a MetaFormer string: {@code pppa} is a pyramid of four
   * stages, other lengths one letter a layer.
   *
   * @throws IllegalArgumentException if it is neither, saying why
   */
  public static Blueprint read(String text, Catalogue catalogue) {
    if (text.matches("[ipfcsa]+")) {
      return letters(text);
    }
    String[] parts = text.split("\\|", -1);
    if (parts.length < 5) {
      throw new IllegalArgumentException(
          "Blueprint '%s' is not layout|stem|width|depths|segments".formatted(text));
    }
    Blueprint plain =
        Blueprint.of(
            parts[0],
            choice(parts[1], catalogue, Role.STEM),
            whole("width", parts[2]),
            Arrays.stream(parts[3].split(",")).map(depth -> whole("depth", depth)).toList(),
            Arrays.stream(parts[4].split(";"))
                .map(segment -> segment(segment, catalogue))
                .toList());
    var given = new LinkedHashMap<String, String>();
    for (int i = 5; i < parts.length; i++) {
      String[] pair = parts[i].split("=", 2);
      if (pair.length < 2 || !KEYS.contains(pair[0])) {
        throw new IllegalArgumentException(
            "Blueprint has '%s'; known are %s".formatted(parts[i], KEYS));
      }
      if (given.put(pair[0], pair[1]) != null) {
        throw new IllegalArgumentException("Blueprint says '%s' twice".formatted(pair[0]));
      }
    }
    return with(plain, given, catalogue);
  }

  private static Blueprint with(Blueprint plain, Map<String, String> given, Catalogue catalogue) {
    Map<String, String> values = values(plain);
    values.putAll(given);
    return new Blueprint(
        plain.layout(),
        plain.stem(),
        plain.width(),
        Blueprint.multipliers(values.getOrDefault("mult", "")),
        plain.depths(),
        plain.segments(),
        choice(values.getOrDefault("pos", ""), catalogue, Role.POSITION),
        choice(values.getOrDefault("down", ""), catalogue, Role.DOWNSAMPLING),
        choice(values.getOrDefault("head", ""), catalogue, Role.HEAD),
        known("rho", MacroGenes.RATIOS, values),
        known("place", MacroGenes.PLACEMENTS, values),
        whole("alpha", values.getOrDefault("alpha", "")),
        choice(values.getOrDefault("pre", ""), catalogue, Role.TOKEN_MIXER),
        whole("T", values.getOrDefault("T", "")),
        whole("f", values.getOrDefault("f", "")),
        known("gate", MacroGenes.GATES, values),
        known("reduce", MacroGenes.REDUCTIONS, values),
        number("scale", values.getOrDefault("scale", "")));
  }

  private static Blueprint plain(Blueprint blueprint) {
    return Blueprint.of(
        blueprint.layout(),
        blueprint.stem(),
        blueprint.width(),
        blueprint.depths(),
        blueprint.segments());
  }

  /** What keys stand for, in their order. */
  private static Map<String, String> values(Blueprint blueprint) {
    var values = new LinkedHashMap<String, String>();
    values.put(
        "mult",
        blueprint.multipliers().stream()
            .map(each -> each == Math.rint(each) ? String.valueOf(each.intValue()) : each + "")
            .collect(Collectors.joining(",")));
    values.put("pos", choice(blueprint.position()));
    values.put("down", choice(blueprint.downsampling()));
    values.put("head", choice(blueprint.head()));
    values.put("rho", blueprint.ratio());
    values.put("place", blueprint.placement());
    values.put("alpha", String.valueOf(blueprint.prefix()));
    values.put("pre", choice(blueprint.prefixMixer()));
    values.put("T", String.valueOf(blueprint.loops()));
    values.put("f", String.valueOf(blueprint.recursions()));
    values.put("gate", blueprint.gate());
    values.put("reduce", blueprint.reduction());
    values.put("scale", String.valueOf(blueprint.layerScale()));
    return values;
  }

  private static Blueprint letters(String text) {
    List<Segment> segments =
        text.chars()
            .mapToObj(letter -> LETTERS.getOrDefault((char) letter, "identity_mixer"))
            .map(
                id ->
                    new Segment(
                        Choice.of(id), Optional.of(Choice.of("mlp")), Choice.of("group_norm")))
            .toList();
    boolean pyramid = text.length() == 4;
    Blueprint plain =
        pyramid
            ? Blueprint.of("pyramid", Choice.of("conv7_stem"), 64, List.of(2, 2, 6, 2), segments)
            : Blueprint.of(
                "isotropic",
                Choice.of("patch_embed"),
                192,
                Collections.singletonList(text.length()),
                segments);
    return new Blueprint(
        plain.layout(),
        plain.stem(),
        plain.width(),
        pyramid ? Blueprint.multipliers("1,2,5,8") : plain.multipliers(),
        plain.depths(),
        plain.segments(),
        pyramid ? Choice.of("no_position") : plain.position(),
        pyramid ? Choice.of("conv3_down") : plain.downsampling(),
        plain.head(),
        plain.ratio(),
        plain.placement(),
        plain.prefix(),
        plain.prefixMixer(),
        plain.loops(),
        plain.recursions(),
        plain.gate(),
        plain.reduction(),
        1e-5);
  }

  private static String segment(Segment segment) {
    return "%s+%s+%s"
        .formatted(
            choice(segment.mixer()),
            segment.channel().map(BlueprintText::choice).orElse(ABSENT),
            choice(segment.norm()));
  }

  private static Segment segment(String text, Catalogue catalogue) {
    String[] parts = text.split("\\+", -1);
    if (parts.length != 3) {
      throw new IllegalArgumentException("Segment '%s' is not mixer+channels+norm".formatted(text));
    }
    return new Segment(
        choice(parts[0], catalogue, Role.TOKEN_MIXER),
        parts[1].equals(ABSENT)
            ? Optional.empty()
            : Optional.of(choice(parts[1], catalogue, Role.CHANNEL_MIXER)),
        choice(parts[2], catalogue, Role.NORM));
  }

  private static String choice(Choice choice) {
    if (choice.setting().values().isEmpty()) {
      return choice.id();
    }
    return choice.setting().values().entrySet().stream()
        .map(entry -> entry.getKey() + "=" + entry.getValue())
        .collect(Collectors.joining(",", choice.id() + "(", ")"));
  }

  private static Choice choice(String text, Catalogue catalogue, Role role) {
    int open = text.indexOf('(');
    String id = open < 0 ? text : text.substring(0, open);
    Block block =
        catalogue.all(role).stream()
            .filter(each -> each.id().equals(id))
            .findFirst()
            .orElseThrow(
                () -> new IllegalArgumentException("No %s '%s'".formatted(role.text(), id)));
    var values = new TreeMap<String, Object>();
    if (open >= 0) {
      if (!text.endsWith(")")) {
        throw new IllegalArgumentException("Block '%s' has no closing ')'".formatted(text));
      }
      for (String pair : text.substring(open + 1, text.length() - 1).split(",", -1)) {
        String[] both = pair.split("=", 2);
        if (both.length < 2) {
          throw new IllegalArgumentException("Block '%s' has '%s'".formatted(id, pair));
        }
        values.put(both[0], value(block, both[0], both[1]));
      }
    }
    return new Choice(id, Setting.of(block.knobs(), values));
  }

  private static Object value(Block block, String name, String text) {
    Class<?> type =
        block.knobs().stream()
            .filter(knob -> knob.name().equals(name))
            .findFirst()
            .<Class<?>>map(Knob::type)
            .orElse(String.class);
    if (type == Integer.class) {
      return whole(name, text);
    }
    if (type == Double.class) {
      return number(name, text);
    }
    return type == Boolean.class ? (Object) Boolean.valueOf(text) : text;
  }

  private static int whole(String what, String text) {
    if (!text.matches("[0-9]{1,9}")) {
      throw new IllegalArgumentException(
          "Blueprint needs a whole number for '%s', got '%s'".formatted(what, text));
    }
    return Integer.parseInt(text);
  }

  private static double number(String what, String text) {
    if (!text.matches("-?[0-9]+(\\.[0-9]+)?(E-?[0-9]+)?")) {
      throw new IllegalArgumentException(
          "Blueprint needs a number for '%s', got '%s'".formatted(what, text));
    }
    return Double.parseDouble(text);
  }

  private static String known(String key, List<String> known, Map<String, String> values) {
    String value = values.getOrDefault(key, "");
    if (!known.contains(value)) {
      throw new IllegalArgumentException(
          "Blueprint has %s=%s; known are %s".formatted(key, value, known));
    }
    return value;
  }
}
