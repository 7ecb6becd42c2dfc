"""JT/T 808 frames and bodies against published frames and against themselves."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.telemetry import jt808
from ingest.telemetry import jt808_messages as messages
from ingest.telemetry.framing import Junk, Malformed

AT = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
FIX = messages.PositionReport(0, 3, 120.98, 31.38, 12, 10.0, 359, AT)


def test_the_published_frames(shared_data: Path) -> None:
    published = json.loads((shared_data / "proto" / "jt808.json").read_text(encoding="utf-8"))
    stream = b"".join(bytes.fromhex(f["hex"]) for f in published["frames"])
    framer = jt808.framer()
    read = framer.feed(stream)
    assert len(read) == len(published["frames"]) and framer.counters.bad == 0
    for message, expected in zip(read, published["frames"], strict=True):
        assert isinstance(message, jt808.Message)
        fields = expected["json"]
        assert (message.id, message.phone, message.serial) == (
            fields["messageId"],
            fields["clientId"],
            fields["serialNo"],
        )
        assert jt808.encode(message).hex() == expected["hex"]
        _same_body(message, fields)


def _same_body(message: jt808.Message, fields: dict[str, Any]) -> None:
    if message.id == jt808.POSITION:
        _same_fix(messages.decode_position(message.body), fields)
    elif message.id == jt808.POSITION_BATCH:
        batch = messages.decode_position_batch(message.body)
        assert len(batch.reports) == fields["total"] and not batch.malformed
        assert batch.blind_area == (fields["type"] == 1)
        for report, item in zip(batch.reports, fields["items"], strict=True):
            _same_fix(report, item)
    elif message.id == jt808.REGISTER:
        registration = messages.decode_registration(message)
        assert registration == messages.Registration(
            fields["provinceId"],
            fields["cityId"],
            fields["makerId"],
            fields["deviceModel"],
            fields["deviceId"],
            fields["plateColor"],
            fields["plateNo"],
        )
        assert messages.encode_registration(registration) == message.body
    elif message.id == jt808.AUTHENTICATE:
        assert messages.decode_authentication(message) == fields["token"]
    elif message.id == jt808.PLATFORM_ANSWER:
        answer = messages.decode_answer(message.body)
        assert answer == messages.Answer(
            fields["responseSerialNo"], fields["responseMessageId"], fields["resultCode"]
        )
    elif message.id == jt808.REGISTER_ANSWER:
        registered = messages.decode_registration_answer(message.body)
        assert (registered.result, registered.code) == (fields["resultCode"], fields["token"])
    elif message.id == jt808.TEXT:
        text = messages.decode_text(message)
        assert (text.flags, text.text) == (fields["sign"], fields["content"])
    elif message.id == jt808.RESEND:
        resend = messages.decode_resend(message.body)
        assert (resend.serial, list(resend.parts)) == (fields["responseSerialNo"], fields["id"])


def _same_fix(report: messages.PositionReport, fields: dict[str, Any]) -> None:
    assert (report.alarm, report.status) == (fields["warnBit"], fields["statusBit"])
    assert round(report.lat_deg * 1e6) == fields["latitude"]
    assert round(report.lon_deg * 1e6) == fields["longitude"]
    assert (report.altitude_m, report.course_deg) == (fields["altitude"], fields["direction"])
    assert report.speed_ms == fields["speed"] / 36
    assert report.at + timedelta(hours=8) == datetime.fromisoformat(fields["deviceTime"] + "Z")
    items = fields.get("attributes", {})
    assert report.malformed_items == 0
    if "1" in items:
        assert report.mileage_m == items["1"] * 100 and report.fuel_l == items["2"] / 10
        assert (report.signals, report.signal_strength, report.satellites) == (
            items["37"],
            items["48"],
            items["49"],
        )


def test_escapes_are_taken_out_in_one_pass() -> None:
    assert jt808.unescape(
        bytes.fromhex("307e08".replace("7e", "7d02") + "7d0155")
    ) == bytes.fromhex("307e087d55")
    # Replacing one after the other would make 7E of the 7D 02 that the first pass leaves.
    assert jt808.unescape(b"\x7d\x01\x02") == b"\x7d\x02"
    with pytest.raises(Malformed, match="7D is followed by 03"):
        jt808.unescape(b"\x7d\x03")


@given(
    st.builds(
        jt808.Message,
        id=st.integers(0, 0xFFFF),
        phone=st.text("0123456789", min_size=12, max_size=12),
        serial=st.integers(0, 0xFFFF),
        body=st.one_of(st.binary(max_size=200), st.text("\x7d\x7e\x01\x02").map(str.encode)),
    ),
    st.booleans(),
    st.integers(0, 5),
)
def test_what_is_written_is_read(message: jt808.Message, edition_2019: bool, total: int) -> None:
    if edition_2019:
        message = replace(message, edition_2019=True, phone="0" * 8 + message.phone)
    if total:
        message = replace(message, total=total, index=total)
    frame = jt808.encode(message)
    assert frame[0] == frame[-1] == 0x7E and 0x7E not in frame[1:-1]
    assert jt808.framer().feed(frame) == [message]


def test_frames_that_share_a_flag() -> None:
    one = jt808.encode(jt808.Message(2, "000000000001", 1, b""))
    two = jt808.encode(jt808.Message(2, "000000000001", 2, b""))
    read = jt808.framer().feed(one + two[1:])
    assert [m.serial for m in read if isinstance(m, jt808.Message)] == [1, 2]


@pytest.mark.parametrize(
    ("inner", "why"),
    [
        (b"\x00\x02", "shorter than a header"),
        (jt808.encode(jt808.Message(2, "1", 1, b""))[1:-2] + b"\x55", "wrong checksum"),
        (bytes.fromhex("000200050000000000010001") + b"\x07", "says 5 bytes and has 0"),
    ],
)
def test_what_cannot_be_read_says_why(inner: bytes, why: str) -> None:
    with pytest.raises(Malformed, match=why):
        jt808.decode(inner)
    junk = jt808.framer().feed(b"\x7e" + inner + b"\x7e")
    assert isinstance(junk[0], Junk) and why in junk[0].reason


@given(
    lon=st.floats(-180, 180),
    lat=st.floats(-90, 90),
    speed=st.floats(0, 100),
    altitude=st.integers(-500, 8000),
    mileage=st.none() | st.integers(0, 10**8),
    fuel=st.none() | st.floats(0, 6000),
    satellites=st.none() | st.integers(0, 40),
    seconds=st.integers(0, 3_000_000_000),
)
def test_positions_round_trip(
    lon: float,
    lat: float,
    speed: float,
    altitude: int,
    mileage: int | None,
    fuel: float | None,
    satellites: int | None,
    seconds: int,
) -> None:
    at = datetime(2001, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    report = messages.PositionReport(
        1,
        3,
        lon,
        lat,
        altitude,
        speed,
        90,
        at,
        mileage_m=mileage,
        fuel_l=fuel,
        satellites=satellites,
    )
    read = messages.decode_position(messages.encode_position(report))
    assert abs(read.lon_deg - lon) <= 1e-6 and abs(read.lat_deg - lat) <= 1e-6
    assert abs(read.speed_ms - speed) <= 0.014 and read.altitude_m == altitude and read.at == at
    assert read.mileage_m == (None if mileage is None else mileage // 100 * 100)
    assert read.satellites == satellites and (read.fuel_l is None) == (fuel is None)


@pytest.mark.parametrize(
    ("items", "bad", "mileage"),
    [
        ("0104000000ff", 0, 25500),
        ("01020000", 1, None),  # the wrong length
        ("310109" + "0104000000ff" + "3005", 1, 25500),  # cut off at the end
        ("e5", 1, None),  # an id without a length
        ("e50a0102", 1, None),
        ("e500" + "0104000000ff", 0, 25500),  # an empty item of a maker
    ],
)
def test_malformed_items_cost_the_item_not_the_fix(
    items: str, bad: int, mileage: int | None
) -> None:
    read = messages.decode_position(messages.encode_position(FIX) + bytes.fromhex(items))
    assert (read.malformed_items, read.mileage_m) == (bad, mileage)
    assert (read.lon_deg, read.lat_deg, read.at) == (120.98, 31.38, AT)


def test_a_bad_entry_of_a_batch_does_not_cost_the_others() -> None:
    body = bytearray(messages.encode_position_batch([FIX, FIX, FIX], blind_area=True))
    body[3 + 30 + 2 + 22 + 1] = 0x13  # the second entry's month
    batch = messages.decode_position_batch(bytes(body))
    assert len(batch.reports) == 2 and batch.malformed[0].startswith("entry 2 of 3: time ")
    cut = messages.decode_position_batch(bytes(body[:-1]))
    assert len(cut.reports) == 1 and cut.malformed[-1] == "entry 3 of 3 is cut off"


@pytest.mark.parametrize("edition_2019", [False, True])
def test_registration_and_texts_of_both_editions(edition_2019: bool) -> None:
    registration = messages.Registration(32, 583, "WLDMO", "T-1", "7654321", 2, "苏E12345")
    body = messages.encode_registration(registration, edition_2019)
    message = jt808.Message(jt808.REGISTER, "1" * 12, 1, body, edition_2019)
    assert messages.decode_registration(message) == registration
    text = messages.encode_text(messages.Text(5, "前往前进路"), edition_2019)
    assert (
        messages.decode_text(jt808.Message(jt808.TEXT, "1" * 12, 1, text, edition_2019)).text
        == "前往前进路"
    )
    code = messages.encode_authentication("abc", edition_2019, "860000000000001")
    assert (
        messages.decode_authentication(
            jt808.Message(jt808.AUTHENTICATE, "1", 1, code, edition_2019)
        )
        == "abc"
    )


def test_registration_of_the_2011_edition() -> None:
    body = (
        bytes.fromhex("00200247")
        + b"MAKER"
        + b"MODEL-08"
        + b"TERM007"
        + b"\x01"
        + "苏E1".encode("gbk")
    )
    read = messages.decode_registration(jt808.Message(jt808.REGISTER, "1", 1, body))
    assert (read.model, read.terminal, read.plate) == ("MODEL-08", "TERM007", "苏E1")


def test_lost_parts_are_asked_for_and_then_given_up() -> None:
    whole = jt808.Message(jt808.POSITION_BATCH, "1" * 12, 0xFFFE, bytes(range(250)) * 10)
    parts = jt808.split(whole)
    assert [p.serial for p in parts] == [0xFFFE, 0xFFFF, 0]
    assembler = jt808.Assembler(ask_after_s=5, ask_times=2)
    assert assembler.add(parts[2], 0.0) is None and assembler.add(parts[0], 1.0) is None
    assert assembler.overdue(5.9) == ([], [])
    assert assembler.overdue(6.0) == ([jt808.Resend(0xFFFE, (2,))], [])
    assert assembler.overdue(7.0) == ([], [])
    joined = assembler.add(parts[1], 8.0)
    assert joined is not None and joined.body == whole.body and joined.serial == 0xFFFE
    assembler.add(parts[0], 10.0)
    for at_s in (15.0, 20.0):
        assert assembler.overdue(at_s)[0] == [jt808.Resend(0xFFFE, (2, 3))]
    assert assembler.overdue(25.0) == ([], ["message 0704: 2 of 3 parts never came"])
    with pytest.raises(Malformed, match="at most 1024"):
        assembler.add(replace(parts[0], total=5000), 30.0)
