"""What the recorder and the repair ask of a disk, in one place, so that a test can lose power in between."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Protocol

_IOV_MAX = 1024
_PAGE_BYTES = os.sysconf("SC_PAGESIZE")


class Disk(Protocol):
    """Every call raises :class:`OSError`. Nothing is durable before :meth:`sync`, no name before its folder is."""

    def create(self, path: Path) -> int:
        """A descriptor of a file that was not there."""
        ...

    def write(self, descriptor: int, parts: Sequence[bytes]) -> None:
        """Appends all of ``parts``."""
        ...

    def sync(self, descriptor: int) -> None:
        """Makes the file's bytes and size durable."""
        ...

    def let_go(self, descriptor: int, from_bytes: int, to_bytes: int) -> None:
        """What was made durable there need not stay in memory. Advice only: it raises nothing."""
        ...

    def cut(self, path: Path, size_bytes: int) -> None:
        """Makes the file that short, durably."""
        ...

    def close(self, descriptor: int) -> None: ...

    def make_folder(self, path: Path) -> None:
        """A folder in one that is there; nothing happens where it is there already."""
        ...

    def sync_folder(self, path: Path) -> None:
        """Makes the names in a folder durable."""
        ...

    def unlink(self, path: Path) -> None:
        """Removes the file; nothing happens where it is gone already."""
        ...

    def rename(self, before: Path, after: Path) -> None:
        """``after`` becomes ``before`` in one step."""
        ...


class RealDisk:
    """The machine's own file systems."""

    def create(self, path: Path) -> int:
        return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o640)

    def write(self, descriptor: int, parts: Sequence[bytes]) -> None:
        left: list[memoryview] = [memoryview(p) for p in parts if p]
        while left:
            done = os.writev(descriptor, left[:_IOV_MAX])
            while left and done >= len(left[0]):
                done -= len(left.pop(0))
            if done:
                left[0] = left[0][done:]

    def sync(self, descriptor: int) -> None:
        os.fdatasync(descriptor)

    def let_go(self, descriptor: int, from_bytes: int, to_bytes: int) -> None:
        # Whole pages only: the last one would have to be read again for what is written behind it.
        begin, end = from_bytes // _PAGE_BYTES * _PAGE_BYTES, to_bytes // _PAGE_BYTES * _PAGE_BYTES
        if end > begin:
            with suppress(OSError):
                os.posix_fadvise(descriptor, begin, end - begin, os.POSIX_FADV_DONTNEED)

    def cut(self, path: Path, size_bytes: int) -> None:
        descriptor = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
        try:
            os.ftruncate(descriptor, size_bytes)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def close(self, descriptor: int) -> None:
        os.close(descriptor)

    def make_folder(self, path: Path) -> None:
        path.mkdir(exist_ok=True)

    def sync_folder(self, path: Path) -> None:
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def unlink(self, path: Path) -> None:
        path.unlink(missing_ok=True)

    def rename(self, before: Path, after: Path) -> None:
        before.rename(after)


REAL = RealDisk()


class Folders:
    """Folders below ``root``, each of whose names this process has made durable once.

    A folder that is there already may be one that an earlier process was killed right after making.
    """

    def __init__(self, disk: Disk, root: Path) -> None:
        self._disk = disk
        self._root = root
        self._known: set[Path] = set()

    def ensure(self, folder: Path) -> None:
        """``folder`` is there, durably. Raises :class:`OSError`."""
        wanted = [folder, *folder.parents]
        for one in reversed(wanted[: wanted.index(self._root) + 1]):
            if one in self._known and one.is_dir():
                continue
            self._disk.make_folder(one)
            self._disk.sync_folder(one.parent)
            self._known.add(one)


def replace_file(disk: Disk, path: Path, content: bytes) -> None:
    """``path`` holds ``content`` afterwards, or, after a crash, what it held before."""
    fresh = path.with_name(f"{path.name}.new")
    disk.unlink(fresh)
    descriptor = disk.create(fresh)
    try:
        disk.write(descriptor, [content])
        disk.sync(descriptor)
    finally:
        disk.close(descriptor)
    disk.rename(fresh, path)
    disk.sync_folder(path.parent)
