"""Bad input gets a clear answer, and nothing is lost: what goes wrong around the running system, done to it."""

from __future__ import annotations

import dataclasses
import itertools
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import psutil
import pytest

from demo.cameras.control import ask
from demo.city import build_city
from demo.running import ROOT, City, free_ports, until
from demo.stations import EmissionMonitor, HydrologyStation
from demo.terminal import Terminal
from gis.cluster import Cluster
from gis.db import Database
from ingest.telemetry import jt808
from ingest.telemetry.jt808_messages import PositionReport

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("e2e"), pytest.mark.timeout(600)]
CAMERAS = ("cam-square", "cam-yard")
START_S = 240  # the demo draws its scenes first, which a busy machine does slowly


class Api:
    """The console's API as one person."""

    def __init__(self, city: City, name: str) -> None:
        self._client = httpx.Client(base_url=city.console, trust_env=False, timeout=15)
        answer = self._client.post("/api/v1/login", json={"name": name, "password": city.password})
        self._token = {"X-CSRF-Token": answer.raise_for_status().json()["csrf"]}

    def __call__(self, method: str, path: str, **body: Any) -> httpx.Response:
        return self._client.request(
            method, f"/api/v1{path}", headers=self._token, json=body or None
        )

    def camera(self, code: str) -> dict[str, Any]:
        """The camera as the map shows it."""
        found: dict[str, Any] = next(c for c in self("GET", "/cameras").json() if c["code"] == code)
        return found


@pytest.fixture(scope="module")
def admin(city: City) -> Api:
    return Api(city, "admin")


@pytest.fixture(scope="module")
def database(city: City) -> Iterator[Database]:
    """The city's own database, as its owner."""
    pool = Database(Cluster(city.var).url(), size=2)
    yield pool
    pool.close()


def number(database: Database, sql: str, **values: Any) -> Any:
    row = database.row(sql, values)
    assert row is not None
    return row[0]


def recording(admin: Api) -> bool:
    return all(
        (camera["state"], camera["recording"]) == ("online", True)
        for camera in map(admin.camera, CAMERAS)
    )


def gaps_s(database: Database, code: str, since: datetime) -> list[float]:
    """The holes between the camera's files that reach past ``since``."""
    rows = database.rows(
        "SELECT s.start_at, s.end_at FROM segment s JOIN camera c ON c.id = s.camera_id "
        "WHERE c.code = %(code)s AND s.end_at >= %(since)s ORDER BY s.start_at",
        {"code": code, "since": since},
    )
    assert rows[0].start_at <= since
    return [
        (after.start_at - before.end_at).total_seconds()
        for before, after in itertools.pairwise(rows)
    ]


def covered_until(database: Database, code: str) -> datetime:
    at: datetime = number(
        database,
        "SELECT max(s.end_at) FROM segment s JOIN camera c ON c.id = s.camera_id WHERE c.code = %(code)s",
        code=code,
    )
    return at


def processes(city: City) -> dict[str, int]:
    """Process ids of the supervisor's children by their names."""
    found = {}
    for child in psutil.Process(city.process.pid).children():
        try:
            words = child.cmdline()
        except psutil.Error:
            continue
        if "process" in words:
            found[words[words.index("process") + 1]] = child.pid
    return found


def dial(city: City, protocol: str) -> socket.socket:
    """A connection to the city's port for devices of one protocol."""
    port = int(city.environment[f"WANGLOU_{protocol}_PORT"])
    return socket.create_connection(("127.0.0.1", port), timeout=10)


def hear(link: socket.socket, terminal: Terminal) -> None:
    """Gives the terminal what the gateway sends next, and sends what it answers."""
    heard = link.recv(65536)
    assert heard, "the gateway closed the connection"
    link.sendall(terminal.feed(heard).answer)


