/** Trained networks as ONNX files: written, checked by ONNX Runtime, quantised and run. */
@NullMarked
package blockfront.search.export.onnx;

import org.jspecify.annotations.NullMarked;
