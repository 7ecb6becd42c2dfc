"""HJ 212 against the standard's example, published messages and itself."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.telemetry import hj212
from ingest.telemetry.framing import Junk, Malformed, crc16_modbus

EXAMPLE = "QN=20160801085857223;ST=32;CN=1062;PW=100000;MN=010000A8900016F000169DC0;Flag=5;CP=&&RtdInterval=30&&"


def read(frame: bytes) -> hj212.Message:
    out = hj212.framer().feed(frame)
    assert len(out) == 1 and isinstance(out[0], hj212.Message)
    return out[0]


def test_the_standards_example() -> None:
    data = EXAMPLE.encode()
    assert hj212.crc(data) == 0x1C80
    assert crc16_modbus(data) != 0x1C80
    frame = b"##%04d%s1C80\r\n" % (len(data), data)
    message = read(frame)
    assert (message.cn, message.mn, message.flag) == ("1062", "010000A8900016F000169DC0", 5)
    assert message.value("RtdInterval") == "30" and message.wants_answer
    assert hj212.encode(message) == frame


def test_the_published_messages(shared_data: Path) -> None:
    published = json.loads((shared_data / "proto" / "hj212.json").read_text(encoding="utf-8"))
    framer = hj212.framer()
    out = framer.feed("\r\n".join(m["msg"] for m in published).encode())
    assert framer.counters.bad == 0 and len(out) == len(published)
    for message, expected in zip(out, published, strict=True):
        assert isinstance(message, hj212.Message)
        data = expected["msg"][6:-4].encode()
        assert hj212.crc(data) == int(expected["crc"], 16)
        report = hj212.report(message)
        assert not report.malformed
        values = expected["msg"].split("&&")[1].replace(";", ",").split(",")
        assert len(report.values) == sum("-Rtd=" in v or "-Avg=" in v for v in values)
    last = out[-1]
    assert isinstance(last, hj212.Message)
    value = hj212.report(last).values[0]
    assert (value.quantity, value.value) == ("w01008", 123.456)
    assert value.at == datetime(2023, 10, 8, 4, 33, 40, tzinfo=UTC)


names = st.text("abcdefghijklmnopqrstuvwxyz0123456789", min_size=1, max_size=8)
groups = st.lists(
    st.lists(st.tuples(names, st.text("0123456789.", max_size=8)), min_size=1, max_size=3).map(
        tuple
    ),
    max_size=6,
).map(tuple)


@given(groups, names, st.integers(0, 15), st.booleans())
def test_what_is_written_is_read(cp: tuple[hj212.Group, ...], mn: str, flag: int, qn: bool) -> None:
    message = hj212.Message(
        "2011",
        mn,
        "32",
        cp,
        "20260101000000000" if qn else None,
        "123456",
        flag & ~hj212.FLAG_SPLIT,
    )
    assert read(hj212.encode(message)) == message


def test_a_split_message_joins_whatever_the_order() -> None:
    rows = tuple(((f"a{i:05d}-Rtd", f"{i}.5"), (f"a{i:05d}-Flag", "N")) for i in range(100))
    whole = hj212.Message(
        "2011", "MN1", "31", ((("DataTime", "20260101120000"),), *rows), "20260101120000001"
    )
    with pytest.raises(Malformed, match="the limit is 1024"):
        hj212.encode(whole)
    parts = [read(hj212.encode(part)) for part in hj212.split(whole)]
    assert len(parts) > 1 and {p.pnum for p in parts} == {len(parts)}
    assert all((p.flag or 0) & hj212.FLAG_SPLIT for p in parts)
    joined = hj212.join(parts[::-1])
    assert joined.groups == whole.groups
    assert len(hj212.report(joined).values) == 100
    assert hj212.split(replace(whole, groups=rows[:3])) == [replace(whole, groups=rows[:3])]


def test_values_statistics_and_flags() -> None:
    text = (
        "ST=31;CN=2061;PW=1;MN=M;Flag=4;CP=&&DataTime=20260101120000;"
        "a21026-Cou=3.5,a21026-Min=1,a21026-Avg=1.5,a21026-Max=2,a21026-Flag=T;a34013-Avg=x,a34013-Flag=N;"
        "a19001-Avg=nan&&"
    )
    report = hj212.report(hj212.decode(text.encode()))
    assert [(v.quantity, v.value, v.flag) for v in report.values] == [
        ("a21026.hour.cou", 3.5, "T"),
        ("a21026.hour.min", 1.0, "T"),
        ("a21026.hour.avg", 1.5, "T"),
        ("a21026.hour.max", 2.0, "T"),
    ]
    assert report.malformed == ("a34013-Avg=x", "a19001-Avg=nan")
    assert report.values[0].at == datetime(2026, 1, 1, 4, tzinfo=UTC)
    assert hj212.unit("a21026") == "mg/m³" and hj212.unit("z99999") == ""


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"ST=32;CN=2011;MN=1;Flag=4", "no CP=&&"),
        (b"ST=32;CN=2011;Flag=4;CP=&&&&", "no MN"),
        (b"CN=2011;MN=1;Flag=x;CP=&&&&", "Flag"),
        (b"CN=2011;MN=1;Flag=2;CP=&&&&", "PNUM"),
        (b"CN=2011;MN=1;Flag=2;PNUM=2;PNO=3;CP=&&&&", "part 3 of 2"),
    ],
)
def test_what_cannot_be_read_says_why(data: bytes, why: str) -> None:
    with pytest.raises(Malformed, match=why):
        hj212.decode(data)
    frame = b"##%04d%s%04X\r\n" % (len(data), data, hj212.crc(data))
    junk = hj212.framer().feed(frame)[0]
    assert isinstance(junk, Junk) and why in junk.reason


def test_answers() -> None:
    data = hj212.Message("2011", "M", "31", (), "20260101120000001", "123456", 5)
    answer = hj212.answer(data)
    assert answer is not None
    assert (
        hj212.encode_loose(answer)
        == b"QN=20260101120000001;ST=91;CN=9014;PW=123456;MN=M;Flag=4;CP=&&&&"
    )
    notice = hj212.answer(replace(data, cn="3020"))
    assert notice is not None and notice.cn == hj212.NOTICE_ANSWER
    assert hj212.answer(replace(data, flag=4)) is None
    assert hj212.answer(replace(data, cn="9011")) is None
