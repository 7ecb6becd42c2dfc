"""What analytics has to write and the database could not take: one file each, in order, until it can."""

from __future__ import annotations

import base64
import json
import logging
import os
import time
from collections import deque
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from analytics.model import Crossing, Ending, Event, LevelReading, Nowhere, TrackRecord
from analytics.motion_index import MotionMinute
from gis.model import Ellipse, GroundFix, LonLat

log = logging.getLogger(__name__)
Row = Event | Ending | TrackRecord | MotionMinute | Crossing | LevelReading
_DIGITS = 20


class Spool:
    """A folder of waiting rows, oldest first. Safe to be used by one thread at a time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._waiting = deque(sorted(folder.glob("*.json")))
        newest = self._waiting[-1].name[:_DIGITS] if self._waiting else ""
        self._last = int(newest) if newest.isdecimal() else 0

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, item: Row) -> None:
        """Keeps one row. Raises :class:`OSError` when the disk refuses."""
        self._last = max(self._last + 1, time.time_ns())  # in order though the clock is set back
        path = self._folder / f"{self._last:0{_DIGITS}d}.json"
        part = path.with_suffix(".part")
        with part.open("w", encoding="utf-8") as file:
            file.write(to_json(item))
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
        self._waiting.append(path)

    def drain(self, write: Callable[[Row], None], most: int | None = None) -> int:
        """Gives waiting rows to ``write``, the oldest first, ``most`` at most, and drops each then.

        An error of ``write`` ends it and goes on up. A file that cannot be read is put aside as ``*.bad``.
        Returns how many were written.
        """
        done = 0
        while self._waiting and (most is None or done < most):
            path = self._waiting[0]
            try:
                item = from_json(path.read_text(encoding="utf-8"))
            except FileNotFoundError:
                log.warning("spool-missing file=%s", path)
                self._waiting.popleft()
                continue
            except (ValueError, KeyError, TypeError) as error:
                log.warning("spool-unreadable file=%s reason=%s", path, error)
                path.replace(path.with_suffix(".bad"))
                self._waiting.popleft()
                continue
            write(item)
            path.unlink()
            self._waiting.popleft()
            done += 1
        return done


_MOMENTS: dict[str, type[Crossing] | type[LevelReading] | type[Ending]] = {
    "crossing": Crossing,
    "level": LevelReading,
    "ending": Ending,
}
_TYPES = {
    Event: "event",
    Ending: "ending",
    TrackRecord: "track",
    MotionMinute: "motion",
    Crossing: "crossing",
    LevelReading: "level",
}


def to_json(item: Row) -> str:
    """One row as a line of JSON."""
    if isinstance(item, MotionMinute):
        grids = base64.b64encode(item.grids).decode()
        return json.dumps(
            {"type": _TYPES[MotionMinute], **asdict(item), "grids": grids}, default=str
        )
    return json.dumps({"type": _TYPES[type(item)], **asdict(item)}, default=str, ensure_ascii=False)


def from_json(text: str) -> Row:
    """The row again. Raises :class:`ValueError`, :class:`KeyError` or :class:`TypeError` on anything else."""
    data: dict[str, Any] = json.loads(text)
    kind = data.pop("type")
    if kind == "motion":
        data["minute_at"] = datetime.fromisoformat(data["minute_at"])
        data["moved"] = tuple(data["moved"])
        data["grids"] = base64.b64decode(data["grids"], validate=True)
        data["watched"] = tuple((begin, end) for begin, end in data["watched"])
        return MotionMinute(**data)
    if kind in _MOMENTS:
        data["at"] = datetime.fromisoformat(data["at"])
        return _MOMENTS[kind](**data)
    data["uid"] = UUID(data["uid"])
    if kind == "event":
        fix = data["fix"]
        data["track_uid"] = UUID(data["track_uid"]) if data["track_uid"] else None
        data["at"] = datetime.fromisoformat(data["at"])
        data["box"] = tuple(data["box"])
        data["fix"] = GroundFix(LonLat(**fix["place"]), Ellipse(**fix["ellipse"])) if fix else None
        data["nowhere"] = Nowhere(**data["nowhere"]) if data.get("nowhere") else None
        return Event(**data)
    if kind == "track":
        data["start_at"] = datetime.fromisoformat(data["start_at"])
        data["end_at"] = datetime.fromisoformat(data["end_at"])
        data["t_ms"] = tuple(data["t_ms"])
        data["boxes"] = tuple(tuple(box) for box in data["boxes"])
        data["path"] = tuple(LonLat(**place) for place in data["path"])
        data["look"] = tuple(data["look"]) if data.get("look") else None
        return TrackRecord(**data)
    raise ValueError(f"type '{kind}' is none of {', '.join(_TYPES.values())}")
