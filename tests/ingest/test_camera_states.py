"""When a camera's silence becomes an event."""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from gis.clock import ManualClock
from gis.db import Database
from ingest.camera_states import CameraStates, View
from ingest.model import Camera
from ingest.rtsp.session import CameraStatus
from tests.ingest.record.recordings import add_camera


@dataclass
class Stream:
    """What a session says of its stream."""

    status: CameraStatus


class Pulled:
    """Some cameras' streams, whose states the test sets."""

    def __init__(self, clock: ManualClock) -> None:
        self.clock = clock
        self.cameras: list[Camera] = []
        self.streams: dict[tuple[int, str], Stream] = {}

    def says(self, camera: Camera, state: str, sent: bool) -> None:
        now = self.clock.now()
        status = CameraStatus(state, "why", now, now if sent else None)
        known = self.streams.get((camera.id, "main"))
        if known is None:
            self.cameras.append(camera)
            self.streams[camera.id, "main"] = Stream(status)
        else:
            known.status = status

    def view(self) -> View:
        return View(self.cameras, self.streams)  # type: ignore[arg-type]


def test_cameras_that_come_up_are_not_lost_and_those_that_do_not_are(
    database: Database, clock: ManualClock
) -> None:
    pulled = Pulled(clock)
    recorder: Any = SimpleNamespace(recording=lambda _id: True, problem=lambda _id: None)
    keeper: Any = SimpleNamespace(hint=None)
    states = CameraStates(database, clock, 15.0, 90.0, recorder, keeper, pulled.view)
    slow, never, flaky = (add_camera(database, code) for code in ("slow", "never", "flaky"))
    # All three were recorded before the machine was off for an hour.
    database.run(
        "INSERT INTO camera_state (camera_id, state, since, last_packet_at) "
        "SELECT id, 'stopped', %(at)s, %(at)s FROM camera",
        {"at": clock.now()},
    )
    clock.advance(3600)

    def lost_after(seconds: int) -> list[int]:
        """The events once every second for so long."""
        for _ in range(seconds):
            clock.advance(1)
            states.save()
        rows = database.rows("SELECT camera_id FROM system_event ORDER BY id")
        return [row.camera_id for row in rows]

    pulled.says(slow, "unreachable", sent=False)
    pulled.says(never, "unreachable", sent=False)
    pulled.says(flaky, "online", sent=True)
    assert lost_after(60) == []
    pulled.says(slow, "online", sent=True)
    pulled.says(flaky, "stalled", sent=True)
    assert lost_after(14) == []
    assert lost_after(2) == [flaky.id], "it was there, so its silence counts at once"
    assert lost_after(20) == [flaky.id, never.id]
    assert lost_after(60) == [flaky.id, never.id]
