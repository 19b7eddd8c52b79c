package blockfront.blocks.graph;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/**
 * Where in the network a tensor is being described, and what the reader should be told about it.
 *
 * <p>Layouts open a scope around each part ({@code stages.0.blocks.1.mixer}); blocks need not know.
 * A tensor remembers the scope it was made in: parameters take their names from it, and cost and
 * the drawing are grouped by it.
 */
public final class Scope {

  /** A description with the repairs that were made in it. */
  public record Noted<T>(T value, List<String> repairs) {

    public Noted {
      repairs = List.copyOf(repairs);
    }
  }

  /** A description with what training adds to the loss for it. */
  public record Penalised<T>(T value, List<Penalty> penalties) {

    public Penalised {
      penalties = List.copyOf(penalties);
    }
  }

  /**
   * Something that training keeps small beside the loss.
   *
   * @param kind over all parts of a network that have penalties of one kind, their mean counts
   * @param value one number an example, {@code [1]}
   */
  public record Penalty(String kind, Tensor value) {}

  private static final ScopedValue<String> PATH = ScopedValue.newInstance();
  private static final ScopedValue<List<String>> REPAIRS = ScopedValue.newInstance();

  private static final ScopedValue<List<Penalty>> PENALTIES = ScopedValue.newInstance();
  private static final ScopedValue<Boolean> TRAINING = ScopedValue.newInstance();

  private Scope() {}

  /** Describes what is trained, where that is not what answers: norms over the batch. */
  public static <T> T inTraining(Supplier<T> description) {
    return ScopedValue.where(TRAINING, true).call(description::get);
  }

  /** Whether the description is one to be trained. */
  public static boolean training() {
    return TRAINING.orElse(false);
  }

  /** Describes a part of the network under a name; scopes nest, joined by dots. */
  public static <T> T in(String name, Supplier<T> description) {
    String path = path().isEmpty() ? name : path() + "." + name;
    return ScopedValue.where(PATH, path).call(description::get);
  }

  /** Describes under an absolute path, whatever scope is open: what belongs to another part. */
  public static <T> T at(String path, Supplier<T> description) {
    return ScopedValue.where(PATH, path).call(description::get);
  }

  /** The scope being described, empty outside of all. */
  public static String path() {
    return PATH.orElse("");
  }

  /**
   * Tells the user that a block had to change a setting to fit; told once for each scope.
   *
   * @param repair what was asked, what was done and why
   */
  public static void repaired(String repair) {
    if (REPAIRS.isBound()) {
      String note = path().isEmpty() ? repair : path() + ": " + repair;
      List<String> repairs = REPAIRS.get();
      if (!repairs.contains(note)) {
        repairs.add(note);
      }
    }
  }

  /** Describes, and collects what {@link #repaired} was told meanwhile. */
  public static <T> Noted<T> collectingRepairs(Supplier<T> description) {
    var repairs = new ArrayList<String>();
    T value = ScopedValue.where(REPAIRS, repairs).call(description::get);
    return new Noted<>(value, repairs);
  }

  /** Has training keep something small; without effect where nothing is trained. */
  public static void penalise(Penalty penalty) {
    if (training() && PENALTIES.isBound()) {
      PENALTIES.get().add(penalty);
    }
  }

  /** Describes, and collects what {@link #penalise} was told meanwhile. */
  public static <T> Penalised<T> collectingPenalties(Supplier<T> description) {
    var penalties = new ArrayList<Penalty>();
    T value = ScopedValue.where(PENALTIES, penalties).call(description::get);
    return new Penalised<>(value, penalties);
  }
}
