"""Models in a camera's pipeline: what they say reaches the tracks, and nothing breaks when they fail."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from analytics.detect.labels import Naming
from analytics.detect.onnx_file import Model, open_model, read
from analytics.detect.service import DetectService, Models
from analytics.model import TrackRecord, Watch
from analytics.pipeline import Pipeline
from gis.clock import SystemClock
from ingest.model import Packet
from tests.support import onnx_models as tiny


@pytest.fixture
def service() -> Iterator[DetectService]:
    service = DetectService(SystemClock())
    service.start()
    yield service
    service.stop()


def run(service: DetectService, watch: Watch, packets: Iterable[Packet]) -> list[TrackRecord]:
    """Feeds packets as slowly as the models answer: whether they keep up is not asked here."""
    pipeline = Pipeline(watch, SystemClock(), detect=service)
    records: dict[Any, TrackRecord] = {}
    for packet in packets:
        records |= {r.uid: r for r in pipeline.process(packet, 0.0).records}
        until = time.monotonic() + 60
        while not settled(service):
            assert time.monotonic() < until, service.counts
            time.sleep(0.002)
    records |= {r.uid: r for r in pipeline.finish()}
    return list(records.values())


def settled(service: DetectService) -> bool:
    c = service.counts
    return not service.active or c.asked <= c.answered + c.replaced


def use(service: DetectService, model: Model, look: Model | None = None) -> None:
    service.use(Models(model, Naming(model.facts.classes), look))


def test_a_crossing_s_walkers_are_persons_with_a_label(
    service: DetectService, shared_data: Path, clip_packets: Callable[..., Iterator[Packet]]
) -> None:
    """Seen from far above by a camera without a pose: shape alone is sure of few."""
    use(service, open_model(read(shared_data / "models" / "yolox_nano_416.onnx"), "yolox"))
    packets = list(clip_packets(shared_data / "video" / "vtest_480x360.avi"))[:160]
    records = run(service, Watch(1, "C1", None, ()), packets)
    long = [r for r in records if (r.end_at - r.start_at).total_seconds() >= 3]
    assert len(long) >= 5
    told = [r for r in long if r.kind == "person" and r.label == "person" and r.confidence > 0.9]
    assert len(told) >= 0.8 * len(long), [(r.kind, r.label, round(r.confidence, 2)) for r in long]
    assert (
        service.counts.answered < 0.4 * len(long) * 160
    )  # asked about now and then, not at every frame


def test_a_look_is_kept_with_the_track(
    service: DetectService, shared_data: Path, clip_packets: Callable[..., Iterator[Packet]]
) -> None:
    models = shared_data / "models"
    look = open_model(read(models / "osnet_x0_25_msmt17.onnx"), "osnet")
    use(service, open_model(read(models / "yolox_nano_416.onnx"), "yolox"), look)
    packets = list(clip_packets(shared_data / "video" / "vtest_480x360.avi"))[:90]
    looks = [r.look for r in run(service, Watch(1, "C1", None, ()), packets) if r.look]
    assert looks
    assert np.linalg.norm(looks, axis=1) == pytest.approx(np.ones(len(looks)), abs=1e-3)


def test_a_model_that_sees_nothing_leaves_the_walker_a_person(
    service: DetectService, make_scene: Any, make_thing: Any
) -> None:
    use(service, open_model(tiny.yolox(), "blind"))
    scene = make_scene([make_thing((-10, 16), (6, 16), 4.0, 16.0)])
    records = run(service, Watch(1, "C1", scene.pose, ()), scene.packets(18.0))
    (walker,) = [r for r in records if (r.end_at - r.start_at).total_seconds() > 5]
    assert service.counts.answered > 3
    assert walker.kind == "person" and walker.confidence > 0.6 and walker.label is None


def test_the_classical_way_goes_on_when_the_model_breaks(
    service: DetectService, make_scene: Any, make_thing: Any
) -> None:
    broken = open_model(tiny.yolox(), "broken")
    broken._dtypes["images"] = np.float64  # the runtime refuses such an input
    use(service, broken)
    scene = make_scene([make_thing((-10, 16), (6, 16), 4.0, 16.0)])
    pipeline = Pipeline(Watch(1, "C1", scene.pose, ()), SystemClock(), detect=service)
    records: dict[Any, TrackRecord] = {}
    for packet in scene.packets(18.0):
        records |= {r.uid: r for r in pipeline.process(packet, 0.0).records}
        until = time.monotonic() + 60
        while service.counts.asked > service.counts.replaced + service.counts.failures:
            assert time.monotonic() < until, service.counts
            time.sleep(0.002)
    records |= {r.uid: r for r in pipeline.finish()}
    (walker,) = [r for r in records.values() if (r.end_at - r.start_at).total_seconds() > 5]
    assert walker.kind == "person" and walker.confidence > 0.7
    assert not service.active and service.problem is not None
