"""Tiny ONNX files that answer the same whatever they see: what a family's outputs look like, in a few kilobytes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

FLOATS = {"float": TensorProto.FLOAT, "float16": TensorProto.FLOAT16, "uint8": TensorProto.UINT8}


def model(
    outputs: Mapping[str, NDArray[np.float32]],
    picture: str = "images",
    size_px: tuple[int, int] = (64, 64),
    batch: int | str = 1,
    dtype: str = "float",
    more_inputs: Mapping[str, Sequence[int]] | None = None,
    names: str | None = None,
    broken: bool = False,
) -> bytes:
    """A file whose outputs are ``outputs``, once per picture of a batch where their first dimension is 1.

    ``broken`` makes it fail when it is run, whatever it is given.
    """
    kind = FLOATS[dtype]
    shape = [batch, 3, size_px[1], size_px[0]]
    inputs = [helper.make_tensor_value_info(picture, kind, shape)]
    for name, dims in (more_inputs or {}).items():
        inputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, list(dims)))
    number = np.float16 if dtype == "float16" else np.float32
    nodes = [
        helper.make_node(
            "Cast", [picture], ["real"], to=FLOATS["float16" if dtype == "float16" else "float"]
        ),
        helper.make_node("ReduceMean", ["real"], ["mean"], axes=[1, 2, 3], keepdims=0),
        helper.make_node("Mul", ["mean", "zero"], ["nothing"]),
    ]
    initializers = [numpy_helper.from_array(np.zeros(1, number), "zero")]
    outs = []
    for i, (name, value) in enumerate(outputs.items()):
        value = value.astype(number)
        initializers.append(numpy_helper.from_array(value, f"value{i}"))
        dims: list[int | str] = list(value.shape)
        if value.shape[0] == 1 and value.ndim > 1:
            dims[0] = batch
            form = np.array([-1, *[1] * (value.ndim - 1)], np.int64)
        else:
            form = np.array([1] * value.ndim, np.int64)
        initializers.append(numpy_helper.from_array(form, f"form{i}"))
        nodes.append(helper.make_node("Reshape", ["nothing", f"form{i}"], [f"per{i}"]))
        nodes.append(helper.make_node("Add", [f"per{i}", f"value{i}"], [name]))
        outs.append(
            helper.make_tensor_value_info(
                name, FLOATS["float16"] if dtype == "float16" else TensorProto.FLOAT, dims
            )
        )
    if broken:
        initializers.append(numpy_helper.from_array(np.array([7, 7], np.int64), "wrong"))
        nodes.insert(0, helper.make_node("Reshape", [picture, "wrong"], ["never"]))
        outs.append(helper.make_tensor_value_info("never", kind, [7, 7]))
    graph = helper.make_graph(nodes, "tiny", inputs, outs, initializers)
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    if names is not None:
        entry = made.metadata_props.add()
        entry.key, entry.value = "names", names
    onnx.checker.check_model(made)
    data: bytes = made.SerializeToString()
    return data


def yolox_rows(
    found: Sequence[tuple[int, int, float, float, int, float]],
    classes: int = 80,
    size_px: tuple[int, int] = (64, 64),
    in_pixels: bool = False,
) -> NDArray[np.float32]:
    """YOLOX's output with things of stride 8 at ``(column, row, width_px, height_px, class, confidence)``,
    their middle half a cell from the cell's corner."""
    cells = sum((size_px[0] // s) * (size_px[1] // s) for s in (8, 16, 32))
    rows = np.zeros((1, cells, 5 + classes), np.float32)
    if in_pixels:
        rows[0, :, :2] = 40.0
    for column, row, width, height, index, confidence in found:
        place = rows[0, row * (size_px[0] // 8) + column]
        if in_pixels:
            place[:4] = (column + 0.5) * 8, (row + 0.5) * 8, width, height
        else:
            place[:4] = 0.5, 0.5, np.log(width / 8), np.log(height / 8)
        place[4], place[5 + index] = 1.0, confidence
    return rows


def yolox(found: Sequence[tuple[int, int, float, float, int, float]] = (), **how: object) -> bytes:
    """A YOLOX file of 64×64 pixels that always finds ``found``; see :func:`yolox_rows`."""
    classes = int(str(how.pop("classes", 80)))
    in_pixels = bool(how.pop("in_pixels", False))
    rows = yolox_rows(found, classes, in_pixels=in_pixels)
    return model({"output": rows}, **how)  # type: ignore[arg-type]


def distances(left: float, top: float, right: float, bottom: float) -> NDArray[np.float32]:
    """One cell's 32 logits that say these distances, in strides from 0 to 7, as sharp as a model can be."""
    logits = np.full((4, 8), -40.0, np.float32)
    for edge, value in enumerate((left, top, right, bottom)):
        low = int(value)
        share = value - low
        logits[edge, low] = np.log(max(1 - share, 1e-9))
        if share:
            logits[edge, low + 1] = np.log(share)
    return logits.reshape(-1)


def look(vector: NDArray[np.float32], **how: object) -> bytes:
    """A look model of 32×64 pixels that gives everybody ``vector``."""
    return model({"output": vector[None]}, size_px=(32, 64), **how)  # type: ignore[arg-type]
