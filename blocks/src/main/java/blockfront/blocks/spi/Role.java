package blockfront.blocks.spi;

/** Where in a network a block stands; its {@link Category} is what it is listed as. */
public enum Role {
  TOKEN_MIXER("token mixer"),
  CHANNEL_MIXER("channel mixer"),
  WRAPPER("wrapper"),
  NORM("norm"),
  STEM("stem"),
  DOWNSAMPLING("downsampling"),
  POSITION("position"),
  HEAD("head"),
  LAYOUT("layout"),
  /** It is no part of a network. */
  NONE("technique");

  private final String text;

  Role(String text) {
    this.text = text;
  }

  /** The word for it in errors, in JSON and on the page. */
  public String text() {
    return text;
  }
}
