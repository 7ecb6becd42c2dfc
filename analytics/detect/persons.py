"""Light detectors of persons alone: one output ``(batch, cells, 6)``, laid out as YOLOX lays out one class."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from numpy.typing import NDArray

from analytics.detect.model import Signature
from analytics.detect.yolox import YoloX


def of(signature: Signature, trial: Mapping[str, NDArray[Any]]) -> YoloX | None:
    """The family where the file is of it."""
    found = YoloX.of(signature, trial)
    if found is None or found.class_count != 1:
        return None
    return replace(found, name="persons")
