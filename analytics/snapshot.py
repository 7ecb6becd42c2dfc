"""The pictures kept: of an event the whole frame in colour, nothing drawn into it; of a track its best view."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import cv2
import numpy as np
from numpy.typing import NDArray

QUALITY = 88


def relative_path(uid: UUID, at: datetime) -> str:
    """Where an event's or a track's snapshot lies under the snapshots folder: by its day in UTC."""
    return f"{at.astimezone(UTC):%Y/%m/%d}/{uid}.jpg"


def write(folder: Path, uid: UUID, at: datetime, bgr: NDArray[np.uint8]) -> str:
    """Writes the picture so that it is there whole or not at all; returns its relative path.

    Raises :class:`OSError` when the disk refuses.
    """
    relative = relative_path(uid, at)
    done, data = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    if not done:
        raise OSError(f"a picture of shape {bgr.shape} could not be made a JPEG")
    put(folder / relative, data.tobytes())
    return relative


def put(path: Path, data: bytes) -> None:
    """Writes a file so that it is there whole or not at all. Raises :class:`OSError` when the disk refuses."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    with part.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
