package blockfront.blocks.spi;

import blockfront.blocks.graph.Tensor;
import java.util.function.Supplier;

/** How a token mixer, a channel mixer, norms and residuals make one layer of a network. */
public non-sealed interface Wrapper extends Block {

  @Override
  default Role role() {
    return Role.WRAPPER;
  }

  @Override
  default Category category() {
    return Category.LAYOUT;
  }

  /** Describes the layer; the shape stays. */
  Tensor wrap(Tensor x, Parts parts, Setting setting);

  /** What a layer is made of; each is used at most as often as the wrapper's paper does. */
  interface Parts {

    /** A norm with parameters of its own at each call. */
    Tensor norm(Tensor x);

    /** The one norm of a layer that has only one: the same parameters at each call. */
    Tensor sharedNorm(Tensor x);

    /**
     * Describes a part of the layer several times with the parameters of the first: within, norms
     * and branches are numbered from the start again.
     */
    Tensor pass(Supplier<Tensor> description);

    /** Whether the token mixer is used with one norm for all branches. */
    boolean sharesNorm();

    boolean mixesTokens();

    /** The token mixer; the argument itself if there is none. */
    Tensor mixTokens(Tensor x);

    boolean mixesChannels();

    /** The channel mixer; the argument itself if there is none. */
    Tensor mixChannels(Tensor x);

    /** Layer scale and stochastic depth, as set, on a branch about to be added to its residual. */
    Tensor branch(Tensor x);
  }
}
