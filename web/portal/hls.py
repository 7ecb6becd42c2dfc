"""Which of the live files the public may see now, and the playlist made of them. Pure: no files, no clock."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

_SEGMENT = re.compile(r"(\d{1,12})\.m4s", re.ASCII)
_INIT = re.compile(r"init-([A-Za-z0-9_-]{1,64})\.mp4", re.ASCII)
WINDOW = 6


@dataclass(frozen=True, slots=True)
class LiveFile:
    """One media file of a camera: ``number`` counts up, ``init`` is the file with its parameter sets."""

    number: int
    file: str
    init: str
    start_at: datetime
    duration_s: float

    @property
    def end_at(self) -> datetime:
        """When its last frame ends."""
        return self.start_at + timedelta(seconds=self.duration_s)


def parse_index(text: str) -> list[LiveFile]:
    """The files of an ``index.json``, oldest first.

    Raises :class:`ValueError` on anything that does not fit, above all on a name that is not a plain one.
    """
    document = json.loads(text)
    if not isinstance(document, dict) or not isinstance(document.get("segments"), list):
        raise ValueError("index.json has no list 'segments'")
    found: list[LiveFile] = []
    for entry in document["segments"]:
        try:
            file, init = str(entry["file"]), str(entry["init"])
            start_at = datetime.fromisoformat(str(entry["start_at"]))
            duration_s = float(entry["duration_s"])
        except (KeyError, TypeError) as error:
            raise ValueError(f"index.json: {entry!r} lacks {error}") from None
        match = _SEGMENT.fullmatch(file)
        if match is None or _INIT.fullmatch(init) is None:
            raise ValueError(f"index.json: {file!r} with {init!r} are no names of live files")
        if start_at.tzinfo is None or not 0 < duration_s < 3600:
            raise ValueError(f"index.json: {file!r} has no usable time")
        found.append(LiveFile(int(match[1]), file, init, start_at.astimezone(UTC), duration_s))
    return sorted(found, key=lambda f: (f.start_at, f.number))


def visible(files: Sequence[LiveFile], now: datetime, delay_s: float) -> list[LiveFile]:
    """The files whose every frame is at least ``delay_s`` old."""
    latest = now - timedelta(seconds=delay_s)
    return [f for f in files if f.end_at <= latest]


def allowed(files: Sequence[LiveFile], name: str) -> bool:
    """Whether ``name`` is one of ``files`` or the init of one."""
    return any(name in (f.file, f.init) for f in files)


def playlist(files: Sequence[LiveFile], window: int = WINDOW) -> str:
    """A live playlist of the last ``window`` files (RFC 8216); each says when it was seen."""
    shown = list(files[-window:])
    longest_s = max((f.duration_s for f in files), default=1.0)
    lines = [
        "#EXTM3U",
        "#EXT-X-VERSION:7",
        f"#EXT-X-TARGETDURATION:{max(1, math.ceil(longest_s))}",
        f"#EXT-X-MEDIA-SEQUENCE:{shown[0].number if shown else 0}",
        "#EXT-X-INDEPENDENT-SEGMENTS",
    ]
    session = _INIT.fullmatch(shown[0].init) if shown else None
    if session is not None and session[1].isdigit():
        lines.append(f"#EXT-X-DISCONTINUITY-SEQUENCE:{int(session[1])}")
    init = ""
    for file in shown:
        if file.init != init:
            if init:
                lines.append("#EXT-X-DISCONTINUITY")
            lines.append(f'#EXT-X-MAP:URI="{file.init}"')
            init = file.init
        stamp = file.start_at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
        lines += [f"#EXT-X-PROGRAM-DATE-TIME:{stamp}", f"#EXTINF:{file.duration_s:.3f},", file.file]
    return "\n".join(lines) + "\n"
