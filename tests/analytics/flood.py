"""A flood at a gauge in the picture, as the rules tell the writer of it; as a process of its own, without a database.

``python -m tests.analytics.flood FOLDER CAMERA ZONE`` hands it to a writer, says how much waits on disk, and stays.
"""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import numpy.typing as npt

from analytics.model import Firing, Frame, LevelReading, Zone
from analytics.spool import Spool
from analytics.writer import Writer
from demo.running import until
from gis.clock import SystemClock
from gis.db import Database

AT = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
OVER_AT = AT + timedelta(seconds=60)
ROWS = 4


class _Grey:
    def bgr(self) -> npt.NDArray[np.uint8]:
        return np.full((36, 64, 3), 90, np.uint8)


def gauge(camera_id: int, zone_id: int) -> Zone:
    """The gauge's zone under its numbers."""
    return Zone(
        zone_id, camera_id, "河道水尺", None, "water_level", (), (), 0.0, "both", 2, 30.0, True, 1,
        arrow=((0.5, 0.9), (0.5, 0.1)), threshold=3.0, gauge_m=(0.0, 4.0),
    )  # fmt: skip


def rise(writer: Writer, zone: Zone) -> None:
    """The gauge reads 3.2 m, and an event begins."""
    writer.level(LevelReading(zone.id, AT, 3.2))
    writer.fire(_firing(zone, over=False), _frame(zone, AT))


def fall(writer: Writer, zone: Zone) -> None:
    """The gauge reads 2.1 m, and the event is over."""
    writer.level(LevelReading(zone.id, AT + timedelta(seconds=30), 2.1))
    writer.fire(_firing(zone, over=True), _frame(zone, OVER_AT))


def _firing(zone: Zone, over: bool) -> Firing:
    words = ("水位 3.2 米", "Water at 3.2 m")
    return Firing(
        "water_level", 2, zone, "scene", 0.9, (0.5, 0.1, 0.1, 0.8), *words, value=3.2, over=over
    )


def _frame(zone: Zone, at: datetime) -> Frame:
    assert zone.camera_id is not None
    return Frame(zone.camera_id, 1, at, np.zeros((36, 64), np.uint8), 64, 36, 0.0, _Grey())


def main() -> None:
    folder, zone = Path(sys.argv[1]), gauge(int(sys.argv[2]), int(sys.argv[3]))
    nowhere = Database(f"host={folder} dbname=none")
    writer = Writer(nowhere, folder / "snapshots", Spool(folder / "spool"), SystemClock())
    writer.start()
    rise(writer, zone)
    fall(writer, zone)
    until(lambda: writer.waiting == ROWS, 30, "everything on disk")
    print(writer.waiting, flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
