"""Messages for Media Source Extensions: one fragment per picture, so that a browser shows it without waiting for a GOP.

The fragments are the stream's, made once for all its viewers (:mod:`ingest.live.shared`); only where a session begins,
or a viewer joins, are the type and the init segment said. A joiner's first fragment carries its true decode time.
A stream of JPEG pictures needs no container: the messages after the type are the pictures.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from functools import lru_cache

from ingest.fmp4 import init_segment
from ingest.live.hub import QueueViewer, StreamEnded
from ingest.live.shared import LiveUnit
from ingest.unit import StreamFormat

JPEG = "image/jpeg"


class MseCutter:
    """Turns units into messages: a JSON text when the stream begins or changes, then init, then fragments. Pure."""

    def __init__(self) -> None:
        self._session: int | None = None

    def take(self, unit: LiveUnit) -> list[str | bytes]:
        """The messages for one unit. A session's first unit must be a key frame."""
        packet, form = unit.unit.packet, unit.unit.format
        out: list[str | bytes] = []
        if packet.session != self._session:
            self._session = packet.session
            # What media time 0 is on the clock: a player says by it how old the picture on the screen is.
            media_s = (packet.pts_90k - unit.base_90k) / 90_000
            zero_s = packet.capture_at.timestamp() - media_s
            out.append(json.dumps({"mime": mime(form), "zero_ms": round(zero_s * 1000)}))
            if form.codec != "mjpeg":
                out.append(_init(form))
        out.append(unit.unit.sample if form.codec == "mjpeg" else unit.fragment)
        return out


_init = lru_cache(maxsize=64)(init_segment)


def mime(form: StreamFormat) -> str:
    """The type a SourceBuffer is made with, or that of single pictures."""
    return JPEG if form.codec == "mjpeg" else f'video/mp4; codecs="{form.rfc6381}"'


async def messages(viewer: QueueViewer) -> AsyncIterator[str | bytes]:
    """Everything one viewer is sent, until the camera is switched off."""
    cutter = MseCutter()
    while True:
        try:
            unit = await viewer.next()
        except StreamEnded:
            return
        for message in cutter.take(unit):
            yield message
