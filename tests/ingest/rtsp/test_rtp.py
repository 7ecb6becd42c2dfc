"""RTP and RTCP of one track: order, gaps, restarts, reports."""

from __future__ import annotations

import struct

from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.rtsp import rtcp
from ingest.rtsp.rtp import HELD_PACKETS, Frame, RtpReceiver
from tests.support.rtp import Packets, sender_report

NOW_S = 1_800_000_000.0


class Log:
    """A depacketizer that hands every payload on, with ``LOST`` in between."""

    def __init__(self) -> None:
        self.losses = 0

    def push(
        self, packet: bytes, start: int, end: int, timestamp: int, marker: bool
    ) -> list[Frame]:
        return [Frame([packet[start:end]], timestamp)]

    def lost(self) -> None:
        self.losses += 1


def numbered(count: int, sequence: int) -> list[bytes]:
    packets = Packets(sequence=sequence)
    return [packets.packet(struct.pack(">I", n), n, False) for n in range(count)]


def numbers(receiver: RtpReceiver, packets: list[bytes]) -> list[int]:
    frames = [f for p in packets for f in receiver.take(p) or []]
    return [int.from_bytes(f.units[0], "big") for f in frames]


@settings(max_examples=80, deadline=None)
@given(st.integers(0, 65535), st.data())
def test_small_disorder_is_put_right(sequence: int, data: st.DataObject) -> None:
    packets = numbered(200, sequence)
    for _ in range(data.draw(st.integers(0, 6))):
        at = data.draw(st.integers(1, 198))
        to = min(199, at + data.draw(st.integers(1, HELD_PACKETS)))
        packets.insert(to, packets.pop(at))
    # Several moves may add up to more than is held; then the late one is dropped, never put in a wrong place.
    log = Log()
    receiver = RtpReceiver(96, log)
    got = numbers(receiver, packets)
    assert got == sorted(got)
    assert receiver.lost_packets == receiver.late_packets
    assert len(got) == 200 - receiver.lost_packets
    assert (log.losses == 0) == (receiver.lost_packets == 0)


@settings(max_examples=80, deadline=None)
@given(st.integers(0, 65535), st.sets(st.integers(1, 170), max_size=40))
def test_what_is_missing_is_counted_and_told(sequence: int, missing: set[int]) -> None:
    log = Log()
    receiver = RtpReceiver(96, log)
    got = numbers(receiver, [p for n, p in enumerate(numbered(200, sequence)) if n not in missing])
    assert got == [n for n in range(200) if n not in missing]
    assert receiver.lost_packets == len(missing)
    assert (log.losses > 0) == bool(missing)
    assert receiver.highest & 0xFFFF == (sequence + 199) % 65536
    assert receiver.highest >> 16 == (sequence + 199) // 65536


def test_repeated_packets_are_dropped() -> None:
    packets = numbered(10, 7)
    receiver = RtpReceiver(96, Log())
    assert numbers(receiver, [p for p in packets for _ in (1, 2)]) == list(range(10))
    assert receiver.late_packets == 10


def test_restarted_numbers_and_another_source_go_on_at_once() -> None:
    log = Log()
    receiver = RtpReceiver(96, log)
    assert numbers(receiver, numbered(5, 60000)) == list(range(5))
    assert numbers(receiver, numbered(5, 20)) == list(range(5))
    other = Packets(ssrc=7, sequence=900)
    assert numbers(receiver, [other.packet(b"\0\0\0\x09", 0, False)]) == [9]
    assert (log.losses, receiver.lost_packets) == (2, 0)


def test_padding_extension_and_contributors_are_taken_off() -> None:
    receiver = RtpReceiver(96, Log())
    head = struct.pack(">BBHII", 0xB2, 96, 5, 0, 1)
    packet = (
        head + bytes(8) + struct.pack(">HH", 0xABAC, 1) + bytes(4) + b"\0\0\0\x2a" + b"\0\0\x03"
    )
    assert numbers(receiver, [packet]) == [42]
    only_padding = struct.pack(">BBHII", 0xA0, 96, 6, 0, 1) + b"\0\0\0\x04"
    assert numbers(receiver, [only_padding]) == []
    assert receiver.unreadable == 0


def test_other_payload_types_are_passed_over_and_named() -> None:
    receiver = RtpReceiver(96, Log())
    other = Packets(payload_type=97)
    assert numbers(receiver, [other.packet(b"\0\0\0\x01", 0, False), b"short"]) == []
    assert (receiver.unreadable, receiver.other_type) == (2, 97)


def test_sender_report_of_a_compound_packet() -> None:
    packet = sender_report(5, 1_700_000_000.25, 12345) + struct.pack(">BBHI", 0x81, 203, 1, 5)
    report, bye = rtcp.parse(packet, NOW_S)
    assert report is not None
    assert (report.ssrc, report.unix_s, report.rtp, bye) == (5, 1_700_000_000.25, 12345, True)
    later_s = 2**32 + 100 - 2_208_988_800
    after_2036, _ = rtcp.parse(sender_report(5, later_s - 2**32, 1), later_s + 3)
    assert after_2036 is not None
    assert after_2036.unix_s == later_s


def test_clock_that_was_never_set_is_not_believed() -> None:
    for unix_s in (-2_208_988_800 + 60, 60.0):  # since 1900 or since 1970
        report, _ = rtcp.parse(sender_report(5, unix_s, 0), NOW_S)
        assert report is not None
        assert report.unix_s is None


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=120))
def test_garbage_reports_raise_nothing(packet: bytes) -> None:
    rtcp.parse(packet, NOW_S)
    rtcp.parse(b"\x80\xc8" + packet, NOW_S)


def test_receiver_report_says_what_arrived() -> None:
    packet = rtcp.receiver_report(1, 2, 64, 10, 70000, 0xABCD, 0.5)
    assert struct.unpack_from(">BBHII", packet) == (0x81, 201, 7, 1, 2)
    assert struct.unpack_from(">IIIII", packet, 12) == (64 << 24 | 10, 70000, 0, 0xABCD, 32768)
    assert packet[32:36] == b"\x81\xca\x00\x04"
    assert len(packet) % 4 == 0
