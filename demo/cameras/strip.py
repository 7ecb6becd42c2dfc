"""A machine-readable time in the picture: 48 black or white blocks along the top edge, read back after compression."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
BLOCKS = 48
BLOCK_PX = 8
_TIME_BITS = 42
_BLACK, _WHITE = 20, 235
WIDTH_PX = BLOCKS * BLOCK_PX


def _check(value: int) -> int:
    """Six bits: the sum of the time's seven groups of six bits, and one, so that black is no time."""
    return (sum((value >> shift) & 63 for shift in range(0, _TIME_BITS, 6)) + 1) & 63


def draw_strip(luma: Bytes, unix_ms: int) -> None:
    """Writes ``unix_ms`` into the top-left :data:`WIDTH_PX` × :data:`BLOCK_PX` pixels of a plane ``(h, w)`` in place.

    Raises :class:`ValueError` for a picture that is too narrow or a time that does not fit 42 bits.
    """
    if luma.shape[1] < WIDTH_PX or not 0 <= unix_ms < 1 << _TIME_BITS:
        raise ValueError(
            f"a strip needs {WIDTH_PX} px and a time below 2^42 ms, got {luma.shape} and {unix_ms}"
        )
    word = unix_ms << 6 | _check(unix_ms)
    bits = (word >> np.arange(BLOCKS - 1, -1, -1)) & 1
    row = np.repeat(np.where(bits == 1, _WHITE, _BLACK).astype(np.uint8), BLOCK_PX)
    luma[:BLOCK_PX, :WIDTH_PX] = row


def read_strip(picture: Bytes) -> int | None:
    """The time in a picture ``(h, w)`` grey or ``(h, w, 3)`` BGR, milliseconds since 1970; None where none is readable."""
    if picture.shape[0] < BLOCK_PX or picture.shape[1] < WIDTH_PX:
        return None
    area = picture[2 : BLOCK_PX - 2, :WIDTH_PX].astype(np.float64)
    if area.ndim == 3:
        area = area.mean(axis=2)
    means = area.reshape(area.shape[0], BLOCKS, BLOCK_PX)[:, :, 2:-2].mean(axis=(0, 2))
    if np.any(np.abs(means - 128.0) < 30.0):
        return None
    word = 0
    for bit in means > 128.0:
        word = word << 1 | int(bit)
    value = word >> 6
    return value if word & 63 == _check(value) else None
