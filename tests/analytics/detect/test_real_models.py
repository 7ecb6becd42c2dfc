"""Published models on real pictures with things anybody can see."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
import pytest

from analytics.detect.labels import Naming
from analytics.detect.letterbox import back, letterbox
from analytics.detect.model import Bgr
from analytics.detect.mosaic import lay, region
from analytics.detect.onnx_file import Model, open_model, read
from analytics.model import Box


@lru_cache
def model_of(path: Path) -> Model:
    return open_model(read(path), path.name)


def picture(path: Path, frame: int) -> Bgr:
    clip = cv2.VideoCapture(str(path))
    clip.set(cv2.CAP_PROP_POS_FRAMES, frame)
    done, found = clip.read()
    assert done, path
    return np.asarray(found, np.uint8)


def seen(model: Model, shown: Bgr) -> list[tuple[str, Box]]:
    canvas, fit = letterbox(shown, (model.facts.width_px, model.facts.height_px))
    found = back(model.find([canvas])[0], fit, shown.shape[1], shown.shape[0])
    return [
        (model.facts.classes[c], (b[0], b[1], b[2], b[3]))
        for c, b in zip(found.classes.tolist(), found.boxes_px.tolist(), strict=True)
    ]


def near(box: Box, wanted: Box, share: float = 0.5) -> bool:
    """Whether two boxes overlap by more than ``share`` of what they cover together."""
    w = min(box[0] + box[2], wanted[0] + wanted[2]) - max(box[0], wanted[0])
    h = min(box[1] + box[3], wanted[1] + wanted[3]) - max(box[1], wanted[1])
    both = max(w, 0) * max(h, 0)
    return both > share * (box[2] * box[3] + wanted[2] * wanted[3] - both)


# Read off the pictures by hand, left, top, width, height.
CROSSING = [(367, 97, 20, 50), (309, 93, 17, 45), (216, 124, 21, 48)]
CAMPUS = [(302, 168, 114, 290), (77, 180, 119, 208), (2, 174, 86, 238)]


@pytest.mark.parametrize("name", ["yolox_nano_416.onnx", "nanodet_m_416.onnx"])
def test_pedestrians_from_above_and_from_the_side(shared_data: Path, name: str) -> None:
    model = model_of(shared_data / "models" / name)
    for clip, frame, wanted in (
        ("vtest_480x360.avi", 100, CROSSING),
        ("tud_campus_25.mp4", 30, CAMPUS),
    ):
        found = seen(model, picture(shared_data / "video" / clip, frame))
        persons = [box for label, box in found if label == "person"]
        assert all(any(near(box, one) for box in persons) for one in wanted), found


def test_the_light_detector_sees_persons_at_the_side(shared_data: Path) -> None:
    model = model_of(shared_data / "models" / "light_person_detector.onnx")
    assert model.facts.family == "persons"
    persons = [b for _, b in seen(model, picture(shared_data / "video" / "tud_campus_25.mp4", 30))]
    assert all(any(near(box, one) for box in persons) for one in CAMPUS), persons


@pytest.mark.parametrize("name", ["yolox_nano_416.onnx", "nanodet_m_416.onnx"])
def test_cars_on_a_motorway(shared_data: Path, name: str) -> None:
    model = model_of(shared_data / "models" / name)
    found = seen(model, picture(shared_data / "video" / "cdnet_highway.mp4", 100))
    wanted = [(145, 52, 45, 38), (209, 3, 19, 17)]
    cars = [box for label, box in found if label in ("car", "truck")]
    assert all(any(near(box, one) for box in cars) for one in wanted), found


def test_what_a_car_from_straight_above_is_called_does_not_count(shared_data: Path) -> None:
    """Models are blind there, and sure of nonsense; what cannot move by itself is no answer."""
    model = model_of(shared_data / "models" / "yolox_nano_416.onnx")
    shown = picture(shared_data / "video" / "intel_car-detection.mp4", 200)
    canvas, _ = letterbox(shown, (416, 416))
    found = model.find([canvas])[0]
    labels = [model.facts.classes[c] for c in found.classes.tolist()]
    assert (
        "cell phone" in labels and "car" not in labels
    )  # should a later file know better, say so here
    naming = Naming(model.facts.classes)
    (one,) = lay([r for r in [region(shown, (108, 0, 152, 260))] if r], (416, 416))
    assert [naming.of(s) for s in one.answers(model.find([one.picture])[0])] == [None]


def test_regions_of_several_cameras_on_one_canvas(shared_data: Path) -> None:
    """Three walkers and two cars of two cameras in one run, each told by its own name and place."""
    model = model_of(shared_data / "models" / "yolox_nano_416.onnx")
    crossing = picture(shared_data / "video" / "vtest_480x360.avi", 100)
    motorway = picture(shared_data / "video" / "cdnet_highway.mp4", 100)
    boxes: list[tuple[Bgr, Box]] = [(crossing, b) for b in CROSSING]
    boxes += [(motorway, (145, 52, 45, 38)), (motorway, (209, 3, 19, 17))]
    regions = [r for r in (region(shown, box) for shown, box in boxes) if r is not None]
    (canvas,) = lay(regions, (416, 416))
    answers = canvas.answers(model.find([canvas.picture])[0])
    naming = Naming(model.facts.classes)
    kinds = [named.kind if (named := naming.of(a)) else None for a in answers]
    assert kinds == ["person"] * 3 + ["vehicle"] * 2
    for answer, (_, box) in zip(answers, boxes, strict=True):
        assert answer is not None and near(answer.box_px, box), (answer, box)


def test_one_person_looks_more_like_himself_than_like_another(shared_data: Path) -> None:
    model = model_of(shared_data / "models" / "osnet_x0_25_msmt17.onnx")
    clip = shared_data / "video" / "tud_campus_25.mp4"
    truth = np.loadtxt(shared_data / "video" / "tud_campus_gt.txt", delimiter=",", usecols=range(6))
    cuts: list[tuple[int, Bgr]] = []
    for frame in (5, 20, 35):
        shown = picture(clip, frame - 1)
        for row in truth[truth[:, 0] == frame]:
            x, y, w, h = (round(float(v)) for v in row[2:6])
            if h > 100 and x > 0 and y > 0 and x + w < 640:
                cuts.append((int(row[1]), shown[y : y + h, x : x + w]))
    looks = model.looks([cut for _, cut in cuts])
    alike = looks @ looks.T
    who = np.array([i for i, _ in cuts])
    pair = np.triu(np.ones_like(alike, bool), 1)
    same = alike[pair & (who[:, None] == who)]
    other = alike[pair & (who[:, None] != who)]
    assert len(same) > 4 and len(other) > 10
    assert np.median(same) > np.median(other) + 0.15, (np.median(same), np.median(other))
