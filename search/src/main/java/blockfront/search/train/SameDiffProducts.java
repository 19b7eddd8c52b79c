package blockfront.search.train;

import blockfront.blocks.graph.Shape;
import blockfront.blocks.graph.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.nd4j.autodiff.samediff.SDVariable;
import org.nd4j.autodiff.samediff.SameDiff;

/**
 * Matrix products in SameDiff, whose own take two matrices or two stacks of as many matrices only.
 */
final class SameDiffProducts {

  private final SameDiff graph;
  private final SameDiffArithmetic arithmetic;

  /** Matrices, one for each leading index and, if batched, for each example. */
  private record Stack(
      SDVariable variable, boolean batched, List<Integer> leading, int rows, int columns) {

    static Stack of(Tensor tensor, SDVariable variable) {
      return of(tensor.shape(), tensor.batched(), variable);
    }

    static Stack of(Shape shape, boolean batched, SDVariable variable) {
      return new Stack(
          variable,
          batched,
          shape.sizes().subList(0, shape.rank() - 2),
          shape.size(-2),
          shape.size(-1));
    }

    boolean single() {
      return !batched && leading.isEmpty();
    }

    Shape shape() {
      var sizes = new ArrayList<>(leading);
      sizes.add(rows);
      sizes.add(columns);
      return new Shape(sizes);
    }

    Stack transposed() {
      int rank = leading.size() + 2 + (batched ? 1 : 0);
      int[] order = SameDiffArithmetic.range(0, rank);
      order[rank - 1] = rank - 2;
      order[rank - 2] = rank - 1;
      return new Stack(variable.permute(order), batched, leading, columns, rows);
    }

    /** All rows, one under another. */
    SDVariable allRows() {
      return single() ? variable : variable.reshape(-1, columns);
    }

    /** One index for all matrices. */
    SDVariable flat() {
      return variable.reshape(-1, rows, columns);
    }
  }

  SameDiffProducts(SameDiff graph, SameDiffArithmetic arithmetic) {
    this.graph = graph;
    this.arithmetic = arithmetic;
  }

  SDVariable product(
      Tensor y, SDVariable left, SDVariable right, boolean transposeLeft, boolean transposeRight) {
    return product(y, left, right, transposeLeft, transposeRight, y.shape(), y.batched());
  }

  /** A product, summed over the leading axes and examples that the result lacks. */
  SDVariable productSum(
      Tensor y, SDVariable left, SDVariable right, boolean transposeLeft, boolean transposeRight) {
    Stack a = Stack.of(y.operand(0), left);
    Stack b = Stack.of(y.operand(1), right);
    boolean alike = a.batched() == b.batched() && a.leading().equals(b.leading());
    boolean all = !y.batched() && y.shape().rank() == 2;
    if (alike && all && transposeLeft && !transposeRight) {
      // the sum over matrices is the sum over all rows
      return graph.mmul(a.allRows().permute(1, 0), b.allRows());
    }
    List<Integer> leading = a.leading().isEmpty() ? b.leading() : a.leading();
    var sizes = new ArrayList<>(leading);
    sizes.addAll(y.shape().sizes().subList(y.shape().rank() - 2, y.shape().rank()));
    Shape full = new Shape(sizes);
    boolean batched = a.batched() || b.batched();
    SDVariable product = product(y, left, right, transposeLeft, transposeRight, full, batched);
    var axes = new ArrayList<Integer>();
    if (batched && !y.batched()) {
      axes.add(0);
    }
    for (int axis = 0; axis < full.rank() - y.shape().rank(); axis++) {
      axes.add(axis + (batched ? 1 : 0));
    }
    SDVariable sum = arithmetic.sum(product, axes.stream().mapToInt(Integer::intValue).toArray());
    return arithmetic.reshape(sum, y.shape(), y.batched());
  }

  /** Rows of a table by index: a product with ones, which ND4J can differentiate. */
  SDVariable rows(Tensor y, SDVariable table, SDVariable index) {
    SDVariable chosen = chosen(y.operand(1), index, y.operand(0).shape().size(0));
    return arithmetic.reshape(graph.mmul(chosen, table), y.shape(), y.batched());
  }

