package blockfront.search.train;

import blockfront.blocks.graph.Op;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.graph.Values;
import blockfront.search.train.kernel.Masks;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/**
 * A description compiled for one batch size: a flat list of steps over native buffers that are
 * allocated once.
 *
 * <p>Only what the outputs need is computed, in the order that a {@link Schedule} gives, in the
 * places that a {@link Storage} finds; a {@link StepCompiler} makes the steps. Buffers are shared
 * by tensors that are never alive together; inputs, parameters, constants, masks and outputs have
 * their own. A pass over the batch may be several over slices of it. Owned by one thread.
 */
public final class Plan implements AutoCloseable {

  private static final long CACHE_LINE = 64;

  /** Elements of the largest tensor of a slice: what a second-level cache holds. */
  private static final long SLICE_ELEMENTS = 1 << 17;

  private final Arena arena = Arena.ofShared();
  private final int batch;
  private final int slices;
  private final Schedule schedule;
  private final Storage storage;
  private final IdentityHashMap<Tensor, MemorySegment> buffers = new IdentityHashMap<>();
  private final IdentityHashMap<Tensor, MemorySegment> whole = new IdentityHashMap<>();
  private final List<Step> before = new ArrayList<>();
  private final List<Step> each = new ArrayList<>();
  private final List<Step> after = new ArrayList<>();
  private final List<Passage> arriving = new ArrayList<>();
  private final List<Passage> leaving = new ArrayList<>();
  private final List<Mask> masks = new ArrayList<>();
  private final long bytes;
  private MemorySegment pool = MemorySegment.NULL;

  /** What a step does. */
  @FunctionalInterface
  interface Work {

    /**
     * Computes.
     *
     * @param further whether this is not the first slice of the batch, so that sums over examples
     *     go on
     */
    void run(boolean further);
  }

  /** One operation, ready to run. */
  record Step(String operation, String scope, Work work) {}

  /** A random mask, drawn before each pass in training. */
  private record Mask(double rate, MemorySegment buffer, long count) {}

  /** A batch, and the slice of it that the steps see. */
  private record Passage(MemorySegment whole, MemorySegment slice) {

    void in(int index) {
      MemorySegment.copy(whole, index * slice.byteSize(), slice, 0, slice.byteSize());
    }

    void out(int index) {
      MemorySegment.copy(slice, 0, whole, index * slice.byteSize(), slice.byteSize());
    }
  }

  /** As trainings have it: with every {@link Pass}. */
  Plan(Collection<Tensor> outputs, int batch, IdentityHashMap<Tensor, MemorySegment> weights) {
    this(outputs, batch, weights, Pass.ALL);
  }

  /**
   * Compiles.
   *
   * @param outputs what is to be computed
   * @param batch examples at a time
   * @param weights parameters by tensor; a plan shares them and never frees them
   * @param passes what is done to make it faster
   */
  Plan(
      Collection<Tensor> outputs,
      int batch,
      IdentityHashMap<Tensor, MemorySegment> weights,
      Set<Pass> passes) {
    this(outputs, batch, weights, passes, SLICE_ELEMENTS);
  }

  /** With slices whose largest tensor has that many elements. */
  Plan(
      Collection<Tensor> outputs,
      int batch,
      IdentityHashMap<Tensor, MemorySegment> weights,
      Set<Pass> passes,
      long sliceElements) {
    this.batch = batch;
    schedule = Schedule.of(outputs, passes.contains(Pass.EARLY_GRADIENTS));
    List<Attention> attentions =
        passes.contains(Pass.ATTENTION) ? Attention.in(schedule, outputs) : List.of();
    slices =
        passes.contains(Pass.SLICES) && schedule.sliceable()
            ? batch / slice(schedule.order(), attentions, batch, sliceElements)
            : 1;
    storage = new Storage(schedule, attentions, outputs, batch / slices, passes);
    long allocated;
    try {
      allocated = allocate(outputs, weights, passes);
    } catch (Throwable e) {
      arena.close();
      throw e;
    }
    this.bytes = allocated;
  }

  /** Examples at a time. */
  public int batch() {
    return batch;
  }

  /** Native memory, parameters not included. */
  public long bytes() {
    return bytes;
  }

  /** The memory of an input or an output: float32, the batch axis in front if it has one. */
  MemorySegment buffer(Tensor tensor) {
    MemorySegment buffer = whole.get(tensor);
    return buffer == null ? memory(tensor) : buffer;
  }

  /** Runs every step; masks stay as last drawn. */
  void run() {
    for (int i = 0; i < before.size(); i++) {
      before.get(i).work().run(false);
    }
    for (int slice = 0; slice < slices; slice++) {
      arrive(slice);
      for (int i = 0; i < each.size(); i++) {
        each.get(i).work().run(slice > 0);
      }
      leave(slice);
    }
    for (int i = 0; i < after.size(); i++) {
      after.get(i).work().run(false);
    }
  }

  /** Runs every step, measuring each. */
  void profile(Profile profile) {
    before.forEach(step -> measure(profile, step, false));
    for (int slice = 0; slice < slices; slice++) {
      arrive(slice);
      boolean further = slice > 0;
      each.forEach(step -> measure(profile, step, further));
      leave(slice);
    }
    after.forEach(step -> measure(profile, step, false));
  }

  private static void measure(Profile profile, Step step, boolean further) {
    long began = System.nanoTime();
    step.work().run(further);
    profile.add(step.operation(), step.scope(), System.nanoTime() - began);
  }

  private void arrive(int slice) {
    for (int i = 0; i < arriving.size(); i++) {
      arriving.get(i).in(slice);
    }
  }

