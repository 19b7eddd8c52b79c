package blockfront.search.data;

/**
 * Data that cannot be used as it lies there; the message names the file and where in it, what was
 * wanted and what came.
 */
public final class DataException extends RuntimeException {

  public DataException(String message) {
    super(message);
  }

  public DataException(String message, Throwable cause) {
    super(message, cause);
  }
}
