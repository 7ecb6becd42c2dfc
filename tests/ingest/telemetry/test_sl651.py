"""SL 651 against published messages and itself."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.telemetry import sl651
from ingest.telemetry.framing import Junk, Malformed, crc16_modbus

TEST_UP = bytes.fromhex(
    "7E7E010012345678123430002B020003591011154947F1F1001234567848F0F05910111549"
    "20190000052619000005392300000127381211150320FA"
)
TEST_DOWN = bytes.fromhex("7E7E00123456780112343080080200035910111549471B75D4")
AT = datetime(2026, 3, 4, 5, 6, tzinfo=UTC)


def read(frame: bytes) -> sl651.Frame:
    out = sl651.framer().feed(frame)
    assert len(out) == 1 and isinstance(out[0], sl651.Frame), out
    return out[0]


def test_a_test_report_and_its_answer() -> None:
    frame = read(TEST_UP)
    report = sl651.decode_report(frame)
    assert (frame.function, frame.centre, frame.station, frame.password) == (
        0x30,
        1,
        "0012345678",
        "1234",
    )
    assert report.sent_at == datetime(2059, 10, 11, 7, 49, 47, tzinfo=UTC)
    values = {e.id: e.value for e in report.elements}
    assert values == {0x20: 0.5, 0x26: 0.5, 0x39: 0.127, 0x38: 11.15}
    # The answer names the station first, and ends with ESC: stay on line.
    assert sl651.encode(sl651.answer(frame, report.sent_at)) == TEST_DOWN
    down = read(TEST_DOWN)
    assert (down.up, down.station, down.centre, down.serial, down.end) == (
        False,
        "0012345678",
        1,
        3,
        sl651.ESC,
    )
    assert sl651.encode(frame) == TEST_UP


def test_the_published_messages(shared_data: Path) -> None:
    published = json.loads((shared_data / "proto" / "sl651.json").read_text(encoding="utf-8"))
    framer = sl651.framer()
    out = framer.feed(b"".join(bytes.fromhex(m["hex"]) for m in published))
    assert framer.counters.bad == 0 and len(out) == len(published)
    by_function = {}
    for frame, expected in zip(out, published, strict=True):
        assert isinstance(frame, sl651.Frame)
        assert f"{frame.function:02X}" == expected["fc"] and frame.up
        assert sl651.encode(frame).hex() == expected["hex"]
        by_function[frame.function] = frame
    timed = sl651.decode_report(by_function[sl651.TIMED])
    assert {e.id: e.value for e in timed.elements} == {
        0x20: 4.0,
        0x26: 4.0,
        0x39: 10.49,
        0x38: 10.99,
    }
    assert timed.category == 0x48 and timed.elements[0].at == datetime(2017, 7, 18, 3, tzinfo=UTC)
    hourly = sl651.decode_report(by_function[sl651.HOURLY])
    rain = [(e.at, e.value) for e in hourly.elements if e.id == 0xF4]
    first = datetime(2017, 7, 18, 2, 5, tzinfo=UTC)
    none = None
    assert [v for _, v in rain] == [0.5, 0, 0, 0, 2.0, none, none, none, none, none, 0, 0]
    assert [at for at, _ in rain] == [first + i * timedelta(minutes=5) for i in range(12)]
    levels = [e.value for e in hourly.elements if e.id == 0xF5]
    assert levels == [0.12, 0.12, 0.28, 0.49, 0.49, *[None] * 5, 0.49, 0.49]
    assert {e.id: e.value for e in hourly.elements if e.id == 0x39} == {0x39: 10.49}


@given(
    st.lists(
        st.tuples(
            st.sampled_from([0x20, 0x26, 0x38, 0x39, 0xFF01]),
            st.none() | st.integers(-999_999, 9_999_999),
            st.integers(0, 3),
            st.integers(0, 3),
        ),
        max_size=8,
    )
)
def test_reports_round_trip(values: list[tuple[int, int | None, int, int]]) -> None:
    elements = tuple(
        sl651.Element(i, None if v is None else v / 10**d, AT + timedelta(minutes=m), 4, d)
        for i, v, d, m in values
    )
    report = sl651.Report(77, AT, "0012345678", 0x48, elements)
    frame = sl651.Frame(sl651.TIMED, "0012345678", sl651.encode_report(report))
    back = sl651.decode_report(read(sl651.encode(frame)))
    assert back.elements == tuple(
        sl651.Element(e.id, e.value, e.at, e.bytes, e.decimals) for e in elements
    )
    assert (back.serial, back.sent_at, back.station, back.malformed) == (77, AT, "0012345678", ())


@pytest.mark.parametrize(
    ("raw", "decimals", "value"),
    [
        ("00010490", 3, 10.49),
        ("ffffffff", 3, None),
        ("ff000127", 3, -0.127),
        ("00", 0, 0.0),
        ("ff", 1, None),
    ],
)
def test_numbers(raw: str, decimals: int, value: float | None) -> None:
    assert sl651.decode_number(bytes.fromhex(raw), decimals) == value
    if len(raw) > 2:
        assert sl651.encode_number(value, len(raw) // 2, decimals).hex() == raw


def test_an_element_that_is_no_bcd_does_not_cost_the_others() -> None:
    body = sl651.encode_link(1, AT) + bytes.fromhex("20190000a5" + "38121260" + "3923")
    report = sl651.decode_report(sl651.Frame(sl651.TIMED, "1", body))
    assert [(e.id, e.value) for e in report.elements] == [(0x38, 12.6)]
    assert len(report.malformed) == 2 and "20 holds 0000a5" in report.malformed[0]


def test_a_picture_in_packets() -> None:
    jpeg = b"\xff\xd8\x7e\x7e" + bytes(range(256)) * 10 + b"\xff\xd9"
    body = sl651.encode_link(5, AT) + b"\xf0\xf0" + sl651.encode_time(AT, seconds=False)
    body += bytes.fromhex("f1f1001234567848f3f3") + jpeg
    packets = sl651.split(sl651.Frame(sl651.PICTURE, "0012345678", body))
    assert [p.end for p in packets] == [sl651.ETB, sl651.ETB, sl651.ETX]
    got = [read(sl651.encode(p)) for p in packets]
    assert [(p.total, p.index) for p in got] == [(3, 1), (3, 2), (3, 3)]
    joined = sl651.Frame(sl651.PICTURE, "0012345678", b"".join(p.body for p in got))
    picture = sl651.decode_picture(joined)
    assert (picture.jpeg, picture.at, picture.serial) == (jpeg, AT, 5)
    with pytest.raises(Malformed, match="not with a JPEG"):
        sl651.decode_picture(sl651.Frame(sl651.PICTURE, "1", body.replace(b"\xff\xd8", b"GI")))


def test_stations_that_leave_the_packet_number_out_of_the_length() -> None:
    packet = sl651.split(sl651.Frame(sl651.PICTURE, "0012345678", b"x" * 2000))[0]
    raw = bytearray(sl651.encode(packet)[:-2])
    raw[11:13] = (int.from_bytes(raw[11:13], "big") - 3).to_bytes(2, "big")
    frame = bytes(raw) + crc16_modbus(bytes(raw)).to_bytes(2, "big")
    assert read(frame).body == packet.body


def test_what_cannot_be_read_says_why() -> None:
    junk = sl651.framer().feed(TEST_UP[:-1] + b"\x00")[0]
    assert isinstance(junk, Junk) and "wrong CRC" in junk.reason
    with pytest.raises(Malformed, match="no BCD date"):
        sl651.decode_report(sl651.Frame(sl651.TIMED, "1", bytes(8)))
