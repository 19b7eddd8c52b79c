package blockfront.search.study;

import blockfront.search.trial.Inspection;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/** What probes saw as JSON, as stores keep it. */
public final class InspectionJson {

  private static final JsonMapper JSON = JsonMapper.builder().build();

  private InspectionJson() {}

  public static String write(Inspection inspection) {
    return JSON.writeValueAsString(inspection);
  }

  /**
   * Reads what {@link #write} wrote.
   *
   * @throws IllegalArgumentException if it is something else
   */
  public static Inspection read(String text) {
    try {
      return JSON.readValue(text, Inspection.class);
    } catch (JacksonException e) {
      throw new IllegalArgumentException("It holds no inspection, or is damaged", e);
    }
  }
}
