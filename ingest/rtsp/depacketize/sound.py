"""Sound whose packets stand for themselves: G.711 (RFC 3551) and Opus (RFC 7587). Pure."""

from __future__ import annotations

from ingest.rtsp.rtp import Frame

# Samples at 48 kHz of one Opus frame by the upper five bits of its first byte (RFC 6716 section 3.1).
_OPUS_SAMPLES = (
    (480, 960, 1920, 2880) * 3 + (480, 960) * 2 + (120, 240, 480, 960) * 4
)  # fmt: skip


class WholePackets:
    """Every payload is one access unit."""

    def lost(self) -> None:
        """The next packet needs nothing of those before it."""

    def push(
        self, packet: bytes, start: int, end: int, timestamp: int, marker: bool
    ) -> list[Frame] | None:
        return [Frame([packet[start:end]], timestamp)] if end > start else None


def opus_samples(packet: bytes) -> int:
    """How many samples at 48 kHz an Opus packet holds; 0 for one that cannot be."""
    if not packet:
        return 0
    one = _OPUS_SAMPLES[packet[0] >> 3]
    code = packet[0] & 3
    count = 1 if code == 0 else 2
    if code == 3:
        count = packet[1] & 63 if len(packet) > 1 else 0
    return one * count if one * count <= 5760 else 0
