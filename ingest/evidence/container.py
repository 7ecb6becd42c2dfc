"""The package's container: an uncompressed ZIP (APPNOTE.TXT 6.3) of which not one bit is left to chance.

Every byte outside the members' contents follows from their names, sizes, checksums and one date, so a reader can
demand exactly these bytes. Large members and packages use the zip64 fields, small ones do not, for old programs' sake.
"""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import BinaryIO

_UTF8 = 0x0800
_WIDE = 0xFFFFFFFF
_FILE_MODE = 0o100644 << 16
MAX_NAME_BYTES = 200


class BrokenContainer(ValueError):
    """The file is not a package as we write them; the message says where it leaves off."""


@dataclass(frozen=True, slots=True)
class Member:
    """A file in the package. ``at`` is where its local header begins; ``wide``: its sizes take 8 bytes there."""

    name: str
    size: int
    crc: int
    at: int
    wide: bool

    @property
    def content_at(self) -> int:
        """Where its content begins."""
        return self.at + 30 + len(self.name.encode()) + (20 if self.wide else 0)


def dos_time(at: datetime) -> int:
    """Date and time in a ZIP's 32 bits, UTC, to two seconds."""
    t = at.astimezone(UTC)
    return (
        (t.year - 1980) << 25
        | t.month << 21
        | t.day << 16
        | t.hour << 11
        | t.minute << 5
        | t.second // 2
    )


def local_header(member: Member, time: int) -> bytes:
    """What stands in front of a member's content."""
    name = member.name.encode()
    sizes = (_WIDE, _WIDE) if member.wide else (member.size, member.size)
    extra = struct.pack("<HHQQ", 1, 16, member.size, member.size) if member.wide else b""
    return (
        struct.pack(
            "<IHHHIIIIHH", 0x04034B50, 45 if member.wide else 20, _UTF8, 0, time, member.crc, *sizes,
            len(name), len(extra),
        ) + name + extra
    )  # fmt: skip


def directory(members: Sequence[Member], at: int, time: int) -> bytes:
    """All that follows the last member's content; it begins at ``at``."""
    entries = b"".join(_entry(m, time) for m in members)
    count, size = len(members), len(entries)
    tail = b""
    if at + size >= _WIDE:
        record = struct.pack("<IQHHIIQQQQ", 0x06064B50, 44, 45, 45, 0, 0, count, count, size, at)
        tail = record + struct.pack("<IIQI", 0x07064B50, 0, at + size, 1)
    return (
        entries
        + tail
        + struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, count, count, size, min(at, _WIDE), 0)
    )


def _entry(member: Member, time: int) -> bytes:
    name = member.name.encode()
    big_size, big_at = member.size >= _WIDE, member.at >= _WIDE
    fields = (struct.pack("<QQ", member.size, member.size) if big_size else b"") + (
        struct.pack("<Q", member.at) if big_at else b""
    )
    extra = struct.pack("<HH", 1, len(fields)) + fields if fields else b""
    size = _WIDE if big_size else member.size
    needed = 45 if member.wide or fields else 20
    return (
        struct.pack(
            "<IHHHHIIIIHHHHHII", 0x02014B50, 3 << 8 | 45, needed, _UTF8, 0, time, member.crc, size, size,
            len(name), len(extra), 0, 0, 0, _FILE_MODE, min(member.at, _WIDE),
        ) + name + extra
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Written:
    """What was written as a member."""

    name: str
    size: int
    sha256: str


class ContainerWriter:
    """Writes members one after another into a seekable file."""

    def __init__(self, file: BinaryIO, made_at: datetime) -> None:
        self._file = file
        self._time = dos_time(made_at)
        self._at = 0
        self._members: list[Member] = []
        self.written: list[Written] = []

    @contextmanager
    def member(self, name: str, expected_bytes: int = 0) -> Iterator[Callable[[bytes], None]]:
        """A new member; gives what takes its content. ``expected_bytes`` says whether it may need the wide fields."""
        wide = expected_bytes > _WIDE - (64 << 20)
        first = Member(name, 0, 0, self._at, wide)
        self._file.write(local_header(first, self._time))
        sha, crc, size = hashlib.sha256(), 0, 0

        def write(data: bytes) -> None:
            nonlocal crc, size
            self._file.write(data)
            sha.update(data)
            crc = zlib.crc32(data, crc)
            size += len(data)

        yield write
        if size >= _WIDE and not wide:
            raise ValueError(f"'{name}' became larger than foreseen: {size} bytes")
        done = Member(name, size, crc, self._at, wide)
        self._at = done.content_at + size
        self._file.seek(done.at)
        self._file.write(local_header(done, self._time))
        self._file.seek(self._at)
        self._members.append(done)
        self.written.append(Written(name, size, sha.hexdigest()))

    def put(self, name: str, content: bytes) -> None:
        """A member given whole."""
        with self.member(name, len(content)) as write:
            write(content)

    def finish(self) -> None:
        """Writes the directory."""
        self._file.write(directory(self._members, self._at, self._time))


def read_members(file: BinaryIO) -> list[Member]:
    """The members by their local headers, front to back; their checksums are what the headers say.

    Raises :class:`BrokenContainer` where something else stands than a member or the directory.
    """
    total = file.seek(0, 2)
    members: list[Member] = []
    at = 0
    while True:
        file.seek(at)
        head = file.read(30)
        if head[:4] == b"PK\x01\x02" and members:
            return members
        if len(head) < 30 or head[:4] != b"PK\x03\x04":
            raise BrokenContainer(
                f"at byte {at} neither a file nor the directory of the package begins"
            )
        (needed,) = struct.unpack_from("<H", head, 4)
        crc, _, size, name_bytes, extra_bytes = struct.unpack("<IIIHH", head[14:30])
        wide = needed == 45
        if name_bytes > MAX_NAME_BYTES or extra_bytes != (20 if wide else 0):
            raise BrokenContainer(f"at byte {at} the head of a file in the package was changed")
        rest = file.read(name_bytes + extra_bytes)
        try:
            name = rest[:name_bytes].decode()
        except UnicodeDecodeError:
            raise BrokenContainer(
                f"at byte {at} the name of a file in the package was changed"
            ) from None
        if wide and len(rest) == name_bytes + 20:
            (size,) = struct.unpack_from("<Q", rest, name_bytes + 4)
        member = Member(name, size, crc, at, wide)
        at = member.content_at + size
        if at > total:
            raise BrokenContainer(
                f"'{name}' is cut off: the package ends at byte {total}, the file should reach to byte {at}"
            )
        members.append(member)


def check_structure(
    file: BinaryIO, members: Sequence[Member], made_at: datetime, crcs: Sequence[int]
) -> list[str]:
    """What of the container differs from what it must be; ``crcs`` are the contents' true checksums."""
    time = dos_time(made_at)
    wrong: list[str] = []
    true = [Member(m.name, m.size, crc, m.at, m.wide) for m, crc in zip(members, crcs, strict=True)]
    for member in true:
        file.seek(member.at)
        expected = local_header(member, time)
        if file.read(len(expected)) != expected:
            wrong.append(f"the head of '{member.name}' in the package was changed")
    last = true[-1]
    at = last.content_at + last.size
    file.seek(at)
    expected = directory(true, at, time)
    if file.read(len(expected) + 1) != expected:
        wrong.append("the directory at the end of the package was changed")
    return wrong
