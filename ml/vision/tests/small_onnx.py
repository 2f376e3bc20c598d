"""Writes small.onnx and what the reference evaluator of the `onnx` package says of one input.

Run it in this folder with `pip install onnx==1.23.2 numpy`; the Rust tests read what it wrote.
"""
import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator

rng = np.random.default_rng(7)
draw = lambda *shape: rng.normal(0, 0.4, shape).astype(np.float32)
constants = {
    "conv.weight": draw(4, 3, 3, 3), "conv.bias": draw(4),
    "norm.scale": draw(4) + 1, "norm.offset": draw(4), "norm.mean": draw(4), "norm.variance": np.abs(draw(4)) + 0.5,
    "second.weight": draw(6, 4, 3, 3),
    "hidden.weight": draw(8, 6), "hidden.bias": draw(8),
    "last.weight": draw(8, 5), "last.bias": draw(5),
}
nodes = [
    helper.make_node("Conv", ["x", "conv.weight", "conv.bias"], ["a"], kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1]),
    helper.make_node("BatchNormalization", ["a", "norm.scale", "norm.offset", "norm.mean", "norm.variance"], ["b"]),
    helper.make_node("Relu", ["b"], ["c"]),
    helper.make_node("MaxPool", ["c"], ["d"], kernel_shape=[2, 2], strides=[2, 2]),
    helper.make_node("Conv", ["d", "second.weight"], ["e"], kernel_shape=[3, 3], pads=[1, 1, 1, 1]),
    helper.make_node("GlobalAveragePool", ["e"], ["f"]),
    helper.make_node("Flatten", ["f"], ["g"]),
    helper.make_node("Gemm", ["g", "hidden.weight", "hidden.bias"], ["h"], transB=1),
    helper.make_node("MatMul", ["h", "last.weight"], ["i"]),
    helper.make_node("Add", ["last.bias", "i"], ["j"]),
]

def model(nodes, output):
    graph = helper.make_graph(
        nodes, "small", [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["batch", 3, 16, 16])],
        [helper.make_tensor_value_info(output, TensorProto.FLOAT, ["batch", 5])],
        [numpy_helper.from_array(value, name) for name, value in constants.items()])
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)])
    onnx.checker.check_model(made)
    return made

x = rng.normal(0, 1, (1, 3, 16, 16)).astype(np.float32)
y = ReferenceEvaluator(model(nodes, "j")).run(None, {"x": x})[0]
onnx.save(model(nodes + [helper.make_node("Softmax", ["j"], ["p"])], "p"), "small.onnx")
open("small-input.txt", "w").write(" ".join(f"{v:.6g}" for v in x.ravel()) + "\n")
open("small-output.txt", "w").write(" ".join(f"{v:.6g}" for v in y.ravel()) + "\n")
