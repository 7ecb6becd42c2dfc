"""Events and tracks that the database could not take: one file each, until it can."""

from __future__ import annotations

import itertools
import json
import logging
import os
import time
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from analytics.model import Event, TrackRecord
from gis.model import Ellipse, GroundFix, LonLat

log = logging.getLogger(__name__)


class Spool:
    """A folder of waiting rows, oldest first. Safe to be used by one thread at a time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._numbers = itertools.count()
        folder.mkdir(parents=True, exist_ok=True)

    def __len__(self) -> int:
        return sum(1 for _ in self._folder.glob("*.json"))

    def add(self, item: Event | TrackRecord) -> None:
        """Keeps one row. Raises :class:`OSError` when the disk refuses."""
        name = f"{time.time_ns():020d}-{next(self._numbers):06d}.json"
        part = self._folder / f"{name}.part"
        with part.open("w", encoding="utf-8") as file:
            file.write(to_json(item))
            file.flush()
            os.fsync(file.fileno())
        part.replace(self._folder / name)

    def drain(self, write: Callable[[Event | TrackRecord], None]) -> int:
        """Gives every waiting row to ``write`` and drops it then; an error of ``write`` ends it and goes on up.

        A file that cannot be read is put aside as ``*.bad``. Returns how many were written.
        """
        done = 0
        for path in sorted(self._folder.glob("*.json")):
            try:
                item = from_json(path.read_text(encoding="utf-8"))
            except (ValueError, KeyError, TypeError) as error:
                log.warning("spool-unreadable file=%s reason=%s", path, error)
                path.replace(path.with_suffix(".bad"))
                continue
            write(item)
            path.unlink()
            done += 1
        return done


def to_json(item: Event | TrackRecord) -> str:
    """One row as a line of JSON."""
    kind = "event" if isinstance(item, Event) else "track"
    return json.dumps({"type": kind, **asdict(item)}, default=str, ensure_ascii=False)


def from_json(text: str) -> Event | TrackRecord:
    """The row again. Raises :class:`ValueError`, :class:`KeyError` or :class:`TypeError` on anything else."""
    data: dict[str, Any] = json.loads(text)
    kind = data.pop("type")
    data["uid"] = UUID(data["uid"])
    if kind == "event":
        fix = data["fix"]
        data["track_uid"] = UUID(data["track_uid"])
        data["at"] = datetime.fromisoformat(data["at"])
        data["box"] = tuple(data["box"])
        data["fix"] = GroundFix(LonLat(**fix["place"]), Ellipse(**fix["ellipse"])) if fix else None
        return Event(**data)
    if kind == "track":
        data["start_at"] = datetime.fromisoformat(data["start_at"])
        data["end_at"] = datetime.fromisoformat(data["end_at"])
        data["t_ms"] = tuple(data["t_ms"])
        data["boxes"] = tuple(tuple(box) for box in data["boxes"])
        data["path"] = tuple(LonLat(**place) for place in data["path"])
        return TrackRecord(**data)
    raise ValueError(f"type '{kind}' is neither event nor track")
