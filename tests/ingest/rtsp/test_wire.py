"""RTSP on a byte stream: any way it is cut, and what stands between messages."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.rtsp.wire import Framer, Item, Request, Response, WireError, interleaved, message

OK = b"RTSP/1.0 200 OK\r\nCSeq: 1\r\nContent-Length: 4\r\n\r\nbody"
PACKET = bytes([0x80, 96, 0, 1]) + bytes(20)


def feed(*pieces: bytes) -> list[Item]:
    framer = Framer()
    return [item for piece in pieces for item in framer.feed(piece)]


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_items_are_the_same_however_the_stream_is_cut(data: st.DataObject) -> None:
    stream = (
        OK + interleaved(0, PACKET) * 3 + b"OPTIONS * RTSP/1.0\r\nCSeq: 9\r\n\r\n"
        + interleaved(1, b"") + b"\r\n" + b"RTSP/1.0 454 Session Not Found\nCSeq: 2\n\n" + interleaved(2, bytes(70) * 900)
    )  # fmt: skip
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=12)))
    pieces = [stream[a:b] for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    assert feed(*pieces) == feed(stream)
    assert feed(stream) == [
        Response(200, "OK", (("cseq", "1"), ("content-length", "4")), b"body"),
        (0, PACKET), (0, PACKET), (0, PACKET),
        Request("OPTIONS", "*", (("cseq", "9"),)),
        (1, b""),
        Response(454, "Session Not Found", (("cseq", "2"),)),
        (2, bytes(70) * 900),
    ]  # fmt: skip


@settings(max_examples=80, deadline=None)
@given(st.lists(st.binary(max_size=200), max_size=8))
def test_garbage_raises_wire_errors_only(pieces: list[bytes]) -> None:
    framer = Framer()
    try:
        for piece in pieces:
            framer.feed(piece)
        framer = Framer()
        framer.feed(OK)
        for piece in pieces:
            framer.feed(piece)
    except WireError:
        pass


def test_rubbish_after_an_answer_is_passed_over_and_counted() -> None:
    framer = Framer()
    media = interleaved(0, PACKET)
    out = framer.feed(OK + b"\x01\x02$\xff\x01\x00\x00rubbish" + media + b"xyz" + OK + media)
    assert [type(item) for item in out] == [Response, tuple, Response, tuple]
    assert framer.garbage_bytes == 17


def test_media_of_an_earlier_client_may_come_before_the_answer() -> None:
    assert feed(interleaved(0, PACKET) + OK)[0] == (0, PACKET)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"HTTP/1.0 400 what\r\n\r\n", "no RTSP answer: b'HTTP/1.0 400 what"),
        (bytes(range(1, 200)), "no RTSP answer"),
        (b"RTSP/1.0 200 OK\r\n" + b"X: y\r\n" * 20_000, "a header of more than 65536 bytes"),
        (b"RTSP/1.0 200 OK\r\nContent-Length: 99999999\r\n\r\n", "a body of '99999999' bytes"),
        (b"RTSP/1.0 200 OK\r\nContent-Length: -4\r\n\r\n", "a body of '-4' bytes"),
        (b"RTSP/1.0 twohundred OK\r\n\r\n", "no RTSP answer"),
        (OK + b"\xff" * 400_000, "neither media nor answers"),
    ],
    ids=["http", "garbage", "endless header", "huge body", "negative body", "words", "all rubbish"],
)
def test_what_is_no_rtsp_says_so(data: bytes, words: str) -> None:
    with pytest.raises(WireError, match=words):
        feed(data)


def test_a_line_break_cannot_be_smuggled_into_a_request() -> None:
    with pytest.raises(ValueError, match="line break"):
        message("SETUP rtsp://h/x\r\nEvil: 1 RTSP/1.0", [])
