"""What every import of map data has in common: what it took, what it refused and why."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path

from gis.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class Refusal:
    """One row that was not taken: where it stands in the file, and the reason."""

    where: str
    reason: str

    def __str__(self) -> str:
        return f"{self.where}: {self.reason}"


@dataclass(frozen=True, slots=True)
class ImportSummary:
    """What an import did. ``kept`` counts the rows now in the database by table."""

    kind: str
    source: str
    kept: dict[str, int]
    refused: tuple[Refusal, ...]
    removed: int = 0

    @property
    def rows_kept(self) -> int:
        return sum(self.kept.values())


@dataclass(slots=True)
class Refusals:
    """Gathers refusals while a file is read."""

    found: list[Refusal] = field(default_factory=list)

    def add(self, where: str, reason: str) -> None:
        self.found.append(Refusal(where, reason))


def check_source(source: str) -> None:
    """Raises :class:`InvalidInput` on a source name that is empty, too long, or holds a colon, which is ours."""
    if not source.strip() or len(source) > 64 or ":" in source:
        raise InvalidInput(
            f"source {source!r}: give a name of 1 to 64 characters without a colon", "source"
        )


def digest(path: Path) -> str:
    """sha256 of a file, hex. Raises :class:`InvalidInput` when it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise InvalidInput(f"{path} cannot be read: {error.strerror}", "path") from error