  private void leave(int slice) {
    for (int i = 0; i < leaving.size(); i++) {
      leaving.get(i).out(slice);
    }
  }

  /** Fills all shared memory with not-a-numbers, so that a test sees what is read too early. */
  void poison() {
    for (long i = 0; i < pool.byteSize() >> 2; i++) {
      pool.setAtIndex(ValueLayout.JAVA_FLOAT, i, Float.NaN);
    }
  }

  /** Draws all masks anew. */
  void drawMasks(long seed) {
    for (int i = 0; i < masks.size(); i++) {
      Mask mask = masks.get(i);
      Masks.draw(seed * 31 + i, mask.rate(), mask.buffer(), mask.count());
    }
  }

  @Override
  public void close() {
    arena.close();
  }

  /** Examples of a slice: as many as the caches hold, in equal slices. */
  private static int slice(
      List<Tensor> order, List<Attention> attentions, int batch, long sliceElements) {
    Set<Tensor> absent = Collections.newSetFromMap(new IdentityHashMap<>());
    attentions.forEach(attention -> absent.addAll(attention.inner()));
    long largest =
        order.stream()
            .filter(tensor -> tensor.batched() && !(tensor.op() instanceof Op.Leaf))
            .filter(tensor -> !absent.contains(tensor))
            .mapToLong(tensor -> tensor.shape().elements())
            .max()
            .orElse(1);
    long wanted = Math.clamp(sliceElements / largest, 1, batch);
    for (int slice = (int) wanted; 2L * slice > wanted; slice--) {
      if (batch % slice == 0) {
        return slice;
      }
    }
    return batch; // an odd batch: slices would be too small to pay
  }

  private long allocate(
      Collection<Tensor> outputs,
      IdentityHashMap<Tensor, MemorySegment> weights,
      Set<Pass> passes) {
    long own = 0;
    for (Tensor tensor : schedule.order()) {
      if (tensor.op() instanceof Op.Parameter || tensor.op() instanceof Op.Statistic) {
        buffers.put(tensor, weights.get(tensor));
      } else if (tensor.op() instanceof Op.Leaf && !storage.idle(tensor)) {
        MemorySegment buffer = allocate(count(tensor, batch / slices));
        buffers.put(tensor, buffer);
        own += buffer.byteSize();
        MemorySegment all = buffer;
        if (tensor.batched() && slices > 1) {
          all = allocate(count(tensor, batch));
          own += all.byteSize();
          whole.put(tensor, all);
          arriving.add(new Passage(all, buffer));
        }
        fill(tensor, all);
      }
    }
    List<Tensor> pooled = storage.buffered();
    IdentityHashMap<Tensor, Layout.Interval> intervals = storage.intervals();
    Layout layout = Layout.of(pooled.stream().map(intervals::get).toList());
    pool = allocate(Math.max(1, layout.size()));
    for (int i = 0; i < pooled.size(); i++) {
      Tensor tensor = pooled.get(i);
      buffers.put(
          tensor, pool.asSlice(layout.offsets().get(i) << 2, count(tensor, batch / slices) << 2));
    }
    for (Tensor output : outputs) {
      if (output.batched() && slices > 1 && !whole.containsKey(output)) {
        MemorySegment all = allocate(count(output, batch));
        own += all.byteSize();
        whole.put(output, all);
        leaving.add(new Passage(all, memory(output)));
      }
    }
    var compiler = new StepCompiler(storage, this::memory, batch / slices, passes, arena);
    for (Tensor tensor : schedule.order()) {
      if (!(tensor.op() instanceof Op.Leaf) && !storage.silent(tensor)) {
        var step = new Step(operation(tensor), tensor.scope(), compiler.compile(tensor));
        switch (schedule.phase(tensor)) {
          case ONCE_BEFORE -> before.add(step);
          case EACH_SLICE -> each.add(step);
          case ONCE_AFTER -> after.add(step);
        }
      }
    }
    return own + pool.byteSize() + compiler.scratchBytes();
  }

  /** How a profile names the step of a tensor. */
  private String operation(Tensor tensor) {
    if (storage.attention(tensor).isPresent()) {
      return "Attention";
    }
    return storage.attentionBackward(tensor).isPresent()
        ? "AttentionGradient"
        : tensor.op().getClass().getSimpleName();
  }

  /** Where the steps find a tensor, from its first element. */
  private MemorySegment memory(Tensor tensor) {
    Place place = storage.place(tensor);
    MemorySegment buffer = buffers.get(place.root());
    if (buffer == null) {
      throw new IllegalArgumentException("The plan does not compute " + tensor);
    }
    long from = place.offset() << 2;
    return place.dense() ? buffer.asSlice(from, place.elements() << 2) : buffer.asSlice(from);
  }

  private void fill(Tensor tensor, MemorySegment buffer) {
    switch (tensor.op()) {
      case Op.Constant(Values values, Op.Purpose _) -> {
        for (int i = 0; i < values.size(); i++) {
          buffer.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) values.at(i));
        }
      }
      case Op.KeepMask(double rate) -> {
        for (long i = 0; i < count(tensor, batch); i++) {
          buffer.setAtIndex(ValueLayout.JAVA_FLOAT, i, 1);
        }
        masks.add(new Mask(rate, buffer, count(tensor, batch)));
      }
      case Op.Input _, Op.Parameter _, Op.Statistic _, Op.Forward _, Op.Backward _ -> {}
    }
  }

  private MemorySegment allocate(long elements) {
    return arena.allocate(elements << 2, CACHE_LINE);
  }

  private static long count(Tensor tensor, int examples) {
    return tensor.shape().elements() * (tensor.batched() ? examples : 1);
  }
}
