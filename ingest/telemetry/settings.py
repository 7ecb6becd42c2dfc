"""What the telemetry gateway needs to know; only entry points and tests build this."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class GatewaySettings:
    """Addresses, limits and times of the gateway.

    Port 0 asks the system for a free one (tests). ``auto_register`` lets unknown devices in and makes a row for
    each; without it they are refused and what they say is kept in quarantine.
    """

    database_url: str
    var: Path
    host: str = "127.0.0.1"
    jt808_port: int = 6808
    hj212_port: int = 6212
    sl651_port: int = 6651
    auto_register: bool = False
    max_connections: int = 5000  # per protocol
    jt808_idle_s: float = 300.0  # the terminals' heartbeat is at most a few minutes
    station_idle_s: float = 1800.0  # SL 651 and HJ 212 stations may speak every 5 to 15 minutes
    batch_s: float = 0.5
    batch_rows: int = 1000
    pending_limit_rows: int = 100_000  # above this the gateway stops reading from its sockets
    spool_limit_bytes: int = 2 * 1024**3
    directory_s: float = 5.0  # how often devices and thresholds are read again
    downlink_expiry_s: float = 600.0
    max_future_s: float = 300.0
    max_age_s: float = 30 * 86400.0

    @property
    def spool(self) -> Path:
        """Where batches wait while the database is away."""
        return self.var / "spool" / "gateway"

    @property
    def pictures(self) -> Path:
        """Where hydrology stations' pictures (SL 651 function 36) lie."""
        return self.var / "pictures"
