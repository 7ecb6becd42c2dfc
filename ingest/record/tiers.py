"""Where recordings lie: the tiers as configured, and one kind of place for each.

A place takes whole files and gives them back by ranges. Writing is atomic and durable: a file is there whole or not
at all. Every failure is :class:`gis.errors.StorageAway` with a sentence that names the place.
"""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal, Protocol

from gis.errors import NotFound, StorageAway
from gis.said import say
from ingest.record.disk import REAL, Folders

TierKind = Literal["local", "path", "s3"]
LOCAL = 0
READ_BYTES = 1 << 20  # read at once where a whole range is streamed
MARK = ".wanglou-tier"
"""In the folder of a tier of kind ``path``: without it the disk is not mounted, and nothing is written or missed."""


@dataclass(frozen=True, slots=True)
class Tier:
    """A row of ``storage_tier``, its secret decrypted. ``id`` 0 is the local disk."""

    id: int
    position: int
    name: str
    kind: TierKind
    path: str | None
    endpoint: str | None
    bucket: str | None
    prefix: str
    region: str | None
    access_key: str | None
    secret: str | None
    after_days: int | None
    above_percent: int | None
    rate_bytes_s: int | None
    enabled: bool
    problem: str | None
    problem_since: datetime | None
    version: int


class SegmentReader(io.RawIOBase):
    """A recording's bytes, wherever they lie: a seekable binary file, or ranges of it.

    ``path`` is the local file where there is one. Wrap it with :func:`io.BufferedReader` for many small reads.
    Reading raises :class:`gis.errors.StorageAway`.
    """

    def __init__(self, size_bytes: int, path: Path | None = None) -> None:
        super().__init__()
        self.size_bytes = size_bytes
        self.path = path
        self._at = 0

    def read_at(self, offset: int, length: int) -> bytes:
        """Exactly those bytes, fewer only at the end of the file."""
        raise NotImplementedError

    def chunks(self, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """The bytes from ``start`` to before ``end``, a piece at a time."""
        end = self.size_bytes if end is None else min(end, self.size_bytes)
        while start < end:
            piece = self.read_at(start, min(READ_BYTES, end - start))
            if not piece:
                return
            yield piece
            start += len(piece)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self.size_bytes}[whence]
        self._at = max(0, base + offset)
        return self._at

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer).cast("B")  # type: ignore[arg-type]
        data = self.read_at(self._at, max(0, min(len(view), self.size_bytes - self._at)))
        view[: len(data)] = data
        self._at += len(data)
        return len(data)


class Place(Protocol):
    """Somewhere files are kept. ``path`` is a recording's, relative, with ``/``."""

    def write(self, path: str, pieces: Iterator[bytes]) -> None:
        """Keeps a whole file under ``path``, durably; an older one there is replaced."""
        ...

    def open(self, path: str) -> SegmentReader:
        """The file. Raises :class:`gis.errors.NotFound` where there is none, though the place answers."""
        ...

    def remove(self, path: str) -> None:
        """Removes the file; one that is not there is no failure."""
        ...

    def check(self) -> None:
        """Writes, reads and removes a small file; raises :class:`gis.errors.StorageAway` with what is wrong."""
        ...


class _FileReader(SegmentReader):
    def __init__(self, descriptor: int, path: Path) -> None:
        super().__init__(os.fstat(descriptor).st_size, path)
        self._descriptor = descriptor

    def read_at(self, offset: int, length: int) -> bytes:
        try:
            return os.pread(self._descriptor, length, offset)
        except OSError as error:
            raise StorageAway(
                say(
                    "file_unreadable",
                    "the file '{path}' cannot be read: {error}",
                    path=self.path,
                    error=_words(error),
                )
            ) from error

    def close(self) -> None:
        if not self.closed:
            os.close(self._descriptor)
        super().close()


