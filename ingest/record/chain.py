"""The chain of a camera's fragments: a dropped, changed or reordered one shows, over files too. Pure."""

from __future__ import annotations

import hashlib
import struct

FIRST = bytes(32)  # what a camera's first fragment goes on from


def digest(fragment: bytes) -> bytes:
    """SHA-256 of a whole fragment: everything from its first ``moof`` to its last ``mdat``."""
    return hashlib.sha256(fragment).digest()


def link(before: bytes, sha256: bytes, decode_90k: int, duration_90k: int) -> bytes:
    """The link that a fragment makes: ``SHA-256(before ‖ sha256 ‖ decode time u64 ‖ duration u32)``, big-endian.

    ``decode_90k`` counts from :data:`ingest.fmp4.MEDIA_EPOCH`; both times are 1/90000 s.
    """
    times = struct.pack(">QI", decode_90k, duration_90k)
    return hashlib.sha256(before + sha256 + times).digest()
