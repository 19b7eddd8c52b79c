package blockfront.search.space;

import blockfront.search.space.Genome.Gene;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;

/**
 * Networks like those that papers found good, and references that every search should have seen, as
 * far as a space holds them.
 */
final class Priors {

  private static final String ATTENTION = "softmax_mha";

  /**
   * A network to begin with.
   *
   * @param layout that it must have
   * @param mixers of its segments, of which a stage or a quarter each is made
   * @param channel that it must have
   * @param gate of its attention
   */
  private record Wish(String layout, List<String> mixers, String channel, String gate) {

    static Wish of(String layout, String... mixers) {
      return new Wish(layout, List.of(mixers), "mlp", "none");
    }

    static Wish all(String layout, String mixer) {
      return of(layout, mixer, mixer, mixer, mixer);
    }

    Wish withChannel(String id) {
      return new Wish(layout, mixers, id, gate);
    }

    Wish gated(String kind) {
      return new Wish(layout, mixers, channel, kind);
    }
  }

  private static final List<Wish> WISHES =
      List.of(
          // early layers local or spectral, late ones attend
          Wish.of("pyramid", "dwconv", "dwconv", ATTENTION, ATTENTION),
          Wish.of("pyramid", "gfnet_filter", "gfnet_filter", ATTENTION, ATTENTION),
          Wish.of("pyramid", "pool_mixer", "pool_mixer", "pool_mixer", ATTENTION),
          Wish.all("pyramid", "pool_mixer"),
          Wish.all("pyramid", "dwconv"),
          Wish.all("isotropic", ATTENTION),
          Wish.of("isotropic", "gfnet_filter", ATTENTION, ATTENTION, ATTENTION),
          // linear attention, full attention at the end of each period
          Wish.of("isotropic", "deltanet", "deltanet", "deltanet", ATTENTION),
          Wish.of("isotropic", "gla", "gla", "gla", ATTENTION),
          Wish.all("isotropic", "gla"),
          Wish.all("pyramid3_s16", "shvit_shsa"),
          Wish.all("isotropic", ATTENTION).withChannel("kat_grkan"),
          Wish.all("isotropic", ATTENTION).gated("elementwise"),
          Wish.all("isotropic", "activator_mixer"),
          Wish.all("isotropic", "ninformer"));

  private final SearchSpace space;
  private final List<Gene> genes;

  private Priors(SearchSpace space, List<Gene> genes) {
    this.space = space;
    this.genes = genes;
  }

  /** Those that the space holds, each once. */
  static List<List<Integer>> of(SearchSpace space, List<Gene> genes) {
    var priors = new Priors(space, genes);
    var found = new LinkedHashSet<List<Integer>>();
    for (Wish wish : WISHES) {
      priors.alleles(wish).ifPresent(found::add);
    }
    return List.copyOf(found);
  }

  /** What the wish does not say is in the middle where there is an order, else the first. */
  private Optional<List<Integer>> alleles(Wish wish) {
    var alleles = new ArrayList<>(Collections.nCopies(genes.size(), 0));
    for (String name : List.of("width", "depth", "patch")) {
      int at = gene(name);
      alleles.set(at, genes.get(at).choices() / 2);
    }
    if (Blueprint.staged(wish.layout())) {
      // fine tokens at first leave room for all stages
      alleles.set(gene("patch"), 0);
    }
    boolean held = set(alleles, "layout", space.layouts(), wish.layout());
    held &= set(alleles, "gate", space.macro().gates(), wish.gate());
    for (int segment = 1; segment <= wish.mixers().size(); segment++) {
      String mixer = wish.mixers().get(segment - 1);
      held &= set(alleles, "mixer " + segment, space.mixers(), mixer);
      held &= set(alleles, "channels " + segment, space.channelMixers(), wish.channel());
    }
    if (wish.mixers().contains("pool_mixer")) {
      // pooling wants small scales; a space without them will do
      set(alleles, "layer scale", space.macro().layerScales(), 1e-5);
    }
    return held ? Optional.of(List.copyOf(alleles)) : Optional.empty();
  }

  /** Whether the space holds the choice; a gene that is no choice is not there. */
  private <T> boolean set(List<Integer> alleles, String name, List<T> allowed, T wanted) {
    int choice = allowed.indexOf(wanted);
    int at = gene(name);
    if (choice >= 0 && at >= 0) {
      alleles.set(at, choice);
    }
    return choice >= 0;
  }

  private int gene(String name) {
    for (int i = 0; i < genes.size(); i++) {
      if (genes.get(i).name().equals(name)) {
        return i;
      }
    }
    return -1;
  }
}
