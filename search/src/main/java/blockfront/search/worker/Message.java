package blockfront.search.worker;

import blockfront.blocks.network.Sequence;
import blockfront.blocks.network.Task;
import blockfront.search.trial.Epoch;
import blockfront.search.trial.Outcome;
import blockfront.search.trial.Provenance;
import blockfront.search.trial.TrialSpec;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * One line over a worker's pipes, as JSON.
 *
 * <p>Both ends are of the same version, so the form is free to change with it.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.SIMPLE_NAME, property = "say")
@JsonSubTypes({
  @JsonSubTypes.Type(Message.Train.class),
  @JsonSubTypes.Type(Message.Cancel.class),
  @JsonSubTypes.Type(Message.Ready.class),
  @JsonSubTypes.Type(Message.Alive.class),
  @JsonSubTypes.Type(Message.EpochFinished.class),
  @JsonSubTypes.Type(Message.Ended.class)
})
sealed interface Message {

  /** To a worker that has nothing to do: train this. */
  record Train(TrialSpec spec) implements Message {}

  /** To a worker: end what you train. */
  record Cancel() implements Message {}

  /** From a worker that has started. */
  record Ready(long process) implements Message {}

  /** From a worker, every few seconds. */
  record Alive() implements Message {}

  record EpochFinished(Epoch epoch) implements Message {}

  record Ended(Outcome outcome, Provenance provenance) implements Message {}

  /** The line, without its end. */
  default String line() {
    return Lines.JSON.writeValueAsString(this);
  }

  /**
   * Reads a line.
   *
   * @throws IllegalArgumentException if it is no message
   */
  static Message of(String line) {
    try {
      return Lines.JSON.readValue(line, Message.class);
    } catch (JacksonException e) {
      throw new IllegalArgumentException(
          "Not a message between worker and runner: '%s'"
              .formatted(line.length() > 200 ? line.substring(0, 200) + "…" : line),
          e);
    }
  }

  /** How messages are written; values of the trial package carry no annotations of their own. */
  final class Lines {

    private static final JsonMapper JSON =
        JsonMapper.builder()
            .addMixIn(Outcome.class, OutcomeForm.class)
            .addMixIn(Task.class, TaskForm.class)
            .addMixIn(Sequence.class, SequenceForm.class)
            .build();

    private Lines() {}

    @JsonTypeInfo(use = JsonTypeInfo.Id.SIMPLE_NAME, property = "ended")
    @JsonSubTypes({
      @JsonSubTypes.Type(Outcome.Trained.class),
      @JsonSubTypes.Type(Outcome.StoppedEarly.class),
      @JsonSubTypes.Type(Outcome.Cancelled.class),
      @JsonSubTypes.Type(Outcome.Failed.class)
    })
    private interface OutcomeForm {}

    @JsonTypeInfo(use = JsonTypeInfo.Id.SIMPLE_NAME, property = "task")
    @JsonSubTypes({
      @JsonSubTypes.Type(Task.ImageClassification.class),
      @JsonSubTypes.Type(Task.SequenceClassification.class),
      @JsonSubTypes.Type(Task.TokenPrediction.class),
      @JsonSubTypes.Type(Task.InContextRegression.class)
    })
    private interface TaskForm {}

    @JsonTypeInfo(use = JsonTypeInfo.Id.SIMPLE_NAME, property = "sequence")
    @JsonSubTypes({
      @JsonSubTypes.Type(Sequence.Tokens.class),
      @JsonSubTypes.Type(Sequence.Vectors.class)
    })
    private interface SequenceForm {}
  }
}
