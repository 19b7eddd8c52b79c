package blockfront.blocks.spi;

/** What part of a network a block can be. */
public enum Category {
  TOKEN_MIXER("token-mixer"),
  CHANNEL_MIXER("channel-mixer"),
  WRAPPER("wrapper"),
  NORM("norm/gate"),
  STEM("stem/embedding"),
  DOWNSAMPLING("downsampling"),
  POSITION("position"),
  HEAD("head");

  private final String text;

  Category(String text) {
    this.text = text;
  }

  /** The word for it in JSON and on the page. */
  public String text() {
    return text;
  }
}
