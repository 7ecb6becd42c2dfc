"""Fragments for Media Source Extensions: one per picture, so that a browser shows it without waiting for a GOP."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

from ingest.fmp4 import Sample, fragment, init_segment
from ingest.live.hub import StreamEnded, Viewer
from ingest.unit import MediaUnit, StreamFormat


class MseCutter:
    """Turns units into messages: a JSON text when the stream begins or changes, then init, then fragments. Pure.

    The media time of a stream starts at 0 with its first unit.
    """

    def __init__(self) -> None:
        self._session: int | None = None
        self._base_90k = 0
        self._number = 0

    def take(self, unit: MediaUnit) -> list[str | bytes]:
        """The messages for one unit. A session's first unit must be a key frame."""
        packet = unit.packet
        out: list[str | bytes] = []
        if packet.session != self._session:
            self._session = packet.session
            self._base_90k = packet.dts_90k
            self._number = 0
            out += [json.dumps({"mime": mime(unit.format)}), init_segment(unit.format)]
        self._number += 1
        sample = Sample(
            unit.sample, max(1, packet.duration_90k), packet.pts_90k - packet.dts_90k, packet.key
        )
        out.append(fragment(self._number, packet.dts_90k - self._base_90k, [sample]))
        return out


def mime(form: StreamFormat) -> str:
    """The type a SourceBuffer is made with."""
    return f'video/mp4; codecs="{form.rfc6381}"'


async def messages(viewer: Viewer) -> AsyncIterator[str | bytes]:
    """Everything one viewer is sent, until the camera is switched off."""
    cutter = MseCutter()
    while True:
        try:
            unit = await viewer.next()
        except StreamEnded:
            return
        for message in cutter.take(unit):
            yield message
