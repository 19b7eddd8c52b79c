package blockfront.search.study;

import blockfront.search.trial.FinalRun;
import blockfront.search.trial.Outcome;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/** Final trainings as JSON, as stores keep them. */
public final class FinalRunJson {

  private static final JsonMapper JSON =
      JsonMapper.builder().addMixIn(Outcome.class, OutcomeForm.class).build();

  @JsonTypeInfo(use = JsonTypeInfo.Id.SIMPLE_NAME, property = "ended")
  @JsonSubTypes({
    @JsonSubTypes.Type(Outcome.Trained.class),
    @JsonSubTypes.Type(Outcome.StoppedEarly.class),
    @JsonSubTypes.Type(Outcome.Cancelled.class),
    @JsonSubTypes.Type(Outcome.Failed.class)
  })
  private interface OutcomeForm {}

  private FinalRunJson() {}

  public static String write(FinalRun run) {
    return JSON.writeValueAsString(run);
  }

  /** A list of several, on several lines. */
  public static String write(List<FinalRun> runs) {
    return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(runs);
  }

  /**
   * Reads what {@link #write(FinalRun)} wrote.
   *
   * @throws IllegalArgumentException if it is something else
   */
  public static FinalRun read(String text) {
    return read(text, FinalRun.class);
  }

  /**
   * Reads what {@link #write(List)} wrote.
   *
   * @throws IllegalArgumentException if it is something else
   */
  public static List<FinalRun> readAll(String text) {
    return List.of(read(text, FinalRun[].class));
  }

  private static <T> T read(String text, Class<T> type) {
    try {
      return JSON.readValue(text, type);
    } catch (JacksonException e) {
      throw new IllegalArgumentException("It holds no final training, or is damaged", e);
    }
  }
}
