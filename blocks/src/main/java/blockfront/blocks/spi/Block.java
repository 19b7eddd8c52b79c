package blockfront.blocks.spi;

import java.util.List;

/**
 * An entry of the catalogue; stateless.
 *
 * <p>Implement the interface of the category, annotate the class with {@code @AutoService} of that
 * interface, and the block is in the catalogue, the search space, the cost, the trainer, the page
 * and the contract tests.
 */
public sealed interface Block
    permits TokenMixer,
        ChannelMixer,
        Wrapper,
        Norm,
        Stem,
        Downsampling,
        Position,
        Head,
        Layout,
        Technique {

  /** Stable for ever: stored architectures refer to it. Lower case, words joined by '_'. */
  String id();

  /** For people: "Softmax attention". */
  String title();

  /** What it does, in one or two sentences for people who choose blocks. */
  String summary();

  /** The group it is shown in: "Attention", "Spectral". */
  String family();

  /** Where in a network it stands. */
  Role role();

  /** What it is listed as: mostly what it stands for. */
  Category category();

  Source source();

  Traits traits();

  /** What can be set; empty if nothing. */
  List<Knob<?>> knobs();
}
