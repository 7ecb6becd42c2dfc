"""Framers of all three protocols: whatever comes in, nothing is raised and a good frame is always found."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.telemetry import hj212, jt808, sl651
from ingest.telemetry.framing import Framer, Junk, Malformed, Resent, bcd, crc16_modbus

JT808 = jt808.encode(jt808.Message(jt808.HEARTBEAT, "013812345678", 7, b""))
HJ212 = b"##0101QN=20160801085857223;ST=32;CN=1062;PW=100000;MN=010000A8900016F000169DC0;Flag=5;CP=&&RtdInterval=30&&1C80\r\n"
SL651 = bytes.fromhex("7E7E01001234567812342F0008020003591011155111036BCA")
CASES: list[tuple[Callable[[], Framer[Any]], bytes]] = [
    (jt808.framer, JT808),
    (hj212.framer, HJ212),
    (sl651.framer, SL651),
]
each = pytest.mark.parametrize(("make", "good"), CASES, ids=["jt808", "hj212", "sl651"])
# Bytes the protocols' marks are made of, so that garbage comes close to frames.
garbage = st.lists(
    st.one_of(
        st.binary(max_size=40),
        st.sampled_from(
            [
                b"\x7e",
                b"\x7e\x7e",
                b"##",
                b"##9999",
                b"##0005",
                JT808[:-2],
                HJ212[:50],
                SL651[:14],
                SL651[:-1],
            ]
        ),
    ),
    max_size=8,
).map(b"".join)


def frames(out: list[Any]) -> list[Any]:
    return [item for item in out if not isinstance(item, Junk)]


@each
def test_one_frame_whole_and_byte_by_byte(make: Callable[[], Framer[Any]], good: bytes) -> None:
    whole = frames(make().feed(good))
    assert len(whole) == 1
    framer = make()
    got = [item for i in range(len(good)) for item in framer.feed(good[i : i + 1])]
    assert got == whole
    assert (framer.counters.good, framer.counters.bad) == (1, 0)
    assert framer.flush() == []


@each
@given(rubbish=garbage, cut=st.integers(0, 400))
@settings(max_examples=120, deadline=None)
def test_a_good_frame_after_garbage_is_found(
    make: Callable[[], Framer[Any]], good: bytes, rubbish: bytes, cut: int
) -> None:
    expected = frames(make().feed(good))[0]
    framer = make()
    stream = rubbish + good
    out = framer.feed(stream[:cut]) + framer.feed(stream[cut:])
    assert expected in frames(out)
    # Every byte is a frame's or is told as junk; only delimiters may go silently.
    junk = sum(item.size_bytes for item in out if isinstance(item, Junk))
    assert junk + sum(len(good) for _ in frames(out)) + framer.pending_bytes <= len(stream) + len(
        good
    )
    assert framer.counters.bad == sum(isinstance(item, Junk) for item in out)


@each
@given(pieces=st.lists(st.binary(max_size=300), max_size=10))
@settings(max_examples=80, deadline=None)
def test_random_bytes_never_raise_and_never_pile_up(
    make: Callable[[], Framer[Any]], good: bytes, pieces: list[bytes]
) -> None:
    framer = make()
    for piece in pieces:
        framer.feed(piece)
    framer.flush()
    assert framer.pending_bytes == 0


@each
def test_a_flood_without_end_is_cut(make: Callable[[], Framer[Any]], good: bytes) -> None:
    framer = make()
    head = good[:13]
    out = framer.feed(head + bytes(60_000))
    assert framer.pending_bytes <= 12_000
    assert frames(framer.feed(b"\x7e" + good) if good is JT808 else framer.feed(good))
    assert any(isinstance(item, Junk) for item in out)


@each
@given(index=st.integers(0, 200), bit=st.integers(0, 7))
@settings(max_examples=60, deadline=None)
def test_one_flipped_bit_costs_one_frame_only(
    make: Callable[[], Framer[Any]], good: bytes, index: int, bit: int
) -> None:
    body = bytearray(good)
    body[index % len(good)] ^= 1 << bit
    framer = make()
    got = frames(framer.feed(bytes(body) + good + good))
    # A flipped flag may join the broken frame with its neighbour's opening flag, never with more.
    assert len(got) >= 2


def test_kept_junk_is_bounded_but_its_size_is_told() -> None:
    junk = jt808.framer().feed(b"x" * 5000)[0]
    assert isinstance(junk, Junk) and junk.size_bytes == 5000 and len(junk.raw) == 2048


def test_resent_remembers_the_last_frames_only() -> None:
    resent = Resent(2)
    assert [resent.again(f) for f in (b"a", b"a", b"b", b"c", b"a")] == [
        False,
        True,
        False,
        False,
        False,
    ]


def test_bcd_and_crc() -> None:
    assert bcd("13812345678", 6).hex() == "013812345678"
    with pytest.raises(Malformed, match="'123' does not fit"):
        bcd("123", 1)
    assert crc16_modbus(b"123456789") == 0x4B37  # the CRC catalogue's check value
