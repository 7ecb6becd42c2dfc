"""The manifest of an evidence package: what was exported, and the hashes that prove it. Pure.

It is canonical JSON: UTF-8, keys sorted, no white space, no fractions. Its exact bytes are what is signed.
"""

from __future__ import annotations

import dataclasses
import json
import re
import types
import typing
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

FORMAT = "wanglou-evidence"
VERSION = 1
NAME = "manifest.json"
SIGNATURE_NAME = "manifest.sig"
KEY_NAME = "public_key.pem"
README_NAME = "README.txt"
RECORDED, AT_EXPORT = "recorded", "at_export"


class BadManifest(ValueError):
    """The manifest cannot be read; the message says where."""


@dataclass(frozen=True, slots=True)
class FragmentEntry:
    """One recorded fragment (``moof``+``mdat`` of the pictures, then of the sound). ``at`` and ``size`` say where it
    lies in its MP4 file, in bytes; ``frames`` is 0 where it cannot be played; ``decode_90k`` counts 1/90000 s from
    2020-01-01T00:00Z. ``link`` is empty in masked footage, which is no part of the chain. ``recorded_sha256`` is what
    the index had noted when it was recorded, only where that differs from what the disk gave at the export."""

    at: int
    size: int
    frames: int
    decode_90k: int
    duration_90k: int
    sha256: str
    link: str
    recorded_sha256: str | None = None

    @property
    def chained_sha256(self) -> str:
        """The hash that the chain goes over."""
        return self.recorded_sha256 or self.sha256


@dataclass(frozen=True, slots=True)
class SegmentEntry:
    """A recording file that fragments come from. ``first`` is the place of the first exported one among its
    ``of`` fragments; ``link_before`` the chain's link in front of it; ``hashes`` whether the hashes were made while
    recording or only at the export; ``continues`` whether the chain goes on from the segment before in the package;
    ``sources`` are the originals where pictures were masked (``at`` is 0: they are not in the package)."""

    path: str
    start_at: datetime
    first: int
    of: int
    link_before: str
    hashes: str
    continues: bool
    head_at: int
    head_size: int
    clock: Mapping[str, Any]
    fragments: tuple[FragmentEntry, ...]
    sources: tuple[FragmentEntry, ...] = ()

    @property
    def chained(self) -> tuple[FragmentEntry, ...]:
        """The fragments that the chain goes over."""
        return self.sources or self.fragments


@dataclass(frozen=True, slots=True)
class StatementEntry:
    """A sentence that whoever reads the package must know."""

    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class PieceEntry:
    """A stretch of an MP4 file without a gap: at ``media_90k`` it shows ``start_at``, and so on for its duration."""

    media_90k: int
    start_at: datetime
    duration_90k: int


@dataclass(frozen=True, slots=True)
class FileEntry:
    """One MP4 file."""

    name: str
    codec: str
    width_px: int
    height_px: int
    sound: str | None
    masked: bool
    pieces: tuple[PieceEntry, ...]
    segments: tuple[SegmentEntry, ...]


@dataclass(frozen=True, slots=True)
class GapEntry:
    """A stretch that is not in the package, and why."""

    start_at: datetime
    end_at: datetime
    reason: str
    detail: str


@dataclass(frozen=True, slots=True)
class CameraEntry:
    """One camera's footage. ``gaps``: never recorded; ``unavailable``: recorded, but not to be read at the export."""

    id: int
    code: str
    name: str
    name_en: str | None
    files: tuple[FileEntry, ...]
    gaps: tuple[GapEntry, ...]
    unavailable: tuple[GapEntry, ...]


@dataclass(frozen=True, slots=True)
class MaskEntry:
    """What was made unrecognisable. ``regions``: by camera code, polygons of (x, y) in thousandths of the picture."""

    style: str
    people: bool
    regions: Mapping[str, tuple[tuple[tuple[int, int], ...], ...]]
    sound: bool
    note: str


@dataclass(frozen=True, slots=True)
class MemberEntry:
    """Another file of the package."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """Everything the package says of itself. ``clock_uncertainty_ms`` bounds how far a picture's time may be off from
    the recorder's own clock; the recorder's clock is as good as its NTP."""

    format: str
    version: int
    software: str
    host: str
    key_fingerprint: str
    made_at: datetime
    number: int | None
    made_by: str
    reason: str
    from_at: datetime
    to_at: datetime
    clock_uncertainty_ms: int
    masking: MaskEntry | None
    statements: tuple[StatementEntry, ...]
    cameras: tuple[CameraEntry, ...]
    members: tuple[MemberEntry, ...]


_HASH = re.compile("[0-9a-f]{64}")
FRAGMENT_COLUMNS = tuple(f.name for f in dataclasses.fields(FragmentEntry))


def to_bytes(manifest: Manifest) -> bytes:
    """The manifest's bytes, as they are signed."""
    plain = _plain(manifest)
    plain["fragment_columns"] = list(FRAGMENT_COLUMNS)
    return json.dumps(
        plain, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    ).encode()