class FolderPlace:
    """A folder. ``marked``: only while :data:`MARK` stands in it."""

    def __init__(self, root: Path, marked: bool) -> None:
        self._root = root
        self._marked = marked
        self._folders = Folders(REAL, root)

    def write(self, path: str, pieces: Iterator[bytes]) -> None:
        self._there()
        full = self._full(path)
        beside = _part(full)
        try:
            self._folders.ensure(full.parent)
            try:
                with beside.open("wb") as file:
                    for piece in pieces:
                        file.write(piece)
                    file.flush()
                    os.fsync(file.fileno())
                    # What is read back for checking shall come from the disk, not from memory.
                    os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
                beside.replace(full)
            except BaseException:
                beside.unlink(missing_ok=True)
                raise
            REAL.sync_folder(full.parent)
        except OSError as error:
            raise StorageAway(
                say(
                    "folder_takes_nothing",
                    "the folder '{path}' takes no file: {error}",
                    path=self._root,
                    error=_words(error),
                )
            ) from error

    def open(self, path: str) -> SegmentReader:
        full = self._full(path)
        try:
            return _FileReader(os.open(full, os.O_RDONLY | os.O_CLOEXEC), full)
        except FileNotFoundError as error:
            self._there()
            raise NotFound(
                say("recording_gone", "the recording's file is not there: '{path}'", path=full)
            ) from error
        except OSError as error:
            raise StorageAway(
                say(
                    "file_not_opened",
                    "the file '{path}' cannot be opened: {error}",
                    path=full,
                    error=_words(error),
                )
            ) from error

    def remove(self, path: str) -> None:
        self._there()
        full = self._full(path)
        try:
            full.unlink(missing_ok=True)
            _part(full).unlink(missing_ok=True)  # the process was killed while it wrote
        except OSError as error:
            raise StorageAway(
                say(
                    "file_not_removed",
                    "the file '{path}' cannot be removed: {error}",
                    path=full,
                    error=_words(error),
                )
            ) from error
        for folder in list(full.parents)[:4]:  # day, month, year, camera
            if folder == self._root:
                break
            try:
                folder.rmdir()
            except OSError:
                break  # not empty

    def check(self) -> None:
        self._there()
        check_by_writing(self, f"the folder '{self._root}'")

    def mark(self) -> None:
        """Makes the folder a tier's. Raises :class:`StorageAway`."""
        try:
            if not self._root.is_dir():
                raise StorageAway(
                    say(
                        "no_folder",
                        "there is no folder '{folder}': make it, or mount its disk",
                        folder=self._root,
                    )
                )
            (self._root / MARK).touch()
            REAL.sync_folder(self._root)
        except OSError as error:
            raise StorageAway(
                say(
                    "folder_takes_nothing",
                    "the folder '{path}' takes no file: {error}",
                    path=self._root,
                    error=_words(error),
                )
            ) from error

    def _there(self) -> None:
        if self._marked and not (self._root / MARK).is_file():
            raise StorageAway(
                say(
                    "folder_unmarked",
                    "the folder '{folder}' has no file '{mark}': is its disk mounted? If it is the right folder and empty, make that file by hand",
                    folder=self._root,
                    mark=MARK,
                )
            )

    def _full(self, path: str) -> Path:
        full = self._root / path
        if ".." in full.parts:
            raise NotFound(say("no_recording_path", "'{path}' is no recording's path", path=path))
        return full


def _part(full: Path) -> Path:
    """Where a file is written before it is whole."""
    return full.with_name(full.name + ".part")


def check_by_writing(place: Place, what: str) -> None:
    """Writes, reads and removes a small file. Raises :class:`gis.errors.StorageAway`."""
    name, content = f"wanglou-test-{os.getpid()}", os.urandom(256)
    place.write(name, iter([content]))
    with place.open(name) as reader:
        back = reader.read_at(0, len(content) + 1)
    place.remove(name)
    if back != content:
        raise StorageAway(
            say(
                "gave_back_other",
                "{place} gave back {bytes} bytes that are not those written",
                place=what,
                bytes=len(back),
            )
        )


def _words(error: OSError) -> str:
    return error.strerror or str(error)


def place_of(tier: Tier, recordings: Path) -> Place:
    """The place of a tier; ``recordings`` is the local one."""
    if tier.kind == "s3":
        from ingest.record.s3 import S3Place

        return S3Place(
            tier.endpoint or "", tier.bucket or "", tier.prefix, tier.region, tier.access_key, tier.secret
        )  # fmt: skip
    if tier.kind == "path":
        return FolderPlace(Path(tier.path or ""), marked=True)
    return FolderPlace(recordings, marked=False)


Places = Callable[[Tier], Place]
