package blockfront.search.train;

import blockfront.search.data.Examples;

/** Images as exported networks take them: float32 of the values 0 to 255. */
public final class RawImages {

  private RawImages() {}

  /** The examples from one index to before another, image after image, channels last. */
  public static float[] of(Examples examples, int start, int end) {
    int stride = Math.toIntExact(examples.shape().elements());
    var values = new float[(end - start) * stride];
    for (int example = start; example < end; example++) {
      byte[] pixels = examples.pixels(example);
      for (int i = 0; i < stride; i++) {
        values[(example - start) * stride + i] = pixels[i] & 0xFF;
      }
    }
    return values;
  }
}