def vehicle_online(
    city: City, database: Database, phone: str, name: str
) -> tuple[socket.socket, Terminal]:
    """A vehicle's terminal that the gateway knows and that has logged in, with its connection."""
    database.run(
        "INSERT INTO device (protocol, key, kind, name) VALUES ('jt808', %(key)s, 'vehicle', %(name)s) "
        "ON CONFLICT DO NOTHING",
        {"key": phone.rjust(12, "0"), "name": name},
    )

    def online() -> tuple[socket.socket, Terminal] | None:
        # The gateway reads new devices now and then; until then it refuses this one.
        link, terminal = dial(city, "JT808"), Terminal(phone, "苏E·00000")
        link.sendall(terminal.connect())
        while terminal.state not in ("online", "refused"):
            hear(link, terminal)
        if terminal.state == "online":
            return link, terminal
        link.close()
        return None

    found = until(online, 40, "the registration", every_s=1.0)
    assert found is not None
    return found


def fix(at: datetime) -> PositionReport:
    """A vehicle that stands, at one whole second of its own clock."""
    return PositionReport(
        alarm=0, status=jt808.STATUS_ACC | jt808.STATUS_FIXED, lon_deg=120.98, lat_deg=31.38,
        altitude_m=5, speed_ms=0.0, course_deg=0, at=at.replace(microsecond=0),
    )  # fmt: skip


def test_a_camera_that_fails_says_why_and_the_others_go_on(city: City, admin: Api) -> None:
    until(lambda: recording(admin), START_S, "the recording")
    rtsp = f"rtsp://127.0.0.1:{city.environment['WANGLOU_DEMO_RTSP_PORT']}"
    broken = {
        "bad-port": (
            f"rtsp://127.0.0.1:{free_ports(1)[0]}/x",
            "unreachable",
            "refuses connections",
        ),
        "bad-path": (f"{rtsp}/nothing", "unreachable", "no stream at '/nothing'"),
        "bad-login": (f"{rtsp}/cam-square", "refused", "refuses user 'viewer' or its password"),
    }
    for code, (url, _, _) in broken.items():
        place = {"lon": 120.98, "lat": 31.38, "username": "viewer", "password": "wrong"}
        made = admin("POST", "/cameras", code=code, name=code, url=url, **place)
        assert made.status_code == 201, made.text
    try:
        for code, (_, state, reason) in broken.items():
            until(lambda: admin.camera(code)["state"] == state, 30, f"{code} {state}")  # noqa: B023
            assert reason in admin.camera(code)["reason"]
        health = httpx.get(f"{city.console}/healthz", trust_env=False).json()
        assert health["state"] == "degraded" and health["cameras"]["bad-login"] == "refused"
        findings = json.loads(city.wanglou("doctor", "--json").stdout)
        told = {f["about"]: f for f in findings}["camera bad-login"]
        assert told["level"] == "bad" and "password" in told["says"] and told["todo"]
        assert recording(admin)
    finally:
        for code in broken:
            camera = admin.camera(code)
            off = {"expected_version": camera["version"], "enabled": False}
            assert admin("PATCH", f"/cameras/{camera['id']}", **off).status_code == 200

    def stalled() -> dict[str, Any] | None:
        yard = admin.camera("cam-yard")
        return yard if yard["state"] == "stalled" else None

    ask(city.var, {"do": "pause", "camera": "cam-yard", "seconds": 12})
    yard = until(stalled, 30, "the hanging stream")
    assert yard is not None and "no picture for" in yard["reason"]
    assert admin.camera("cam-square")["state"] == "online"
    until(lambda: recording(admin), 60, "the recovery")


