"""Boxes of ISO/IEC 14496-12, written and taken apart. Pure bytes."""

from __future__ import annotations

import struct


def box(kind: bytes, *payload: bytes) -> bytes:
    """A box of type ``kind``."""
    return struct.pack(">I", 8 + sum(map(len, payload))) + kind + b"".join(payload)


def full_box(kind: bytes, version: int, flags: int, *payload: bytes) -> bytes:
    """A box with a version and 24 bits of flags."""
    return box(kind, struct.pack(">I", version << 24 | flags), *payload)


def boxes(payload: bytes) -> list[tuple[bytes, bytes]]:
    """The boxes in ``payload`` in order, as (type, content); one that is not whole ends the list."""
    found: list[tuple[bytes, bytes]] = []
    at = 0
    while at + 8 <= len(payload):
        size = int.from_bytes(payload[at : at + 4], "big")
        if size < 8 or at + size > len(payload):
            break
        found.append((payload[at + 4 : at + 8], payload[at + 8 : at + size]))
        at += size
    return found
