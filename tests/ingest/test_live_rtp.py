"""Cutting pictures for RTP: whatever the NAL units, a receiver puts the same ones together again."""

from __future__ import annotations

import itertools
import struct

import pytest
from aiortc.codecs.h264 import H264PayloadDescriptor
from aiortc.rtp import HeaderExtensionsMap, RtpPacket, unwrap_rtx
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest import annexb
from ingest.live.rtp import PAYLOAD_BYTES, RUN_PACKETS, RtpClock, RtpStream, Run, packetize, runs
from ingest.live.shared import LiveUnit
from tests.ingest.streams import units

# A NAL unit of types 1 to 23 whose bytes are its own length's pattern; contents do not matter to the cutting.
nal_units = st.builds(
    lambda header, length, fill: bytes((header,)) + bytes((fill,)) * length,
    st.builds(lambda nri, kind: nri << 5 | kind, st.integers(0, 3), st.integers(1, 23)),
    st.integers(1, 5000),
    st.integers(1, 255),
)


def assembled(payloads: list[bytes]) -> bytes:
    """What aiortc's receiver makes of them: Annex B."""
    return b"".join(H264PayloadDescriptor.parse(payload)[1] for payload in payloads)


@settings(max_examples=150, deadline=None)
@given(st.lists(nal_units, max_size=12), st.integers(60, 1500))
def test_a_receiver_assembles_the_same_nal_units(nals: list[bytes], limit: int) -> None:
    payloads = packetize(nals, limit)
    assert all(1 <= len(payload) <= limit for payload in payloads)
    assert assembled(payloads) == annexb.join(nals)


def test_small_units_share_a_packet_and_large_ones_are_cut_into_equal_pieces() -> None:
    sps, pps, idr = b"\x67" + b"s" * 20, b"\x68" + b"p" * 4, b"\x65" + b"i" * 5000
    together, *pieces = packetize([sps, pps, idr], 1002)
    assert together == b"\x78" + b"\x00\x15" + sps + b"\x00\x05" + pps  # STAP-A, NRI 3
    assert [len(piece) for piece in pieces] == [1002] * 5
    assert [piece[:2].hex() for piece in pieces] == ["7c85", "7c05", "7c05", "7c05", "7c45"]
    assert packetize([b"", b"\x06x"]) == [b"\x06x"]  # one alone needs no aggregation
    assert packetize([]) == []


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(1, 40), max_size=200), st.integers(1, RUN_PACKETS))
def test_runs_keep_the_order_and_what_the_kernel_asks_of_segments(
    lengths: list[int], limit: int
) -> None:
    payloads = [bytes(length) for length in lengths]
    cut = runs(payloads, limit)
    assert [p for run in cut for p in run.payloads] == payloads
    for run in cut:
        first = len(run.payloads[0])
        assert len(run.payloads) <= limit
        assert all(len(p) == first for p in run.payloads[:-1])
        assert len(run.payloads[-1]) <= first
        assert run.size == sum(map(len, run.payloads))
    assert [run.closes for run in cut] == [False] * (len(cut) - 1) + [True] * bool(cut)


def test_a_run_fits_one_datagram_of_the_kernel() -> None:
    assert RUN_PACKETS <= 64
    assert RUN_PACKETS * (PAYLOAD_BYTES + 12 + 16) < 65_507


def stream(rtx: bool, sequence: int = 65_534) -> RtpStream:
    return RtpStream(0x1234, 102, (0x5678, 103) if rtx else None, sequence, 7, 0xFFFFFF00)


def test_headers_count_wrap_and_mark_the_end_of_a_picture() -> None:
    sender = stream(rtx=False)
    first, second = Run((b"a", b"b"), 2, False), Run((b"c",), 1, True)
    packets = [RtpPacket.parse(p) for run in (first, second) for p in sender.cut(run, 0x200)]
    assert [p.sequence_number for p in packets] == [65_534, 65_535, 0]
    assert [p.marker for p in packets] == [0, 0, 1]
    assert {p.timestamp for p in packets} == {0x100}
    assert {(p.ssrc, p.payload_type) for p in packets} == {(0x1234, 102)}
    assert [p.payload for p in packets] == [b"a", b"b", b"c"]
    assert (sender.packets, sender.payload_bytes, sender.stamp(0x200)) == (3, 3, 0x100)


@pytest.mark.parametrize("rtx", [True, False])
def test_what_was_lost_is_sent_again_and_what_is_no_longer_kept_is_not(rtx: bool) -> None:
    sender = stream(rtx, sequence=100)
    sent = sender.cut(Run((b"first", b"last"), 9, True), 90)
    again = sender.again(101)
    assert again is not None
    if rtx:
        wrapped = RtpPacket.parse(again)
        assert (wrapped.ssrc, wrapped.payload_type, wrapped.sequence_number) == (0x5678, 103, 7)
        again = unwrap_rtx(wrapped, payload_type=102, ssrc=0x1234).serialize(HeaderExtensionsMap())
        assert RtpPacket.parse(sender.again(101) or b"").sequence_number == 8
    assert again == sent[1]
    assert sender.again(102) is None
    for _ in range(1100):
        sender.cut(Run((b"x",), 1, True), 180)
    assert sender.again(101) is None


def test_a_unit_is_cut_once_with_its_parameter_sets_in_front() -> None:
    unit = units()[0]
    live = LiveUnit(1, unit, 0)
    payloads = [payload for run in live.runs for payload in run.payloads]
    assert assembled(payloads) == unit.packet.data
    assert live.runs is live.runs
    assert live.fragment is live.fragment
    position = live.fragment.index(b"tfdt")
    assert struct.unpack_from(">Q", live.fragment, position + 8)[0] == unit.packet.dts_90k


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 3), st.integers(-5_000, 50_000), st.floats(0, 5)), max_size=40
    ),
    st.integers(0, 10),
)
def test_rtp_time_always_grows(steps: list[tuple[int, int, float]], replay: int) -> None:
    clock, now_s, out = RtpClock(), 0.0, []
    for index, (session, pts, wait_s) in enumerate(steps):
        now_s += wait_s
        out.append(clock.stamp(session, pts, now_s, max(0, replay - index)))
    assert all(b > a for a, b in itertools.pairwise(out))


def test_replay_is_pressed_together_and_the_live_part_keeps_its_spacing() -> None:
    clock = RtpClock()
    out = [clock.stamp(1, 9000 * i, 0.0, max(0, 5 - i)) for i in range(10)]
    assert out[5] - out[0] < 900
    assert [b - a for a, b in itertools.pairwise(out[5:])] == [9000] * 4
    after = clock.stamp(2, 0, 3.0, 0)
    assert after - out[-1] == 3 * 90_000
