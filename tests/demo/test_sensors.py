"""The demo's stations: their weather, what they say, and that a real gateway takes it."""

from __future__ import annotations

import asyncio
import itertools
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from demo import weather
from demo.city_model import DemoStation, DemoThreshold
from demo.sensors import Stations
from demo.stations import EmissionMonitor, HydrologyStation
from gis.db import Database
from ingest.telemetry import hj212, sl651
from ingest.telemetry.settings import GatewaySettings
from tests.support.gateway import Running, until

START = datetime(2026, 3, 4, 5, 59, 40, tzinfo=UTC)
RIVER = DemoStation(
    "sl651",
    "0032058301",
    "water_level",
    "站",
    "Gauge",
    (0.0, 0.0),
    (DemoThreshold("water_level_m", 3.8, 0.05, 3), DemoThreshold("water_level_m", 4.2, 0.05, 2)),
)
RAIN = replace(RIVER, key="0032058304", kind="rain", thresholds=())
OUTLET = DemoStation(
    "hj212",
    "MN01",
    "enterprise",
    "厂",
    "Plant",
    (0.0, 0.0),
    (DemoThreshold("w01018", 60.0, 5.0, 2),),
)
CHIMNEY = replace(OUTLET, key="MN02", thresholds=(DemoThreshold("a21026", 35.0, 5.0, 2),))


def test_every_storm_crosses_the_warning_once_and_comes_back() -> None:
    for lag_s in (0.0, 50.0, 100.0):
        levels = [weather.water_level_m(t, 3.8, lag_s) for t in range(0, 24_000, 5)]
        crossings = sum(a < 3.8 <= b for a, b in itertools.pairwise(levels))
        assert crossings == 40
        assert max(levels) < 4.4 and min(levels) > 3.1
        assert max(abs(b - a) for a, b in itertools.pairwise(levels)) < 0.06


def test_rain_adds_up() -> None:
    steps = sum(weather.rain_mm_h(t + 0.5) / 3600 for t in range(7200))
    assert weather.rain_fallen_mm(0, 7200) == pytest.approx(steps, rel=1e-3)
    parts = sum(weather.rain_fallen_mm(t, t + 37) for t in range(0, 3700, 37))
    assert parts == pytest.approx(weather.rain_fallen_mm(0, 3700))


@pytest.mark.parametrize(
    ("pollutants", "upset"), [(weather.CHIMNEY, "a21026"), (weather.OUTLET, "w01018")]
)
def test_the_plant_is_over_its_limit_now_and_then(
    pollutants: tuple[weather.Pollutant, ...], upset: str
) -> None:
    flags = {
        p.code: [weather.flag(p, weather.emission(p, t)) for t in range(0, 9000, 15)]
        for p in pollutants
    }
    share = {code: values.count("T") / len(values) for code, values in flags.items()}
    assert 0.02 < share[upset] < 0.25
    assert sum(share.values()) == share[upset]


def talk(station: HydrologyStation, seconds: int) -> list[sl651.Frame]:
    framer = sl651.framer()
    frames = framer.feed(station.connect(START))
    for second in range(seconds):
        frames += framer.feed(station.due(START + timedelta(seconds=second)))
    return [f for f in frames if isinstance(f, sl651.Frame)]


def test_a_river_station_sends_what_the_standard_asks() -> None:
    station = HydrologyStation(RIVER)
    frames = talk(station, 600)
    by_function = {f: [x for x in frames if x.function == f] for f in {x.function for x in frames}}
    assert set(by_function) == {sl651.LINK, sl651.TIMED, sl651.EXTRA, sl651.HOURLY}
    assert len(by_function[sl651.TIMED]) == 20 and len(by_function[sl651.LINK]) == 15
    assert len(by_function[sl651.EXTRA]) == 1
    extra = sl651.decode_report(by_function[sl651.EXTRA][0]).elements
    assert extra[0].id == 0x39 and extra[0].value == pytest.approx(3.8, abs=0.02)
    hourly = sl651.decode_report(by_function[sl651.HOURLY][0])
    assert len(hourly.elements) == 12 and not hourly.malformed
    assert hourly.elements[-1].at == START.replace(hour=6, minute=0, second=0)
    serials = [f.serial for f in frames]
    assert serials == sorted(set(serials))


