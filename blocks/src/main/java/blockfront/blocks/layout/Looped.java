package blockfront.blocks.layout;

import blockfront.blocks.graph.Scope;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.spi.Knob;
import blockfront.blocks.spi.Layout;
import blockfront.blocks.spi.Setting;
import blockfront.blocks.spi.Source;
import blockfront.blocks.spi.Traits;
import com.google.auto.service.AutoService;
import java.util.List;

/** Layers between the first and the last, several times with the same parameters. */
@AutoService(Layout.class)
public final class Looped implements Layout {

  public static final Knob<Integer> LOOPS =
      Knob.integer("loops", "how often the looped layers are applied", 2, 1, 350, 1, 2, 4, 8);
  public static final Knob<String> INJECTION =
      Knob.option("injection", "how the input enters each loop again", "none", "add", "multiply");
  public static final Knob<Integer> BEFORE =
      Knob.integer("before", "layers before the loop", 0, 0, 48, 0, 1);
  public static final Knob<Integer> AFTER =
      Knob.integer("after", "layers after the loop", 0, 0, 48, 0, 1);
  public static final Knob<Integer> ANSWERING =
      Knob.integer("answering", "loops when trained; 0 for as many as in training", 0, 0, 350, 0);

  @Override
  public String id() {
    return "looped";
  }

  @Override
  public String title() {
    return "Looped";
  }

  @Override
  public String summary() {
    return "Some layers before, some after, and those between several times with the same "
        + "parameters: depth without size. The input may be added again before every loop.";
  }

  @Override
  public String family() {
    return "Layout";
  }

  @Override
  public Source source() {
    return new Source(
        "On the Expressive Power of a Variant of the Looped Transformer",
        "Gao et al.",
        2024,
        "https://arxiv.org/abs/2402.13572");
  }

  @Override
  public Traits traits() {
    return new Traits(
        Traits.Mixing.NONE, Traits.Causality.INHERITED, Traits.Layout.BOTH, "O(N)", true, false);
  }

  @Override
  public List<Knob<?>> knobs() {
    return List.of(LOOPS, INJECTION, BEFORE, AFTER, ANSWERING);
  }

  @Override
  public Tensor arrange(Tensor x, Layers layers, Setting setting) {
    int before = Math.min(setting.of(BEFORE), layers.count() - 1);
    int after = Math.min(setting.of(AFTER), layers.count() - 1 - before);
    if (before != setting.of(BEFORE) || after != setting.of(AFTER)) {
      Scope.repaired(
          "%d layers before and %d after leave none of %d to loop; used %d and %d"
              .formatted(setting.of(BEFORE), setting.of(AFTER), layers.count(), before, after));
    }
    Tensor start = applied(x, layers, 0, before);
    Tensor looped = start;
    for (int loop = 0; loop < loops(setting); loop++) {
      // with nothing gone before, adding it to 0 or multiplying 1 by it gives the input itself
      Tensor in =
          loop == 0
              ? start
              : switch (setting.of(INJECTION)) {
                case "add" -> looped.plus(start);
                case "multiply" -> looped.times(start);
                default -> looped;
              };
      looped = applied(in, layers, before, layers.count() - after);
    }
    return applied(looped, layers, layers.count() - after, layers.count());
  }

  private static int loops(Setting setting) {
    boolean trained = Scope.training() || setting.of(ANSWERING) == 0;
    return trained ? setting.of(LOOPS) : setting.of(ANSWERING);
  }

  private static Tensor applied(Tensor x, Layers layers, int from, int to) {
    Tensor y = x;
    for (int i = from; i < to; i++) {
      y = layers.apply(i, y);
    }
    return y;
  }
}
