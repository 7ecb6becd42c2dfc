"""Where a camera stands, by what its device says and by what it was told to do."""

from __future__ import annotations

import pytest

from ingest.onvif.model import Preset, Status, Vector
from web.ptz.standing import Standing, judge

GATE = Preset("1", "门", Vector(0.5, 0.1, 0.0))
WALL = Preset("2", "墙", Vector(-0.5, 0.1, 0.3))
BLIND = (Preset("1", "门"), Preset("2", "墙"))


@pytest.mark.parametrize(
    ("status", "presets", "sent_to", "stands"),
    [
        (Status(True, GATE.at), (GATE, WALL), "1", Standing("moving")),
        (Status(False, Vector(0.502, 0.1, 0.0)), (GATE, WALL), None, Standing("preset", "1")),
        (Status(None, GATE.at), (GATE, WALL), "2", Standing("preset", "1")),
        (Status(False, Vector(0.52, 0.1, 0.0)), (GATE, WALL), "1", Standing("elsewhere")),
        (Status(False, Vector(0.5, 0.1, 0.5)), (GATE, WALL), None, Standing("elsewhere")),
        (Status(False, None), (GATE, WALL), "2", Standing("preset", "2")),
        (Status(False, GATE.at), BLIND, "2", Standing("preset", "2")),
        (Status(None, None), BLIND, None, None),
        (Status(False, GATE.at), (GATE, Preset("9", "同", GATE.at)), "9", Standing("preset", "9")),
    ],
)
def test_a_camera_stands_where_its_device_says(
    status: Status, presets: tuple[Preset, ...], sent_to: str | None, stands: Standing | None
) -> None:
    assert judge(status, presets, sent_to) == stands