def test_what_was_not_answered_is_sent_again_on_the_next_connection() -> None:
    station = HydrologyStation(RAIN)
    framer = sl651.framer()
    station.connect(START)
    sent = [f for f in framer.feed(station.due(START)) if isinstance(f, sl651.Frame)]
    assert [f.function for f in sent] == [sl651.TIMED]
    again = framer.feed(station.connect(START + timedelta(seconds=9)))
    assert again[1:] == sent
    station.feed(sl651.encode(sl651.answer(sent[0], START)))
    assert station.answers == 1
    assert len(framer.feed(station.connect(START + timedelta(seconds=20)))) == 1


def ask(
    monitor: EmissionMonitor, cn: str, *pairs: tuple[str, str], pw: str = "123456"
) -> list[hj212.Message]:
    groups = tuple((pair,) for pair in pairs)
    request = hj212.Message(cn, monitor.about.key, "31", groups, "20260304050607001", pw, 5)
    out = hj212.framer().feed(monitor.feed(hj212.encode(request), START))
    return [m for m in out if isinstance(m, hj212.Message)]


def test_a_monitor_reports_and_obeys() -> None:
    monitor = EmissionMonitor(OUTLET)
    first = hj212.framer().feed(monitor.due(START))[0]
    assert isinstance(first, hj212.Message)
    assert (first.cn, first.st, first.wants_answer) == ("2011", "32", True)
    assert {v.code for v in hj212.report(first).values} == {p.code for p in weather.OUTLET}
    assert monitor.due(START + timedelta(seconds=14)) == b""
    answers = ask(monitor, "1011")
    assert [m.cn for m in answers] == ["9011", "1011", "9012"]
    assert answers[1].value("SystemTime") == "20260304135940" and answers[0].value("QnRtn") == "1"
    assert [m.cn for m in ask(monitor, "1062", ("RtdInterval", "60"))] == ["9011", "9012"]
    assert monitor.interval_s == 60 and ask(monitor, "1061")[1].value("RtdInterval") == "60"
    assert ask(monitor, "1062", ("RtdInterval", "0"))[-1].value("ExeRtn") == "2"
    assert [m.cn for m in ask(monitor, "2012")] == ["9013"]
    later = hj212.framer().feed(monitor.due(START + timedelta(seconds=120)))
    assert [m.cn for m in later if isinstance(m, hj212.Message)] == [hj212.MINUTE]
    assert [m.cn for m in ask(monitor, "2011")] == ["9011", "2011", "9012"]
    assert [m.value("QnRtn") for m in ask(monitor, "3099")] == ["2"]
    assert [m.value("QnRtn") for m in ask(monitor, "1011", pw="wrong")] == ["3"]
    ask(monitor, "1012", ("SystemTime", "20260304140000"))
    assert ask(monitor, "1011")[1].value("SystemTime") == "20260304140000"


def test_ten_minute_figures() -> None:
    monitor = EmissionMonitor(CHIMNEY)
    monitor.due(START)
    out = hj212.framer().feed(monitor.due(START + timedelta(seconds=30)))
    minute = next(m for m in out if isinstance(m, hj212.Message) and m.cn == hj212.MINUTE)
    values = {v.quantity: v.value for v in hj212.report(minute).values}
    low, mean, high = (values[f"a21026.minute.{s}"] for s in ("min", "avg", "max"))
    assert low < mean < high and minute.st == "31"
    assert minute.value("DataTime") == "20260304135000"


def test_the_stations_report_to_a_real_gateway(database: Database, tmp_path: Path) -> None:
    stations = (RIVER, RAIN, CHIMNEY)
    for station in stations:
        database.run(
            "INSERT INTO device (protocol, key, kind, name) VALUES (%s, %s, %s, %s)",
            (station.protocol, station.key, station.kind, station.name),
        )
    settings = GatewaySettings(
        database.url, tmp_path, jt808_port=0, hj212_port=0, sl651_port=0, batch_s=0.05
    )
    gateway = Running(settings).start()
    ports = gateway.gateway.servers.numbers
    demo = Stations(stations, ports["sl651"], ports["hj212"])
    stop = threading.Event()
    thread = threading.Thread(target=lambda: asyncio.run(demo.serve(stop)))
    thread.start()
    try:
        wanted = {"water_level_m", "rain_mm", "battery_v", "a21026", "a21002", "a34013"}
        until(
            lambda: (
                wanted <= {r.quantity for r in database.rows("SELECT quantity FROM reading_latest")}
            ),
            "a value of each quantity",
        )
        until(lambda: all(s.answers >= 2 for s in demo.hydrology), "the centre's answers")
        until(lambda: demo.monitors[0].answers >= 1, "the platform's answer")
        assert gateway.fact("quarantined") == 0
    finally:
        stop.set()
        thread.join(10)
        gateway.stop()
    assert not thread.is_alive()
