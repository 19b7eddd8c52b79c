package blockfront.blocks.position;

import blockfront.blocks.graph.Shape;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.graph.Values;
import blockfront.blocks.spi.Knob;
import blockfront.blocks.spi.Position;
import blockfront.blocks.spi.Setting;
import blockfront.blocks.spi.Source;
import blockfront.blocks.spi.Traits;
import com.google.auto.service.AutoService;
import java.util.List;

/** {@code x + P} with {@code P[place, 2i] = sin(place 10000^(-2i/C))} and the cosine beside it. */
@AutoService(Position.class)
public final class SinusoidalPosition implements Position {

  @Override
  public String id() {
    return "sinusoidal_position";
  }

  @Override
  public String title() {
    return "Sinusoidal positions";
  }

  @Override
  public String summary() {
    return "Adds waves of many lengths along the sequence, on a grid half along the rows and half "
        + "along the columns. Nothing to learn, and any number of tokens will do.";
  }

  @Override
  public String family() {
    return "Position";
  }

  @Override
  public Source source() {
    return new Source(
        "Attention Is All You Need", "Vaswani et al.", 2017, "https://arxiv.org/abs/1706.03762");
  }

  @Override
  public Traits traits() {
    return Traits.PER_TOKEN;
  }

  @Override
  public List<Knob<?>> knobs() {
    return List.of();
  }

  @Override
  public Tensor locate(Tensor x, Setting setting) {
    Shape shape = x.shape();
    int channels = shape.size(-1);
    if (shape.rank() == 2) {
      return x.plus(waves(shape.size(0), channels));
    }
    int half = channels / 2;
    Tensor down = waves(shape.size(0), half).reshape(shape.size(0), 1, half);
    Tensor across = waves(shape.size(1), channels - half);
    Shape whole = shape.withLast(half);
    return x.plus(
        Tensor.concatenate(
            2, down.broadcast(whole), across.broadcast(shape.withLast(channels - half))));
  }

  /** {@code [places, channels]}. */
  private static Tensor waves(int places, int channels) {
    return Tensor.constant(
        Values.of(
            places * channels,
            i -> {
              int channel = i % channels;
              int place = i / channels;
              int pair = channel - channel % 2;
              double angle = place * Math.pow(10_000, -(double) pair / channels);
              return channel % 2 == 0 ? Math.sin(angle) : Math.cos(angle);
            }),
        places,
        channels);
  }
}
