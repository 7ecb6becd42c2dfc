"""How the process takes memory from the system and gives it back."""

from __future__ import annotations

import ctypes

LARGE_BYTES = 256 * 1024
"""A quarter of a decoded picture's chroma plane at 1080p; the planes of the analysed picture are smaller."""
_M_MMAP_THRESHOLD = -3  # malloc.h of the GNU C library


def give_back_large_blocks() -> bool:
    """Has every block of :data:`LARGE_BYTES` go back to the system when it is freed; False where the C library has no say.

    Left to itself the GNU library keeps decoders' pictures in its heap once the first was freed, and a camera that has
    fallen asleep goes on taking what it took awake.
    """
    try:
        library = ctypes.CDLL("libc.so.6")
        return bool(library.mallopt(_M_MMAP_THRESHOLD, LARGE_BYTES))
    except (OSError, AttributeError):
        return False
