package blockfront.blocks.cost;

/**
 * What one forward pass of one example costs.
 *
 * @param multiplyAdds of matrix products and convolutions; one multiply-add is 2 FLOPs
 * @param parameters trained numbers
 * @param fourier multiply-adds of transforms, as matrix products
 * @param elementwise operations on single elements: norms, gates, residuals, activations, pooling
 * @param softmax elements that a softmax is taken over
 * @param peakActivations the most elements alive at a time
 */
public record Cost(
    long multiplyAdds,
    long parameters,
    long fourier,
    long elementwise,
    long softmax,
    long peakActivations) {

  /** FLOPs, counting a multiply-add as two. */
  public long flops() {
    return Math.multiplyExact(2, multiplyAdds);
  }
}
