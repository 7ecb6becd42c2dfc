"""What the analytics process is told at its start; only entry points and tests build this."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class AnalyticsSettings:
    """Where things lie, and how much work is done.

    ``workers`` threads decode and analyse. ``analysis_width_px`` is how wide a picture is analysed at most and
    ``analysis_fps`` how often; faster cameras have frames left out. A packet that waited longer than ``behind_s``
    means the process cannot keep up: the least important cameras then go down to key frames. ``timezone`` is the city's, an
    IANA name: zones' schedules are read in it.
    """

    database_url: str
    var: Path
    workers: int = 2
    analysis_width_px: int = 480
    analysis_fps: float = 12.5
    timezone: str = "Asia/Shanghai"
    queue_s: float = (
        4.0  # a camera's packets waiting beyond this are given up, up to its next key frame
    )
    behind_s: float = 0.6
    reconcile_every_s: float = 30.0
    model_threads: int = 1  # that one question to a model may use

    @property
    def tap_socket(self) -> Path:
        """Where ingest gives out compressed packets."""
        return self.var / "run" / "tap.sock"

    @property
    def snapshots(self) -> Path:
        """Events' pictures."""
        return self.var / "snapshots"

    @property
    def models(self) -> Path:
        """Model files, by their checksums."""
        return self.var / "models"

    @property
    def spool(self) -> Path:
        """What is kept for the time the database is away."""
        return self.var / "spool" / "analytics"
