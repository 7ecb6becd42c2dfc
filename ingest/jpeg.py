"""JPEG (ITU-T T.81): the size of a picture. Pure."""

from __future__ import annotations

_ALONE = (0x01, *range(0xD0, 0xD9))  # markers without a length


def size_px(picture: bytes) -> tuple[int, int]:
    """Width and height of a baseline or progressive JPEG. Raises :class:`ValueError` when it is none."""
    if not picture.startswith(b"\xff\xd8"):
        raise ValueError(f"no JPEG: {picture[:8].hex()}")
    at = 2
    while at + 9 <= len(picture) and picture[at] == 0xFF:
        marker = picture[at + 1]
        if marker == 0xFF:
            at += 1
        elif marker in _ALONE:
            at += 2
        elif 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height = int.from_bytes(picture[at + 5 : at + 7], "big")
            width = int.from_bytes(picture[at + 7 : at + 9], "big")
            if width and height:
                return width, height
            break
        elif marker == 0xDA:
            break
        else:
            at += 2 + int.from_bytes(picture[at + 2 : at + 4], "big")
    raise ValueError("a JPEG without a frame header")
