"""What a recording says of itself: ``uuid`` boxes that players pass over. Pure bytes.

The *head* stands between ``ftyp`` and ``moov`` and says which camera, stream and session the file is of and which
link of the camera's chain it goes on from. A *seal* stands behind every fragment and holds the link that the
fragment makes (:mod:`ingest.record.chain`). So a file proves itself without its index row, a fragment that power
loss left half-written shows, and the chain goes on after a crash without reading more than the last fragment.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from uuid import UUID

from ingest.fmp4_boxes import box

FORMAT = 2  # 1: version 0.1.0, without head and seals
HEAD = UUID("a6ad2b6c-8e1f-4d0e-9f5b-3c4d4e1f7a01").bytes
SEAL = UUID("a6ad2b6c-8e1f-4d0e-9f5b-3c4d4e1f7a02").bytes
LINK_BYTES = 32
SEAL_BYTES = 8 + 16 + LINK_BYTES


@dataclass(frozen=True, slots=True)
class Head:
    """Whose file it is. ``chain_before`` is 32 bytes; the clock figures are seconds, None where not known."""

    camera: str
    stream: str
    session: int
    chain_before: bytes
    clock_offset_s: float | None = None
    clock_error_s: float | None = None


def write_head(head: Head) -> bytes:
    """The head as a box."""
    text = json.dumps(
        {
            "format": FORMAT,
            "camera": head.camera,
            "stream": head.stream,
            "session": head.session,
            "chain_before": head.chain_before.hex(),
            "clock": {"offset_s": head.clock_offset_s, "error_s": head.clock_error_s},
        },
        separators=(",", ":"),
    )
    return box(b"uuid", HEAD, text.encode())


def read_head(content: bytes) -> Head | None:
    """The head in a ``uuid`` box's content; None when it is another kind of box. Raises :class:`ValueError` when it
    cannot be read."""
    if content[:16] != HEAD:
        return None
    try:
        facts = json.loads(content[16:])
        if facts["format"] != FORMAT:
            raise ValueError(f"the file is of format {facts['format']}, not {FORMAT}")
        link = bytes.fromhex(facts["chain_before"])
        if len(link) != LINK_BYTES:
            raise ValueError(f"chain_before has {len(link)} bytes, not {LINK_BYTES}")
        clock = facts["clock"]
        return Head(
            str(facts["camera"]), str(facts["stream"]), int(facts["session"]), link,
            clock["offset_s"], clock["error_s"],
        )  # fmt: skip
    except (KeyError, TypeError, UnicodeDecodeError) as error:
        raise ValueError(f"the head of the file cannot be read: {error!r}") from error


def write_seal(link: bytes) -> bytes:
    """The seal behind a fragment that makes ``link``."""
    return box(b"uuid", SEAL, link)


def read_seal(content: bytes) -> bytes | None:
    """The link in a ``uuid`` box's content; None when it is another kind of box."""
    if content[:16] != SEAL or len(content) != 16 + LINK_BYTES:
        return None
    return content[16:]
