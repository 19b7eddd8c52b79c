package blockfront.blocks.spi;

/** What an entry of the catalogue is: a part of a network, or something done with one. */
public enum Category {
  TOKEN_MIXER("token-mixer"),
  CHANNEL_MIXER("channel-mixer"),
  WRAPPER("wrapper"),
  NORM("norm/gate"),
  NEURON("neuron"),
  STEM("stem/embedding"),
  DOWNSAMPLING("downsampling"),
  POSITION("position"),
  HEAD("head"),
  LAYOUT("macro-layout"),
  RESIDUAL("residual"),
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