def test_noise_on_the_device_ports_is_kept_and_the_stream_goes_on(
    city: City, database: Database
) -> None:
    began = datetime.now(UTC)
    database.run(
        "INSERT INTO device (protocol, key, kind, name) VALUES "
        "('sl651', '0099990001', 'water_level', 'noisy'), ('hj212', 'NOISY0000000000000000001', 'enterprise', 'noisy') "
        "ON CONFLICT DO NOTHING"
    )
    link, terminal = vehicle_online(city, database, "13999990001", "noisy")

    torn = bytearray(terminal.report(fix(began)))
    torn[-2] ^= 0x11
    noise = bytes(torn) + b"\x7e\x01\x02\x7e" + b"between frames"
    link.sendall(noise + terminal.report(fix(began)))

    stations = build_city().stations
    river = next(s for s in stations if s.protocol == "sl651")
    station = HydrologyStation(dataclasses.replace(river, key="0099990001", thresholds=()))
    gauge = dial(city, "SL651")
    report = station.due(began)
    gauge.sendall(report[:-1] + bytes([report[-1] ^ 0x10]) + b"\x7e\x7e\xff" + report)

    works = next(s for s in stations if s.protocol == "hj212")
    monitor = EmissionMonitor(
        dataclasses.replace(works, key="NOISY0000000000000000001", thresholds=())
    )
    meter = dial(city, "HJ212")
    opening = monitor.connect()
    meter.sendall(b"##00zznoise\r\n" + b"\xff\xfe\r\n" + opening + monitor.due(began))

    def stored(table: str, protocol: str) -> int:
        return int(
            number(
                database,
                f"SELECT count(*) FROM {table} r JOIN device d ON d.id = r.device_id "
                "WHERE d.protocol = %(p)s AND d.name = 'noisy' AND r.received_at >= %(began)s",
                p=protocol,
                began=began,
            )
        )

    for table, protocol in (("position", "jt808"), ("reading", "sl651"), ("reading", "hj212")):
        until(lambda: stored(table, protocol) >= 1, 20, f"{protocol} after the noise")  # noqa: B023

    def kept() -> dict[str, int]:
        rows = database.rows(
            "SELECT source, count(*) AS n FROM quarantine WHERE received_at >= %(began)s "
            "AND raw IS NOT NULL AND reason <> '' GROUP BY source",
            {"began": began},
        )
        return {row.source: row.n for row in rows}

    until(lambda: {"jt808", "sl651", "hj212"} <= kept().keys(), 15, "the quarantine")
    for connection in (link, gauge, meter):
        connection.close()


def test_a_database_that_dies_comes_back_and_nothing_is_missing(
    city: City, admin: Api, database: Database
) -> None:
    until(lambda: recording(admin), START_S, "the recording")
    link, terminal = vehicle_online(city, database, "13999990002", "on the road")
    before = processes(city)
    began = datetime.now(UTC)
    cluster = Cluster(city.var)

    def server() -> int:
        return int((cluster.data / "postmaster.pid").read_text().split()[0])

    first = server()
    os.kill(first, signal.SIGKILL)

    def refused() -> httpx.Response | None:
        answer = admin("GET", "/cameras")
        return answer if answer.status_code == 503 else None

    answer = until(refused, 10, "the answer without a database", every_s=0.01)
    assert answer is not None and answer.json()["error"]["code"] == "database_away"
    assert "try again" in answer.json()["error"]["message"]
    driven = fix(datetime.now(UTC))
    with link:
        link.sendall(terminal.report(driven))
        accepted = terminal.answers[jt808.OK] + 1
        while terminal.answers[jt808.OK] < accepted:
            hear(link, terminal)
    until(lambda: admin("GET", "/cameras").status_code == 200, 40, "the database's return")
    assert server() != first
    back = datetime.now(UTC)
    for code in CAMERAS:
        until(lambda: covered_until(database, code) > back, 30, f"{code}'s index")  # noqa: B023
        assert max(gaps_s(database, code, began), default=0.0) < 0.1
    until(
        lambda: number(
            database,
            "SELECT count(*) FROM position p JOIN device d ON d.id = p.device_id "
            "WHERE d.key = '013999990002' AND p.at = %(at)s",
            at=driven.at,
        ),
        30,
        "the position that came while the database was away",
    )

    def beating() -> bool:
        rows = database.rows("SELECT beat_at FROM process_state")
        return len(rows) >= 5 and all(row.beat_at > back for row in rows)

    until(beating, 30, "every process's sign of life")
    assert processes(city) == before, "a process did not outlive the database"


