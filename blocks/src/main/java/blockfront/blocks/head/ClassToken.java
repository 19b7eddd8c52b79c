package blockfront.blocks.head;

import blockfront.blocks.graph.Init;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.spi.Head;
import blockfront.blocks.spi.Knob;
import blockfront.blocks.spi.Setting;
import blockfront.blocks.spi.Source;
import blockfront.blocks.spi.Tokens;
import blockfront.blocks.spi.Traits;
import com.google.auto.service.AutoService;
import java.util.List;
import java.util.function.UnaryOperator;

/** A learnt token goes through the network in front of the others, and the answer is its own. */
@AutoService(Head.class)
public final class ClassToken implements Head {

  public static final Knob<String> ENTRY =
      Knob.option(
          "entry",
          "where the token joins the others: before the first layer, or later, by a layout",
          "first",
          "later");

  @Override
  public String id() {
    return "class_token";
  }

  @Override
  public String title() {
    return "Class token";
  }

  @Override
  public String summary() {
    return "Sends one more, learned token through the network and reads the answer off it. The "
        + "tokens become a sequence, so mixers that need a grid do not fit.";
  }

  @Override
  public String family() {
    return "Head";
  }

  @Override
  public Source source() {
    return new Source(
        "An Image is Worth 16x16 Words: Transformers for Image Recognition at Scale",
        "Dosovitskiy et al.",
        2020,
        "https://arxiv.org/abs/2010.11929");
  }

  @Override
  public Traits traits() {
    return new Traits(
        Traits.Mixing.NONE, Traits.Causality.NEVER, Traits.Layout.BOTH, "O(1)", true, false);
  }

  @Override
  public List<Knob<?>> knobs() {
    return List.of(ENTRY);
  }

  @Override
  public Tensor prepare(Tensor x, Setting setting) {
    return setting.of(ENTRY).equals("first") ? joined(x) : x;
  }

  @Override
  public Tensor read(Tensor x, UnaryOperator<Tensor> norm, int classes, Setting setting) {
    return norm.apply(Tokens.sequence(x)).slice(0, 0, 1).linear(classes).reshape(classes);
  }

  /** The tokens as a sequence, a learned one in front. */
  public static Tensor joined(Tensor x) {
    Tensor tokens = Tokens.sequence(x);
    Tensor own =
        Tensor.offset("class_token", Init.TRUNCATED_NORMAL_002, 1, tokens.shape().size(-1));
    return Tensor.concatenate(0, own, tokens);
  }
}
