"""What a check finds, and where."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong (``grave``) or that whoever relies on the package must know."""

    grave: bool
    what: str
    camera: str | None = None
    file: str | None = None
    at: datetime | None = None

    def __str__(self) -> str:
        where = [
            *([f"camera {self.camera}"] if self.camera else []),
            *([self.file] if self.file else []),
            *([self.at.isoformat(timespec="milliseconds")] if self.at else []),
        ]
        return ": ".join([", ".join(where), self.what] if where else [self.what])


@dataclass(slots=True)
class Findings:
    """Collects them."""

    _all: list[Finding] = field(default_factory=list)

    def error(
        self,
        what: str,
        camera: str | None = None,
        file: str | None = None,
        at: datetime | None = None,
    ) -> None:
        self._all.append(Finding(True, what, camera, file, at))

    def note(
        self,
        what: str,
        camera: str | None = None,
        file: str | None = None,
        at: datetime | None = None,
    ) -> None:
        self._all.append(Finding(False, what, camera, file, at))

    @property
    def errors(self) -> list[Finding]:
        return [f for f in self._all if f.grave]

    @property
    def found(self) -> tuple[Finding, ...]:
        return tuple(self._all)
