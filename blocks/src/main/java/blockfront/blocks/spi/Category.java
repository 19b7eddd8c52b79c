package blockfront.blocks.spi;

/**
 * What an entry of the catalogue is listed as; where it stands in a network is its {@link Role}. A
 * gate of attention is listed with the gates, and stands where token mixers do.
 */
public enum Category {
  TOKEN_MIXER("token-mixer"),
  CHANNEL_MIXER("channel-mixer"),
  NORM("norm/gate"),
  NEURON("neuron"),
  STEM("stem/embedding"),
  POSITION("position"),
  HEAD("head"),
  LAYOUT("macro-layout"),
  TRAINING("training-technique"),
  SEARCH("search-technique"),
  TASK("task"),
  PROBE("probe/metric");

  private final String text;

  Category(String text) {
    this.text = text;
  }

  /** The word for it in JSON and on the page. */
  public String text() {
    return text;
  }
}
