"""The thread that asks: cameras together, newest question first, a failing model put aside."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from uuid import uuid4

import numpy as np
import pytest

from analytics.detect.asking import Answer, Ask
from analytics.detect.labels import Naming
from analytics.detect.model import Bgr
from analytics.detect.mosaic import lay, region
from analytics.detect.onnx_file import Model, open_model
from analytics.detect.service import MOST_FAILURES, DetectService, Models
from analytics.model import Frame
from gis.clock import SystemClock
from tests.support import onnx_models as tiny

AT = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
PERSON = 0
# 256 pixels: two cells of 128 a side. A person of 60 pixels in the middle of the first cell and of the last.
ROWS = [(7, 7, 22.0, 60.0, PERSON, 0.8), (23, 23, 22.0, 60.0, PERSON, 0.6)]


class Shown:
    """A picture, and how often somebody wanted to see it."""

    def __init__(self) -> None:
        self.asked = 0

    def bgr(self) -> Bgr:
        self.asked += 1
        return np.full((400, 400, 3), 120, np.uint8)


def detector(broken: bool = False) -> Model:
    rows = tiny.yolox_rows(ROWS, size_px=(256, 256))
    data = tiny.model({"output": rows}, size_px=(256, 256))
    model = open_model(data, "m")
    if broken:
        model._dtypes["images"] = np.float64  # the runtime refuses such an input
    return model


def frame(camera_id: int, shown: Shown) -> Frame:
    return Frame(camera_id, 1, AT, np.zeros((90, 90), np.uint8), 400, 400, 0.0, shown)


def ask() -> Ask:
    return Ask(uuid4(), (189.0, 170.0, 22.0, 60.0))


@pytest.fixture
def service() -> Iterator[DetectService]:
    service = DetectService(SystemClock())
    yield service
    service.stop()


def wait(condition: Callable[[], bool]) -> None:
    until = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < until, "it never came"
        time.sleep(0.005)


def answers(service: DetectService, cameras: dict[int, int]) -> dict[int, list[Answer]]:
    """So many answers of each camera."""
    got: dict[int, list[Answer]] = {c: [] for c in cameras}

    def all_there() -> bool:
        for camera in cameras:
            got[camera] += service.take(camera)
        return all(len(got[c]) >= n for c, n in cameras.items())

    wait(all_there)
    return got


def test_regions_of_four_cameras_take_one_run(service: DetectService) -> None:
    model = detector()
    service.use(Models(model, Naming(model.facts.classes)))
    asks = {camera: ask() for camera in (1, 2, 3, 4)}
    for camera, one in asks.items():
        service.submit(camera, frame(camera, Shown()), [one])
    service.start()
    got = answers(service, dict.fromkeys(asks, 1))
    assert service.counts.runs == 1
    # The model sees somebody in the first cell and in the last.
    assert [got[c][0].label for c in asks] == ["person", None, None, "person"]
    assert [got[c][0].uid for c in asks] == [asks[c].uid for c in asks]
    assert got[1][0].confidence == pytest.approx(0.8, abs=1e-4)
    assert got[2][0].knows == ("person", "vehicle")
    facts = service.facts()
    assert facts["detect_answered"] == 4 and facts["detect_known"] == 2


def test_only_the_newest_question_of_a_camera_is_kept(service: DetectService) -> None:
    """The thread is not running yet: as if it were busy for long."""
    model = detector()
    service.use(Models(model, Naming(model.facts.classes)))
    pictures = [Shown() for _ in range(5)]
    asks = [[ask(), ask()] for _ in pictures]
    for shown, questions in zip(pictures, asks, strict=True):
        service.submit(7, frame(7, shown), questions)
    assert service.counts.replaced == 8
    service.start()
    got = answers(service, {7: 2})[7]
    assert {a.uid for a in got} == {a.uid for a in asks[-1]}
    assert [shown.asked for shown in pictures] == [0, 0, 0, 0, 1]


def test_without_a_model_nothing_is_asked(service: DetectService) -> None:
    shown = Shown()
    service.start()
    service.submit(1, frame(1, shown), [ask()])
    assert service.counts.asked == 0 and shown.asked == 0
    assert service.facts() == {}


def test_a_model_that_fails_is_put_aside(service: DetectService) -> None:
    model = detector(broken=True)
    service.use(Models(model, Naming(model.facts.classes)))
    service.start()
    for i in range(MOST_FAILURES):
        service.submit(1, frame(1, Shown()), [ask()])
        wait(lambda i=i: service.counts.failures > i)  # type: ignore[misc]
    assert not service.active
    assert str(service.facts()["problem_model"]).startswith(
        f"the model failed {MOST_FAILURES} times"
    )
    good = detector()
    service.use(Models(good, Naming(good.facts.classes)))
    service.submit(1, frame(1, Shown()), [ask()])
    assert answers(service, {1: 1})[1][0].label == "person"
    assert "problem_model" not in service.facts()


def test_looks_are_of_persons_alone(service: DetectService) -> None:
    model = detector()
    look = open_model(tiny.look(np.arange(1, 65, dtype=np.float32)), "look")
    service.use(Models(model, Naming(model.facts.classes), look))
    asks = [Ask(ask().uid, ask().box_px, wants_look=True) for _ in range(4)]
    service.submit(1, frame(1, Shown()), asks)
    service.start()
    got = {a.uid: a.look for a in answers(service, {1: 4})[1]}
    have = [got[a.uid] is not None for a in asks]
    assert have == [True, False, False, True]
    assert np.linalg.norm(got[asks[0].uid] or ()) == pytest.approx(1, abs=1e-5)


def test_a_thing_outside_the_picture_is_no_region() -> None:
    shown = Shown().bgr()
    assert region(shown, (500.0, 10.0, 30.0, 60.0)) is None
    part = region(shown, (-10.0, 350.0, 60.0, 60.0))
    assert part is not None and part.x == 0 and part.cut.shape[0] <= 120
    (canvas,) = lay([part], (256, 256))
    assert canvas.picture.shape == (256, 256, 3)
