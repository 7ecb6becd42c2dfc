"""Each family's file recognised and read, on tiny files with known answers."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from analytics.detect.model import COCO, Bgr, Found
from analytics.detect.onnx_file import open_model
from gis.errors import InvalidInput
from tests.support import onnx_models as tiny

GRAY: Bgr = np.full((64, 64, 3), 90, np.uint8)
PERSON, CAR = 0, 2


def one(found: Found) -> tuple[int, float, list[float]]:
    assert len(found) == 1, found
    return int(found.classes[0]), float(found.confidence[0]), found.boxes_px[0].tolist()


@pytest.mark.parametrize("in_pixels", [False, True])
def test_yolox(in_pixels: bool) -> None:
    """A car of 20×10 pixels whose middle lies at (28, 20)."""
    model = open_model(tiny.yolox([(3, 2, 20, 10, CAR, 0.8)], in_pixels=in_pixels), "m")
    assert model.facts.family == "yolox"
    assert model.facts.classes == COCO
    assert (model.facts.width_px, model.facts.height_px, model.facts.batch) == (64, 64, 1)
    index, confidence, box = one(model.find([GRAY])[0])
    assert index == CAR
    assert confidence == pytest.approx(0.8, abs=1e-4)
    assert box == pytest.approx([18, 15, 20, 10], abs=1e-3)


def test_one_class_is_a_person() -> None:
    model = open_model(tiny.yolox([(3, 2, 8, 20, 0, 0.7)], classes=1), "m")
    assert model.facts.family == "persons"
    assert model.facts.classes == ("person",)
    assert one(model.find([GRAY])[0])[2] == pytest.approx([24, 10, 8, 20], abs=1e-3)


def test_the_surest_of_overlapping_boxes_stays() -> None:
    rows = [(3, 3, 30, 30, CAR, 0.6), (4, 3, 30, 30, CAR, 0.9), (0, 6, 8, 8, CAR, 0.5)]
    found = open_model(tiny.yolox(rows), "m").find([GRAY])[0]
    assert found.confidence.tolist() == pytest.approx([0.9, 0.5], abs=1e-4)
    # A person in front of a car is not the car.
    found = open_model(
        tiny.yolox([(3, 3, 30, 30, CAR, 0.9), (4, 3, 10, 28, PERSON, 0.6)]), "m"
    ).find([GRAY])[0]
    assert found.classes.tolist() == [CAR, PERSON]


def heads(
    names: bool, strides: tuple[int, ...], classes: int = 80
) -> dict[str, NDArray[np.float32]]:
    """A person at the cell (3, 2) of stride 8: 1 cell to the left, 1.5 up, 0.5 to the right, 2 down."""
    scores, edges = {}, {}
    for i, s in enumerate(strides):
        n = (64 // s) ** 2
        score, edge = np.zeros((1, n, classes), np.float32), np.zeros((1, n, 32), np.float32)
        if s == 8:
            score[0, 2 * 8 + 3, PERSON] = 0.75
            edge[0, 2 * 8 + 3] = tiny.distances(1, 1.5, 0.5, 2)
        scores[f"cls_pred_stride_{s}" if names else f"t{i}"] = score
        edges[f"dis_pred_stride_{s}" if names else f"u{i}"] = edge
    return scores | edges


BOX = [28 - 8, 20 - 12, 12, 28]


def test_nanodet_by_its_names() -> None:
    outputs = heads(True, (8, 16, 32))
    shuffled = dict(reversed(outputs.items()))
    for given in (outputs, shuffled):
        model = open_model(tiny.model(given, picture="input.1"), "m")
        assert model.facts.family == "nanodet"
        index, confidence, box = one(model.find([GRAY])[0])
        assert (index, confidence) == (PERSON, pytest.approx(0.75, abs=1e-4))
        assert box == pytest.approx(BOX, abs=1e-2)


def test_nanodet_plus() -> None:
    """One output; its cells are counted from their corners."""
    n = 64 + 16 + 4 + 1
    rows = np.zeros((1, n, 80 + 32), np.float32)
    rows[0, 2 * 8 + 3, CAR] = 0.6
    rows[0, 2 * 8 + 3, 80:] = tiny.distances(1, 1, 2, 1)
    model = open_model(tiny.model({"output": rows}, picture="data"), "m")
    assert model.facts.family == "nanodet"
    index, _, box = one(model.find([GRAY])[0])
    assert index == CAR
    assert box == pytest.approx([24 - 8, 16 - 8, 24, 16], abs=1e-2)


def test_picodet_raw() -> None:
    model = open_model(tiny.model(heads(False, (8, 16, 32, 64)), picture="image"), "m")
    assert model.facts.family == "picodet"
    assert one(model.find([GRAY])[0])[2] == pytest.approx(BOX, abs=1e-2)


def test_picodet_with_boxes_decoded() -> None:
    n = 64 + 16 + 4 + 1
    corners, scores = np.zeros((1, n, 4), np.float32), np.zeros((1, 80, n), np.float32)
    corners[0, 7], scores[0, CAR, 7] = (10, 12, 30, 22), 0.5
    file = tiny.model(
        {"tmp_16": corners, "concat_4.tmp_0": scores},
        picture="image",
        more_inputs={"scale_factor": [1, 2]},
    )
    model = open_model(file, "m")
    assert model.facts.family == "picodet"
    assert one(model.find([GRAY])[0]) == (CAR, pytest.approx(0.5), [10, 12, 20, 10])


def test_picodet_whole() -> None:
    """Rows of class, likelihood, corners; those of class -1 only fill up."""
    rows = np.array([[CAR, 0.8, 4, 6, 14, 26], [-1, 0, 0, 0, 0, 0]], np.float32)
    file = tiny.model(
        {"multiclass_nms3_0.tmp_0": rows, "multiclass_nms3_0.tmp_2": np.array([1], np.float32)},
        picture="image",
        more_inputs={"scale_factor": [1, 2]},
    )
    model = open_model(file, "m")
    assert model.facts.family == "picodet"
    assert [one(f) for f in model.find([GRAY, GRAY])] == [
        (CAR, pytest.approx(0.8), [4, 6, 10, 20])
    ] * 2


def test_a_look_has_length_one() -> None:
    model = open_model(tiny.look(np.arange(1, 65, dtype=np.float32)), "m")
    assert model.facts.purpose == "look"
    looks = model.looks([GRAY, GRAY[:20, :10]])
    assert looks.shape == (2, 64)
    assert np.linalg.norm(looks, axis=1) == pytest.approx([1, 1], abs=1e-5)


@pytest.mark.parametrize(("batch", "runs"), [("n", None), (4, 4)])
def test_a_batch(batch: int | str, runs: int | None) -> None:
    """An open batch takes any number at once; a fixed one is filled up, and the filling is not told."""
    model = open_model(tiny.yolox([(3, 2, 20, 10, CAR, 0.8)], batch=batch), "m")
    assert model.facts.batch == runs
    assert [len(f) for f in model.find([GRAY] * 5)] == [1] * 5


def test_half_precision() -> None:
    model = open_model(tiny.yolox([(3, 2, 20, 10, CAR, 0.8)], dtype="float16"), "m")
    assert model.facts.dtype == "float16"
    assert one(model.find([GRAY])[0])[2] == pytest.approx([18, 15, 20, 10], abs=0.05)


def test_names_in_the_file_and_given() -> None:
    found = [(3, 2, 20, 10, 1, 0.8)]
    named = open_model(tiny.yolox(found, classes=2, names="{0: 'boat', 1: 'forklift'}"), "m")
    assert named.facts.classes == ("boat", "forklift")
    given = open_model(tiny.yolox(found, classes=2), "m", classes=["a", "b"])
    assert given.facts.classes == ("a", "b")


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "'m' is empty"),
        (b"no model at all", "'m' is no ONNX model"),
        (tiny.yolox(classes=7), "tells 7 classes apart and does not name them"),
        (tiny.model({"output": np.zeros((1, 84, 2100), np.float32)}, size_px=(320, 320)), "is of none of the families .* 'output' 1×84×2100"),
        (tiny.model({"output": np.zeros((1, 1000), np.float32)}), "is of none of the families"),
        (tiny.yolox(dtype="uint8"), "takes pictures as uint8"),
        (tiny.model({"output": np.zeros((1, 9), np.float32)}, size_px=(8, 8)), "pictures of 8×8 pixels"),
        (tiny.yolox(broken=True), "fails on a picture of 64×64 pixels"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said(data: bytes, says: str) -> None:
    with pytest.raises(InvalidInput, match=says):
        open_model(data, "m")


def test_names_that_do_not_fit() -> None:
    with pytest.raises(InvalidInput, match="tells 80 classes apart, but 2 names are given"):
        open_model(tiny.yolox(), "m", classes=["a", "b"])
    whole = np.array([[5, 0.8, 4, 6, 14, 26]], np.float32)
    with pytest.raises(InvalidInput, match="answers with class 5, but only 2 are named"):
        open_model(tiny.model({"rows": whole}, picture="image"), "m", classes=["a", "b"])


def test_a_family_asked_for_that_it_is_not() -> None:
    with pytest.raises(InvalidInput, match="'m' is no nanodet model: it takes 'images' 1×3×64×64"):
        open_model(tiny.yolox(), "m", family="nanodet")


def test_weights_in_another_file() -> None:
    import onnx

    made = onnx.load_from_string(tiny.yolox())
    for tensor in made.graph.initializer:
        if tensor.name == "value0":
            onnx.external_data_helper.set_external_data(tensor, location="weights.bin")
            tensor.ClearField("raw_data")
            tensor.data_location = onnx.TensorProto.EXTERNAL
    with pytest.raises(InvalidInput, match="keeps its weights in another file"):
        open_model(made.SerializeToString(), "m")
