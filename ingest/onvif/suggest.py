"""Which of a device's profiles suits as main and which as sub stream. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ingest.onvif.model import MediaProfile

RECORDED_CODECS = ("h264", "hevc", "mjpeg")
_SUB_AREA_PX = 640 * 360  # enough for a wall of pictures and for analytics


def suggest(profiles: Sequence[MediaProfile]) -> tuple[str | None, str | None]:
    """Tokens of the main stream (the largest picture) and of the sub stream (a smaller one, nearest to 640 x 360,
    H.264 before others, because every browser plays it). A profile that does not tell its codec counts too."""
    usable = [
        profile
        for profile in profiles
        if profile.stream_url and (profile.codec is None or profile.codec in RECORDED_CODECS)
    ]
    if not usable:
        return None, None
    main = max(usable, key=lambda p: (_area_px(p), p.fps or 0.0))
    smaller = [
        profile
        for profile in usable
        if 0 < _area_px(profile) < _area_px(main) and profile.stream_url != main.stream_url
    ]
    if not smaller:
        return main.token, None
    sub = min(smaller, key=lambda p: (p.codec != "h264", abs(math.log(_area_px(p) / _SUB_AREA_PX))))
    return main.token, sub.token


def _area_px(profile: MediaProfile) -> int:
    return (profile.width_px or 0) * (profile.height_px or 0)
