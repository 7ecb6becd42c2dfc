"""Ground truth beside the stream: one JSON line a frame, in files that never grow beyond a bound."""

from __future__ import annotations

import json
from pathlib import Path

from demo.cameras.scene import TruthObject

LIMIT_BYTES = 8_000_000


class TruthLog:
    """``var/demo/truth/<camera>.jsonl``; the file before stands beside it as ``<camera>.1.jsonl``."""

    def __init__(self, folder: Path, code: str, limit_bytes: int = LIMIT_BYTES) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._path = folder / f"{code}.jsonl"
        self._limit = limit_bytes
        self._file = self._path.open("a", encoding="utf-8")

    def write(self, t: float, objects: list[TruthObject]) -> None:
        """One frame: ``t`` Unix seconds, and per object id, kind, lon, lat, heading, speed, box and visible share."""
        rows = [
            [
                o.id, o.kind, round(o.lon, 7), round(o.lat, 7), round(o.heading_deg, 1), round(o.speed_ms, 2),
                [round(v, 1) for v in o.box_px], round(o.visible, 2),
            ]
            for o in objects
        ]  # fmt: skip
        self._file.write(
            json.dumps({"t": round(t, 3), "objects": rows}, separators=(",", ":")) + "\n"
        )
        if self._file.tell() > self._limit:
            self._file.close()
            self._path.replace(self._path.with_suffix(".1.jsonl"))
            self._file = self._path.open("a", encoding="utf-8")

    def close(self) -> None:
        self._file.close()
