"""Where each camera's chain goes on: by a note beside its recordings, else by its newest file.

The note names the file being written, or the last link of one that was closed: the newest file may since have been
moved to another tier or deleted, and a clock that was set back makes names a bad guide.
"""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from pathlib import Path

from ingest.fmp4_marks import LINK_BYTES
from ingest.fmp4_reader import NotARecording, read_file
from ingest.record import chain
from ingest.record.disk import Disk, replace_file
from ingest.record.proof import last_link

log = logging.getLogger(__name__)

NOTE = "chain.json"


@dataclass(frozen=True, slots=True)
class _Note:
    """``link`` is what ``file`` began from, or, where ``file`` is None, what the closed one ended with."""

    link: bytes
    file: str | None


class Chains:
    """The chains of the cameras of one writer. Raises :class:`OSError` where the disk refuses."""

    def __init__(self, disk: Disk, root: Path) -> None:
        self._disk = disk
        self._root = root
        self._links: dict[str, bytes] = {}

    def link(self, code: str) -> bytes:
        """What the next file of the camera goes on from."""
        if code not in self._links:
            self._links[code] = self._find(code)
        return self._links[code]

    def began(self, code: str, path: str) -> None:
        """A file (relative to the recordings folder) was made; nothing is in it yet."""
        self._write(code, _Note(self.link(code), path))

    def went_on(self, code: str, link: bytes) -> None:
        """A fragment was written."""
        self._links[code] = link

    def ended(self, code: str) -> None:
        """The file was closed."""
        self._write(code, _Note(self.link(code), None))

    def _write(self, code: str, note: _Note) -> None:
        text = json.dumps({"link": note.link.hex(), "file": note.file})
        replace_file(self._disk, self._root / code / NOTE, text.encode())

    def _find(self, code: str) -> bytes:
        note = self._read(code)
        if note is not None and note.file is None:
            return note.link
        path = self._root / note.file if note and note.file else self._newest(code)
        if path is not None:
            try:
                with path.open("rb") as file:
                    facts = read_file(file)
                    if facts.head is not None:
                        return last_link(file, facts)
            except FileNotFoundError:
                pass  # it held no fragment, or retention was quicker
            except NotARecording as error:
                log.error("chain-unreadable camera=%s path=%s reason=%s", code, path, error)
        return note.link if note is not None else chain.FIRST

    def _read(self, code: str) -> _Note | None:
        path = self._root / code / NOTE
        try:
            facts = json.loads(path.read_bytes())
            link = bytes.fromhex(facts["link"])
            file = facts["file"]
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, TypeError) as error:
            log.error("chain-note-unreadable path=%s reason=%r", path, error)
            return None
        if len(link) != LINK_BYTES or not (file is None or isinstance(file, str)):
            log.error("chain-note-unreadable path=%s reason=it says %r", path, facts)
            return None
        return _Note(link, file)

    def _newest(self, code: str) -> Path | None:
        """The newest file by name, looking into one folder a level."""
        folder = self._root / code
        for _ in range(3):
            below = sorted(p for p in folder.glob("[0-9]*") if p.is_dir())
            if not below:
                return None
            folder = below[-1]
        return max(folder.glob("*.mp4"), default=None)