  SDVariable rowsGradient(Tensor y, SDVariable index, SDVariable upstream) {
    SDVariable chosen = chosen(y.operand(0), index, y.shape().size(0));
    return graph.mmul(chosen.permute(1, 0), upstream.reshape(-1, y.shape().size(1)));
  }

  /** Chosen indices of an axis, as a product with a matrix of zeros and ones. */
  SDVariable selected(Tensor from, SDVariable x, int axis, List<Integer> indices) {
    Shape shape = from.shape();
    return alongAxis(
        shape,
        from.batched(),
        x,
        axis,
        choices(indices, shape.size(axis)).permute(1, 0),
        indices.size());
  }

  SDVariable selectedGradient(Tensor y, SDVariable upstream, int axis, List<Integer> indices) {
    Shape shape = y.shape().with(axis, indices.size());
    return alongAxis(
        shape,
        y.batched(),
        upstream,
        axis,
        choices(indices, y.shape().size(axis)),
        y.shape().size(axis));
  }

  /** A matrix with a row for each index and a one in the place it chooses. */
  private SDVariable choices(List<Integer> indices, int size) {
    var ones = new float[indices.size() * size];
    for (int i = 0; i < indices.size(); i++) {
      ones[i * size + indices.get(i)] = 1;
    }
    return arithmetic.constant(ones, indices.size(), size);
  }

  /** Multiplies an axis by a matrix {@code [its size, its new size]}. */
  private SDVariable alongAxis(
      Shape shape, boolean batched, SDVariable x, int axis, SDVariable matrix, int size) {
    int last = shape.rank() - 1;
    var order = new ArrayList<Integer>();
    for (int i = 0; i <= last; i++) {
      order.add(i);
    }
    // its own inverse
    Collections.swap(order, axis, last);
    Shape turned = shape.permuted(order);
    SDVariable rows = arithmetic.permute(x, order, batched).reshape(-1, shape.size(axis));
    SDVariable product = graph.mmul(rows, matrix);
    return arithmetic.permute(
        arithmetic.reshape(product, turned.withLast(size), batched), order, batched);
  }

  private SDVariable chosen(Tensor index, SDVariable variable, int rows) {
    return arithmetic.rowOf(variable, index.shape(), index.batched(), rows).reshape(-1, rows);
  }

  private SDVariable product(
      Tensor y,
      SDVariable left,
      SDVariable right,
      boolean transposeLeft,
      boolean transposeRight,
      Shape result,
      boolean batched) {
    Stack a = Stack.of(y.operand(0), left);
    Stack b = Stack.of(y.operand(1), right);
    Stack l = transposeLeft ? a.transposed() : a;
    Stack r = transposeRight ? b.transposed() : b;
    if (r.single()) {
      return arithmetic.reshape(graph.mmul(l.allRows(), r.variable()), result, batched);
    }
    if (l.single()) {
      // A X = (Xᵀ Aᵀ)ᵀ, and Xᵀ Aᵀ is one product over all rows
      SDVariable rows = graph.mmul(r.transposed().allRows(), l.transposed().variable());
      Shape turned = result.with(-2, result.size(-1)).with(-1, result.size(-2));
      return Stack.of(turned, batched, arithmetic.reshape(rows, turned, batched))
          .transposed()
          .variable();
    }
    if (l.batched() != r.batched() || !l.leading().equals(r.leading())) {
      l = stretched(l, result, batched);
      r = stretched(r, result, batched);
    }
    return arithmetic.reshape(graph.mmul(l.flat(), r.flat()), result, batched);
  }

  /** One matrix for each of those of a result. */
  private Stack stretched(Stack stack, Shape result, boolean batched) {
    Shape target = result.with(-2, stack.rows()).with(-1, stack.columns());
    return Stack.of(
        target,
        batched,
        arithmetic.stretched(stack.shape(), stack.batched(), stack.variable(), target, batched));
  }
}