def _plain(value: Any) -> Any:
    if isinstance(value, FragmentEntry):
        row = [getattr(value, name) for name in FRAGMENT_COLUMNS]
        while row[-1] is None:
            row.pop()
        return row
    if dataclasses.is_dataclass(value):
        return {f.name: _plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(inner) for inner in value]
    if isinstance(value, float):
        raise TypeError(f"a manifest holds no fractions: {value!r}")
    return value


def from_bytes(data: bytes) -> Manifest:
    """A manifest from its bytes. Raises :class:`BadManifest` on anything that :func:`to_bytes` would not write."""
    try:
        plain = json.loads(data)
    except ValueError as error:
        raise BadManifest(f"it is not JSON: {error}") from error
    if not isinstance(plain, dict) or plain.get("format") != FORMAT:
        raise BadManifest(f"its format is not '{FORMAT}'")
    if plain.get("version") != VERSION:
        raise BadManifest(
            f"its version is {plain.get('version')!r}; this program reads version {VERSION}: use a newer one"
        )
    if plain.pop("fragment_columns", None) != list(FRAGMENT_COLUMNS):
        raise BadManifest("its fragment columns are not those of its version")
    manifest: Manifest = _read(plain, Manifest, "manifest")
    if to_bytes(manifest) != data:
        raise BadManifest("it is not written in canonical JSON")
    return manifest


def _possible(f: FragmentEntry) -> bool:
    """Whether the values are of the right kind and in the range of what is recorded."""
    numbers = ((f.at, 1 << 62), (f.size, 1 << 40), (f.frames, 1 << 40), (f.decode_90k, 1 << 54), (f.duration_90k, 1 << 32))  # fmt: skip
    hashes = [f.sha256, *([f.link] if f.link else []), *([f.recorded_sha256] if f.recorded_sha256 else [])]  # fmt: skip
    return (
        all(type(n) is int and 0 <= n < limit for n, limit in numbers)
        and all(type(h) is str and _HASH.fullmatch(h) for h in hashes)
        and f.link is not None
    )


def _read(plain: Any, kind: Any, where: str) -> Any:
    """``plain`` as ``kind``: dataclasses, tuples, mappings, times, unions with None."""
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin in (types.UnionType, typing.Union):
        return None if plain is None else _read(plain, arguments[0], where)
    if kind is FragmentEntry:
        if not isinstance(plain, list) or not 7 <= len(plain) <= len(FRAGMENT_COLUMNS):
            raise BadManifest(f"{where} is no fragment")
        plain = dict(zip(FRAGMENT_COLUMNS, plain, strict=False))
        fragment = FragmentEntry(**plain)
        if not _possible(fragment):
            raise BadManifest(f"{where} holds values that no fragment has")
        return fragment
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        hints = typing.get_type_hints(kind)
        if not isinstance(plain, dict) or not set(plain) <= set(hints):
            raise BadManifest(f"{where} does not hold what it should")
        values = {n: _read(v, hints[n], f"{where}.{n}") for n, v in plain.items()}
        try:
            made = kind(**values)
        except TypeError as error:
            raise BadManifest(f"{where} lacks something: {error}") from error
        if isinstance(made, SegmentEntry) and not _HASH.fullmatch(made.link_before):
            raise BadManifest(f"{where}.link_before is no hash")
        return made
    if origin is tuple:
        if not isinstance(plain, list):
            raise BadManifest(f"{where} is no list")
        if arguments[-1] is not Ellipsis:
            if len(plain) != len(arguments):
                raise BadManifest(f"{where} has {len(plain)} parts")
            return tuple(_read(v, k, where) for v, k in zip(plain, arguments, strict=True))
        return tuple(_read(v, arguments[0], f"{where}[{i}]") for i, v in enumerate(plain))
    if origin is not None and issubclass(origin, Mapping):
        if not isinstance(plain, dict):
            raise BadManifest(f"{where} is no object")
        inner = arguments[1]
        return plain if inner is Any else {k: _read(v, inner, where) for k, v in plain.items()}
    if kind is datetime:
        try:
            at = datetime.fromisoformat(plain)
        except (TypeError, ValueError):
            raise BadManifest(f"{where} is no time: {plain!r}") from None
        if at.tzinfo is None:
            raise BadManifest(f"{where} is a time without a zone")
        return at
    if type(plain) is not kind:
        raise BadManifest(f"{where} is {plain!r}")
    return plain
