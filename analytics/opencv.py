"""OpenCV, for what its type stubs leave out: scalar operands, which its arithmetic takes."""

from __future__ import annotations

from typing import Any

import cv2 as opencv

cv2: Any = opencv
