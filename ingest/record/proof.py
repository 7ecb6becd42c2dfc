"""Whether a recording file still says what was written: by its own seals, without the database."""

from __future__ import annotations

from typing import BinaryIO

from ingest.fmp4_reader import FileFacts, FragmentFacts
from ingest.record.chain import digest, link


def fragment_sha256(file: BinaryIO, fragment: FragmentFacts) -> bytes:
    """SHA-256 of the fragment as it lies in the file."""
    file.seek(fragment.offset)
    return digest(file.read(fragment.length))


def link_before(facts: FileFacts, index: int) -> bytes:
    """The link that fragment ``index`` goes on from, by the seal before it or by the head.

    Raises :class:`ValueError` for a file that has no head (version 0.1.0).
    """
    if facts.head is None:
        raise ValueError("the file has no chain: version 0.1.0 recorded it")
    before = facts.fragments[index - 1].link if index else facts.head.chain_before
    assert before is not None  # a file with a head has seals, else its fragments are not read
    return before


def holds(file: BinaryIO, facts: FileFacts, index: int) -> bytes | None:
    """The fragment's SHA-256 where its content makes the link in its seal, else None."""
    fragment = facts.fragments[index]
    found = fragment_sha256(file, fragment)
    made = link(link_before(facts, index), found, fragment.decode_90k, fragment.duration_90k)
    return found if made == fragment.link else None


def last_link(file: BinaryIO, facts: FileFacts) -> bytes:
    """The link that the camera's next file goes on from: of the last fragment that is as it was written.

    Power loss may have left one half-written, which the repair then cuts off.
    """
    for index in reversed(range(len(facts.fragments))):
        if holds(file, facts, index) is not None:
            return link_before(facts, index + 1)
    return link_before(facts, 0)


def broken(file: BinaryIO, facts: FileFacts) -> list[int]:
    """The fragments (counted from 0) whose content or place is not what was written."""
    return [i for i in range(len(facts.fragments)) if holds(file, facts, i) is None]
