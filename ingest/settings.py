"""What the ingest process needs to know; only entry points and tests build this."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class IngestSettings:
    """Where things lie, and the times and limits of sessions, recording and live views.

    ``camera_key`` is the Fernet key that camera passwords are encrypted with.
    """

    database_url: str
    var: Path
    recordings: Path
    camera_key: bytes
    segment_s: float = 300.0  # a recording file is closed at the first key frame after this
    min_free_bytes: int = 2 * 1024**3  # below this the oldest footage that is not held goes
    disk_warn_percent: float = 85.0  # of the recordings' disk in use: somebody is told
    disk_alarm_percent: float = 95.0  # and told louder
    retention_every_s: float = 30.0
    index_every_s: float = 1.0
    stall_s: float = 4.5  # no packet for so long: the camera is stalled and connected anew
    connect_timeout_s: float = 5.0
    key_frame_timeout_s: float = 15.0
    lost_s: float = 15.0  # a camera that should send and does not for so long is worth an alarm
    settle_s: float = (
        90.0  # one that has sent nothing yet, since a start or since it was added, not before this
    )
    hls_window_s: float = 660.0  # the portal's longest delay and a little more
    ice_servers: tuple[str, ...] = ()  # STUN or TURN for WHEP (live/ice.py); none on one network

    @property
    def tap_socket(self) -> Path:
        """Compressed packets for analytics."""
        return self.var / "run" / "tap.sock"

    @property
    def control_socket(self) -> Path:
        """Live views, snapshots and tests for the console."""
        return self.var / "run" / "ingest.sock"

    @property
    def hls(self) -> Path:
        """The portal's segment files."""
        return self.var / "hls"

    @property
    def spool(self) -> Path:
        """What is kept for the time the database is away."""
        return self.var / "spool" / "ingest"
