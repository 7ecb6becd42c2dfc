"""The nouns of evidence: what is to be exported, and the footage as the index knows it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from gis.errors import WanglouError
from ingest.evidence.manifest import GapEntry

Polygon = tuple[tuple[int, int], ...]  # (x, y) in thousandths of the picture's width and height


class ExportCancelled(WanglouError):
    """Somebody stopped the export."""


@dataclass(frozen=True, slots=True)
class Mask:
    """What to make unrecognisable: regions by camera code, and moving people. ``sound`` keeps the sound."""

    style: str = "pixelate"  # or "blur"
    people: bool = False
    regions: Mapping[str, tuple[Polygon, ...]] = field(default_factory=dict)
    sound: bool = False


@dataclass(frozen=True, slots=True)
class Order:
    """An export as somebody asked for it. ``number`` is its job's, None by the command line."""

    from_at: datetime
    to_at: datetime
    made_by: str
    reason: str
    mask: Mask | None = None
    number: int | None = None


@dataclass(frozen=True, slots=True)
class FootageSegment:
    """A recording file with its fragments as columns: bytes from its start, and 1/90000 s since 2020-01-01.

    ``sha256`` has 32 bytes per fragment; None where nothing was hashed while recording.
    """

    id: int
    path: str
    tier: int
    start_at: datetime
    init_bytes: int
    codec: str
    width_px: int
    height_px: int
    sound: str | None
    offset: NDArray[np.int64]
    length: NDArray[np.int64]
    decode_90k: NDArray[np.int64]
    duration_90k: NDArray[np.int64]
    key: NDArray[np.bool_]
    sha256: bytes | None
    chain_before: bytes | None
    clock_offset_ms: int | None
    clock_error_ms: int | None


@dataclass(frozen=True, slots=True)
class CameraFootage:
    """One camera's segments in the order of time, and what was never recorded of the span asked for."""

    id: int
    code: str
    name: str
    name_en: str | None
    segments: tuple[FootageSegment, ...]
    gaps: tuple[GapEntry, ...]


class FragmentFilter(Protocol):
    """Makes other pictures of fragments: what masking hands in. One per stretch of one format."""

    def learn(self, fragments: list[bytes]) -> None:
        """Some fragments from all over the footage, once, before the first is converted."""
        ...

    def convert(self, fragments: list[bytes]) -> bytes:
        """One new fragment (``moof``+``mdat`` of pictures alone) from those of a whole GOP.

        Raises :class:`ingest.fmp4_reader.NotARecording` when nothing of it can be decoded.
        """
        ...

    @property
    def init(self) -> bytes:
        """The init segment of the new pictures; known once a first GOP was converted."""
        ...

    @property
    def codec(self) -> str:
        """The new pictures' codec (RFC 6381); known at the same time."""
        ...


class Readable(Protocol):
    """A recording's bytes."""

    def read_at(self, offset: int, length: int) -> bytes:
        """Those bytes, fewer only at the end of the file. Raises :class:`gis.errors.StorageAway`."""
        ...

    def close(self) -> None:
        """Lets go of the file."""
        ...


OpenSegment = Callable[[FootageSegment], Readable]
MakeFilter = Callable[[str, bytes], FragmentFilter]  # camera code and the recording's init
