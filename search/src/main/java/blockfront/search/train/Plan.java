package blockfront.search.train;

import blockfront.blocks.graph.Op;
import blockfront.blocks.graph.Tensor;
import blockfront.blocks.graph.Values;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Collection;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.SplittableRandom;

/**
 * A description compiled for one batch size: a flat list of steps over native buffers that are
 * allocated once.
 *
 * <p>Only what the outputs need is computed. A reshape is another view of the same buffer. Buffers
 * are shared by tensors that are never alive together; inputs, parameters, constants, masks and
 * outputs have their own. Owned by one thread.
 */
public final class Plan implements AutoCloseable {

  private static final long CACHE_LINE = 64;

  private final Arena arena;
  private final int batch;
  private final IdentityHashMap<Tensor, MemorySegment> buffers = new IdentityHashMap<>();
  private final List<Step> steps = new ArrayList<>();
  private final List<Mask> masks = new ArrayList<>();
  private final long bytes;
  private MemorySegment pool = MemorySegment.NULL;

  /** One operation, ready to run. */
  record Step(Op op, String scope, Runnable work) {}

  /** A random mask, drawn before each pass in training. */
  private record Mask(double rate, MemorySegment buffer, long count) {}

  /**
   * Compiles.
   *
   * @param outputs what is to be computed
   * @param batch examples at a time
   * @param weights parameters by tensor; a plan shares them and never frees them
   */
  Plan(Collection<Tensor> outputs, int batch, IdentityHashMap<Tensor, MemorySegment> weights) {
    this.arena = Arena.ofShared();
    this.batch = batch;
    long allocated;
    try {
      allocated = allocate(outputs, weights);
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
    MemorySegment buffer = buffers.get(tensor);
    if (buffer == null) {
      throw new IllegalArgumentException("The plan does not compute " + tensor);
    }
    return buffer;
  }

  List<Step> steps() {
    return List.copyOf(steps);
  }

  /** Runs every step, once; masks stay as last drawn. */
  void run() {
    for (Step step : steps) {
      step.work().run();
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
      var random = new SplittableRandom(seed * 31 + i);
      float kept = (float) (1 / (1 - mask.rate()));
      for (long at = 0; at < mask.count(); at++) {
        float value = random.nextDouble() < mask.rate() ? 0 : kept;
        mask.buffer().setAtIndex(ValueLayout.JAVA_FLOAT, at, value);
      }
    }
  }

  @Override
  public void close() {
    arena.close();
  }

  private long allocate(
      Collection<Tensor> outputs, IdentityHashMap<Tensor, MemorySegment> weights) {
    List<Tensor> order = Tensor.inOrder(outputs);
    // a reshape lives in the buffer of what it reshapes
    var owner = new IdentityHashMap<Tensor, Tensor>();
    for (Tensor tensor : order) {
      owner.put(tensor, tensor.op() instanceof Op.Reshape ? owner.get(tensor.operand(0)) : tensor);
    }
    var lastUse = new IdentityHashMap<Tensor, Integer>();
    for (int i = 0; i < order.size(); i++) {
      Tensor tensor = order.get(i);
      lastUse.put(owner.get(tensor), i);
      for (Tensor operand : tensor.operands()) {
        lastUse.put(owner.get(operand), i);
      }
    }
    for (Tensor output : outputs) {
      lastUse.put(owner.get(output), order.size());
    }
    var pooled = new ArrayList<Tensor>();
    var intervals = new ArrayList<Layout.Interval>();
    long own = 0;
    for (int i = 0; i < order.size(); i++) {
      Tensor tensor = order.get(i);
      if (owner.get(tensor) != tensor) {
        continue;
      }
      if (tensor.op() instanceof Op.Parameter || tensor.op() instanceof Op.Statistic) {
        buffers.put(tensor, weights.get(tensor));
      } else if (tensor.op() instanceof Op.Leaf) {
        MemorySegment buffer = memory(count(tensor));
        buffers.put(tensor, buffer);
        own += buffer.byteSize();
        fill(tensor, buffer);
      } else {
        pooled.add(tensor);
        intervals.add(new Layout.Interval(count(tensor), i, lastUse.getOrDefault(tensor, i)));
      }
    }
    Layout layout = Layout.of(intervals);
    pool = memory(Math.max(1, layout.size()));
    for (int i = 0; i < pooled.size(); i++) {
      Tensor tensor = pooled.get(i);
      buffers.put(tensor, pool.asSlice(layout.offsets().get(i) << 2, count(tensor) << 2));
    }
    var compiler = new StepCompiler(batch, this::memoryFor, arena);
    for (Tensor tensor : order) {
      if (owner.get(tensor) != tensor) {
        buffers.put(tensor, buffers.get(owner.get(tensor)));
      } else if (!(tensor.op() instanceof Op.Leaf)) {
        steps.add(new Step(tensor.op(), tensor.scope(), compiler.compile(tensor)));
      }
    }
    return own + pool.byteSize() + compiler.scratchBytes();
  }

  private void fill(Tensor tensor, MemorySegment buffer) {
    switch (tensor.op()) {
      case Op.Constant(Values values, Op.Purpose _) -> {
        for (int i = 0; i < values.size(); i++) {
          buffer.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) values.at(i));
        }
      }
      case Op.KeepMask(double rate) -> {
        for (long i = 0; i < count(tensor); i++) {
          buffer.setAtIndex(ValueLayout.JAVA_FLOAT, i, 1);
        }
        masks.add(new Mask(rate, buffer, count(tensor)));
      }
      case Op.Input _, Op.Parameter _, Op.Statistic _, Op.Forward _, Op.Backward _ -> {}
    }
  }

  private MemorySegment memoryFor(Tensor tensor) {
    return buffer(tensor);
  }

  private MemorySegment memory(long elements) {
    return arena.allocate(elements << 2, CACHE_LINE);
  }

  private long count(Tensor tensor) {
    return tensor.shape().elements() * (tensor.batched() ? batch : 1);
  }
}
