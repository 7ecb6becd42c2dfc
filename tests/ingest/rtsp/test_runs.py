"""The short way for the fragments of large pictures brings what the long way brings, whatever the camera does."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.rtsp.client import Channels
from ingest.rtsp.media import TrackReader
from ingest.rtsp.rtp import Frame
from ingest.rtsp.sdp import VIDEO, Track
from ingest.rtsp.wire import Framer
from tests.support.rtp import Packets, h264_payloads, h265_payloads

OTHER_CHANNEL = 2
MTU = 60


def _nal(codec: str, key: bool, size: int) -> bytes:
    head = {"H264": (b"\x65\x88", b"\x41\x9a"), "H265": (b"\x26\x01\xaf", b"\x02\x01\xd0")}[codec]
    return head[0 if key else 1] + bytes(n % 200 + 5 for n in range(size))


def _stream(codec: str, sizes: list[int], sequence: int) -> list[bytes]:
    """RTP packets of one picture per size, with markers."""
    packets = Packets(sequence=sequence)
    cut = h264_payloads if codec == "H264" else h265_payloads
    out: list[bytes] = []
    for number, size in enumerate(sizes):
        payloads = cut([_nal(codec, number == 0, size)], MTU)
        for index, payload in enumerate(payloads):
            out.append(packets.packet(payload, number * 3600, index == len(payloads) - 1))
    return out


def _interleaved(packet: bytes, channel: int = 0) -> bytes:
    return struct.pack(">BBH", 0x24, channel, len(packet)) + packet


def _read(codec: str, pieces: list[bytes], short: bool) -> tuple[list[Frame], tuple[int, ...]]:
    reader = TrackReader(Channels(Track(VIDEO, 96, codec, 90_000, 1, "rtsp://h/x"), 0, 1))
    framer = Framer()
    framer.feed(b"RTSP/1.0 200 OK\r\nCSeq: 4\r\n\r\n")
    frames: list[Frame] = []
    if short:
        run = reader.run(frames.extend)
        assert run is not None
        framer.runs[0] = run
    for piece in pieces:
        for item in framer.items(piece):
            if isinstance(item, tuple) and item[0] == 0:
                frames += reader.take(item[1]) or []
    rtp = reader.rtp
    return frames, (rtp.received, rtp.lost_packets, rtp.late_packets, rtp.unreadable, rtp.highest)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(["H264", "H265"]), st.data())
def test_both_ways_bring_the_same(codec: str, data: st.DataObject) -> None:
    sizes = data.draw(st.lists(st.integers(1, 700), min_size=1, max_size=8))
    sequence = data.draw(st.sampled_from([0, 65_500, 65_534, 20_000]))
    packets = _stream(codec, sizes, sequence)
    for fault in data.draw(
        st.lists(st.sampled_from(["lose", "twice", "swap", "spoil"]), max_size=4)
    ):
        at = data.draw(st.integers(0, max(0, len(packets) - 2)))
        match fault:
            case "lose" if len(packets) > 2:
                del packets[at]
            case "twice":
                packets.insert(at, packets[at])
            case "swap" if at + 1 < len(packets):
                packets[at], packets[at + 1] = packets[at + 1], packets[at]
            case "spoil":
                place = data.draw(st.integers(0, min(17, len(packets[at]) - 1)))
                bits = data.draw(st.integers(1, 255))
                spoilt = bytearray(packets[at])
                spoilt[place] ^= bits
                packets[at] = bytes(spoilt)
    wire = b""
    for number, packet in enumerate(packets):
        wire += _interleaved(packet)
        if number % 5 == 4:
            wire += _interleaved(b"\x80\xc8" + bytes(20), OTHER_CHANNEL)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(wire)), max_size=6)))
    pieces = [wire[a:b] for a, b in zip([0, *cuts], [*cuts, len(wire)], strict=True)]
    assert _read(codec, pieces, short=True) == _read(codec, pieces, short=False)


def test_the_short_way_is_taken() -> None:
    packets = _stream("H264", [5000, 20, 700], 0)
    reader = TrackReader(Channels(Track(VIDEO, 96, "H264", 90_000, 1, "rtsp://h/x"), 0, 1))
    framer = Framer()
    framer.feed(b"RTSP/1.0 200 OK\r\nCSeq: 4\r\n\r\n")
    frames: list[Frame] = []
    run = reader.run(frames.extend)
    assert run is not None
    framer.runs[0] = run
    came = []
    for item in framer.items(b"".join(map(_interleaved, packets))):
        assert isinstance(item, tuple)
        came.append(item)
        frames += reader.take(item[1]) or []
    assert len(came) == 1, "the first packet of all; what goes on from it is taken in a run"
    assert [frame.units for frame in frames] == [
        [_nal("H264", True, 5000)],
        [_nal("H264", False, 20)],
        [_nal("H264", False, 700)],
    ]
    assert reader.rtp.received == len(packets)


@pytest.mark.parametrize("codec", ["H264", "H265"])
def test_what_becomes_whole_is_handed_on_before_what_follows_it(codec: str) -> None:
    packets = _stream(codec, [700, 20, 300], 0)
    reader = TrackReader(Channels(Track(VIDEO, 96, codec, 90_000, 1, "rtsp://h/x"), 0, 1))
    framer = Framer()
    framer.feed(b"RTSP/1.0 200 OK\r\nCSeq: 4\r\n\r\n")
    came: list[str] = []
    run = reader.run(lambda frames: came.extend("picture" for _ in frames))
    assert run is not None
    framer.runs[0] = run
    assert reader.take(packets[0]) is None  # the first of all goes the long way
    wire = b""
    for packet in packets[1:]:
        wire += _interleaved(packet)
        if packet[1] & 0x80:  # the marker
            wire += _interleaved(b"\x80\x61" + bytes(20), OTHER_CHANNEL)
    for item in framer.items(wire):
        assert isinstance(item, tuple)
        came.append("sound" if item[0] == OTHER_CHANNEL else "packet")
    assert came == ["picture", "sound"] * 3
