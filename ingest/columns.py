"""PostgreSQL's binary arrays (``array_send``) as NumPy's: many times quicker than lists of Python numbers. Pure."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_HEAD_BYTES = 20  # dimensions, flags, type, length, lower bound
_ITEM = {
    4: np.dtype([("size", ">i4"), ("value", ">i4")]),
    1: np.dtype([("size", ">i4"), ("value", "?")]),
}


def _items(raw: bytes | memoryview, width: int) -> NDArray[np.void]:
    data = bytes(raw)
    dimensions = int.from_bytes(data[:4], "big")
    if dimensions == 0:
        return np.empty(0, _ITEM[width])
    if dimensions != 1 or int.from_bytes(data[4:8], "big"):
        raise ValueError("not a one-dimensional array without nulls")
    return np.frombuffer(data, _ITEM[width], offset=_HEAD_BYTES)


def integers(raw: bytes | memoryview) -> NDArray[np.int64]:
    """``integer[]`` without nulls. Raises :class:`ValueError` for anything else."""
    return _items(raw, 4)["value"].astype(np.int64)


def booleans(raw: bytes | memoryview) -> NDArray[np.bool_]:
    """``boolean[]`` without nulls. Raises :class:`ValueError` for anything else."""
    return _items(raw, 1)["value"].astype(np.bool_)
