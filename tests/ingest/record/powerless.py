"""A disk that loses power: what was not made durable is there afterwards in part, in any order, or not at all."""

from __future__ import annotations

import errno
import os
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ingest.record.disk import RealDisk

SECTOR_BYTES = 512


@dataclass
class _File:
    """``durable`` is what the last sync left; ``since`` are the writes after it, as (offset, data)."""

    durable: bytes = b""
    since: list[tuple[int, bytes]] = field(default_factory=list)

    @property
    def size(self) -> int:
        return self.since[-1][0] + len(self.since[-1][1]) if self.since else len(self.durable)

    def sync(self) -> None:
        data = bytearray(self.durable)
        for offset, part in self.since:
            data[offset:] = part
        self.durable, self.since = bytes(data), []

    def survives(self, rng: random.Random) -> bytes:
        """The file after the power came back."""
        share = rng.choice((0.0, 0.5, 0.9, 1.0))
        size = rng.choice((len(self.durable), rng.randint(len(self.durable), self.size), self.size))
        data = bytearray(self.durable)
        rubbish = rng.random() < 0.3
        for offset, part in self.since:
            for at in range(0, len(part), SECTOR_BYTES):
                sector = part[at : at + SECTOR_BYTES]
                if rng.random() >= share:  # space was given to the file, its content never came
                    sector = rng.randbytes(len(sector)) if rubbish else bytes(len(sector))
                data[offset + at :] = sector
        return bytes(data[:size])


class PowerlessDisk(RealDisk):
    """A real disk for the program; notes what would be left of it. From its ``dies_at``-th call on every one fails.

    The call in which the power goes may have done its work, all of it or a part, but is not durable.
    """

    def __init__(self, root: Path, dies_at: int) -> None:
        self._root = root
        self._dies_at = dies_at
        self._files: list[_File] = []
        self._open: dict[int, int] = {}  # descriptor: file
        self._names: dict[Path, int] = {}  # as the program sees them
        self._durable: dict[Path, int | None] = {root: None}  # None: a folder
        self._pending: list[tuple[Path, dict[Path, int | None], list[Path]]] = []
        self.calls = 0

    def _goes(self) -> None:
        self.calls += 1
        if self.calls > self._dies_at:
            raise OSError(errno.EIO, os.strerror(errno.EIO))

    def _lost(self) -> None:
        if self.calls == self._dies_at:
            raise OSError(errno.EIO, os.strerror(errno.EIO))

    def create(self, path: Path) -> int:
        self._goes()
        descriptor = super().create(path)
        self._files.append(_File())
        number = len(self._files) - 1
        self._open[descriptor] = self._names[path] = number
        self._pending.append((path.parent, {path: number}, []))
        self._lost()
        return descriptor

    def write(self, descriptor: int, parts: Sequence[bytes]) -> None:
        self._goes()
        super().write(descriptor, parts)
        file = self._files[self._open[descriptor]]
        file.since.append((file.size, b"".join(parts)))
        self._lost()

    def sync(self, descriptor: int) -> None:
        self._goes()
        self._lost()
        self._files[self._open[descriptor]].sync()

    def cut(self, path: Path, size_bytes: int) -> None:
        self._goes()
        super().cut(path, size_bytes)
        self._lost()
        file = self._files[self._names[path]]
        file.sync()
        file.durable = file.durable[:size_bytes]

    def make_folder(self, path: Path) -> None:
        self._goes()
        super().make_folder(path)
        if path != self._root:
            self._pending.append((path.parent, {path: None}, []))
        self._lost()

    def sync_folder(self, path: Path) -> None:
        self._goes()
        self._lost()
        left = []
        for change in self._pending:
            if change[0] == path:
                self._apply(change)
            else:
                left.append(change)
        self._pending = left

    def unlink(self, path: Path) -> None:
        self._goes()
        if path in self._names:
            del self._names[path]
            self._pending.append((path.parent, {}, [path]))
        super().unlink(path)
        self._lost()

    def rename(self, before: Path, after: Path) -> None:
        self._goes()
        super().rename(before, after)
        self._names[after] = self._names.pop(before)
        self._pending.append((after.parent, {after: self._names[after]}, [before]))
        self._lost()

    def _apply(self, change: tuple[Path, dict[Path, int | None], list[Path]]) -> None:
        _, there, gone = change
        for path in gone:
            self._durable.pop(path, None)
        self._durable.update(there)

    def leave(self, root: Path, rng: random.Random) -> None:
        """Makes ``root`` what the disk holds after the power came back. Ends the use of this disk."""
        for change in self._pending:
            if rng.random() < 0.5:
                self._apply(change)
        for path, number in sorted(self._durable.items()):
            target = root / path.relative_to(self._root)
            if not target.parent.is_dir() and path != self._root:
                continue  # its folder's name never became durable
            if number is None:
                target.mkdir(exist_ok=True)
            else:
                target.write_bytes(self._files[number].survives(rng))
