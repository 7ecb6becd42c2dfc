"""Batches on disk while the database is away: one file each, in order, flushed to the disk before it counts."""

from __future__ import annotations

import json
import logging
import os
from pathlib import Path
from typing import Any

from ingest.telemetry.model import (
    Batch,
    CodeRow,
    EventRow,
    PositionRow,
    QuarantineRow,
    ReadingRow,
    SeenRow,
)

_log = logging.getLogger(__name__)
_ROWS: dict[str, type] = {
    "positions": PositionRow,
    "readings": ReadingRow,
    "events": EventRow,
    "quarantine": QuarantineRow,
    "codes": CodeRow,
    "seen": SeenRow,
}


def dump(batch: Batch) -> bytes:
    """The batch as JSON: each kind of row as lists of values in the order of its fields."""
    document: dict[str, Any] = {"uid": batch.uid}
    for name, kind in _ROWS.items():
        fields = kind.__slots__  # type: ignore[attr-defined]
        document[name] = [[getattr(row, f) for f in fields] for row in getattr(batch, name)]
    return json.dumps(document, separators=(",", ":")).encode()


def load(data: bytes) -> Batch:
    """The reverse of :func:`dump`. Raises :class:`ValueError` on anything else."""
    try:
        document = json.loads(data)
        rows = {n: tuple(kind(*values) for values in document[n]) for n, kind in _ROWS.items()}
        return Batch(str(document["uid"]), **rows)
    except (KeyError, TypeError) as error:
        raise ValueError(f"not a batch: {error!r}") from error


class Spool:
    """A folder of batches. Above ``limit_bytes`` the oldest give way, counted in ``lost_rows``."""

    def __init__(self, folder: Path, limit_bytes: int) -> None:
        self._folder = folder
        self._limit_bytes = limit_bytes
        folder.mkdir(parents=True, exist_ok=True)
        for torn in folder.glob("*.new"):
            torn.unlink()
        self._files: list[tuple[Path, int]] = [
            (path, path.stat().st_size) for path in sorted(folder.glob("*.json"))
        ]
        self._bytes = sum(size for _, size in self._files)
        self._number = int(self._files[-1][0].name[:12]) if self._files else 0
        self.lost_rows = 0
        self.rejected = len(list((folder / "rejected").glob("*.json")))

    def __len__(self) -> int:
        return len(self._files)

    @property
    def bytes(self) -> int:
        """How much the waiting batches take."""
        return self._bytes

    def put(self, batch: Batch) -> None:
        """Writes the batch; when this returns it outlives a power cut. Raises :class:`OSError`."""
        data = dump(batch)
        path = self._folder / f"{self._number + 1:012d}-{batch.uid}.json"
        _write(path, data)
        self._number += 1
        self._files.append((path, len(data)))
        self._bytes += len(data)
        while self._bytes > self._limit_bytes and len(self._files) > 1:
            oldest = self._files[0][0]
            rows = load(oldest.read_bytes()).rows
            self.lost_rows += rows
            _log.error("spool_full limit_bytes=%d lost_rows=%d", self._limit_bytes, rows)
            self._forget()

    def oldest(self) -> Batch | None:
        """The batch that has waited longest; one that cannot be read is put aside."""
        while self._files:
            path = self._files[0][0]
            try:
                return load(path.read_bytes())
            except (OSError, ValueError) as error:
                self._aside(path, str(error))
        return None

    def done(self) -> None:
        """The oldest batch is in the database."""
        self._forget()

    def reject(self, batch: Batch, reason: str) -> None:
        """Puts a batch that the database refuses aside, with the reason, for a person to look at."""
        folder = self._folder / "rejected"
        folder.mkdir(exist_ok=True)
        if self._files and self._files[0][0].name.endswith(f"-{batch.uid}.json"):
            self._aside(self._files[0][0], reason)
            return
        path = folder / f"{self._number + 1:012d}-{batch.uid}.json"
        self._number += 1
        _write(path, dump(batch))
        path.with_suffix(".txt").write_text(reason + "\n", encoding="utf-8")
        self.rejected += 1

    def _aside(self, path: Path, reason: str) -> None:
        folder = self._folder / "rejected"
        folder.mkdir(exist_ok=True)
        _log.error("batch_rejected file=%s reason=%s", path.name, reason)
        if path.exists():
            path.rename(folder / path.name)
            (folder / path.name).with_suffix(".txt").write_text(reason + "\n", encoding="utf-8")
        self.rejected += 1
        self._bytes -= self._files.pop(0)[1]

    def _forget(self) -> None:
        path, size = self._files.pop(0)
        path.unlink(missing_ok=True)
        self._bytes -= size


def _write(path: Path, data: bytes) -> None:
    temporary = path.with_suffix(".new")
    with temporary.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    temporary.rename(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