def test_a_killed_recorder_loses_no_more_than_what_was_open(
    city: City, admin: Api, database: Database
) -> None:
    until(lambda: recording(admin), START_S, "the recording")
    before = processes(city)
    killed = datetime.now(UTC)
    os.kill(before["ingest"], signal.SIGKILL)
    until(
        lambda: processes(city).get("ingest", before["ingest"]) != before["ingest"], 40, "a new one"
    )
    for code in CAMERAS:
        until(lambda: covered_until(database, code) > killed, 40, f"{code}'s recording")  # noqa: B023
        last = number(
            database,
            "SELECT max(s.end_at) FROM segment s JOIN camera c ON c.id = s.camera_id "
            "WHERE c.code = %(code)s AND s.start_at < %(killed)s",
            code=code,
            killed=killed,
        )
        assert (killed - last).total_seconds() < 4.0  # a GOP has 2 s
    after = processes(city)
    assert {name: pid for name, pid in after.items() if name != "ingest"} == {
        name: pid for name, pid in before.items() if name != "ingest"
    }


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({}, "the system already runs from"),
        ({"WANGLOU_VAR": "new"}, "set WANGLOU_CONSOLE_PORT to another port"),
        ({"WANGLOU_VAR": "new", "ports": "", "WANGLOU_STATIC": "none"}, "run ./run ui"),
        ({"WANGLOU_VAR": "/proc/wanglou"}, "set WANGLOU_VAR to another folder"),
        (
            {"WANGLOU_VAR": "new", "ports": "", "WANGLOU_RECORDINGS": "/proc/wanglou"},
            "set WANGLOU_RECORDINGS to another folder",
        ),
        (
            {
                "WANGLOU_VAR": "new",
                "ports": "",
                "DATABASE_URL": "postgresql://u:p@127.0.0.1:9/x",
                "PORTAL_DATABASE_URL": "postgresql://u:p@127.0.0.1:9/x",
            },
            "check DATABASE_URL",
        ),
        (
            {
                "WANGLOU_VAR": "new",
                "ports": "",
                "DATABASE_URL": "nonsense",
                "PORTAL_DATABASE_URL": "nonsense",
            },
            "the database's address cannot be read",
        ),
    ],
)
def test_a_start_that_cannot_work_says_so_in_one_sentence(
    city: City, tmp_path: Any, change: dict[str, str], says: str
) -> None:
    settings = dict(change)
    if settings.get("WANGLOU_VAR") == "new":
        settings["WANGLOU_VAR"] = str(tmp_path)
    if "ports" in settings:
        del settings["ports"]
        names = [n for n in city.environment if n.startswith("WANGLOU_") and n.endswith("_PORT")]
        settings |= dict(zip(names, map(str, free_ports(len(names))), strict=True))
    done = subprocess.run(
        [sys.executable, "-m", "web.cli", "up"],
        cwd=ROOT,
        env={**city.environment, **settings},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("wanglou: ") and "Traceback" not in done.stderr
    assert says in done.stderr and "p@" not in done.stderr


def test_stale_input_is_answered_with_both_values(city: City, admin: Api) -> None:
    camera = admin.camera("cam-square")
    stale = admin(
        "PATCH", f"/cameras/{camera['id']}", expected_version=camera["version"] + 1, name="别名"
    )
    error = stale.json()["error"]
    assert (stale.status_code, error["code"]) == (409, "stale_version")
    assert error["current"]["name"] == camera["name"] and error["sent"]["name"] == "别名"
    wrong = admin("POST", "/cameras", code="x", name="x", url="rtsp://h/x", lon=120, lat=91)
    assert wrong.status_code == 422
    assert [f["field"] for f in wrong.json()["error"]["fields"]] == ["lat"]
    denied = Api(city, "officer")("POST", "/cameras", code="x")
    assert denied.status_code in (403, 422)
