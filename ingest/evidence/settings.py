"""What the exporter is told at its start; only entry points and tests build this."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class ExporterSettings:
    """Where things lie, and how long packages are kept.

    ``camera_key`` is the Fernet key of the storage tiers' secrets. ``free_bytes`` stay free on the disk of ``exports``.
    """

    database_url: str
    var: Path
    recordings: Path
    exports: Path
    camera_key: bytes
    software: str
    host: str
    keep_days: int = 7
    free_bytes: int = 1 << 30

    @property
    def keys(self) -> Path:
        """The folder of the signing key."""
        return self.var
