"""What goes over the wire about gauges in the picture. Conventions as in :mod:`web.schemas.common`."""

from __future__ import annotations

from web.schemas.common import Out
from web.times import UtcTime


class LevelOut(Out):
    """One reading of a gauge, metres."""

    at: UtcTime
    level_m: float
