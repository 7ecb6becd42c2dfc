"""The whole gateway over TCP and PostGIS: what a terminal or a station says is in the tables, whatever happens."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from demo.terminal import Terminal
from gis.clock import SystemClock
from gis.cluster import Cluster
from gis.datum import from_wgs84
from gis.db import Database
from gis.errors import SetupError
from gis.migrate import migrate
from ingest.telemetry import hj212, jt808, sl651
from ingest.telemetry import jt808_messages as messages
from ingest.telemetry.main import Gateway
from ingest.telemetry.settings import GatewaySettings
from tests.support.gateway import Client, Running, until

Start = Callable[..., Running]
Add = Callable[..., int]
PHONE = "13812345678"


def fix(
    at: datetime, lon: float = 120.98, lat: float = 31.38, **fields: object
) -> messages.PositionReport:
    values: dict[str, object] = {"alarm": 0, "status": jt808.STATUS_ACC | jt808.STATUS_FIXED}
    values.update(fields)
    return messages.PositionReport(
        lon_deg=lon,
        lat_deg=lat,
        altitude_m=5,
        speed_ms=10.0,
        course_deg=90,
        at=at,
        **values,  # type: ignore[arg-type]
    )


def now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


def dial(gateway: Running, terminal: Terminal) -> Client:
    """Connects the terminal and talks until it is on line."""
    client = gateway.connect("jt808")
    client.send(terminal.connect())
    while terminal.state not in ("online", "refused"):
        client.send(terminal.feed(client.receive()).answer)
    return client


def drain(client: Client, terminal: Terminal, count: int) -> None:
    """Reads until the terminal has been answered ``count`` times."""
    while sum(terminal.answers.values()) < count:
        terminal.feed(client.receive())


def count(database: Database, table: str, where: str = "true") -> int:
    row = database.row(f"SELECT count(*) AS n FROM {table} WHERE {where}")
    assert row is not None
    return int(row.n)


@pytest.mark.parametrize("edition_2019", [False, True])
def test_a_terminal_registers_and_its_positions_arrive(
    start_gateway: Start, add_device: Add, database: Database, edition_2019: bool
) -> None:
    device = add_device("jt808", "0" + PHONE)  # rows may have the number as the wire fills it
    gateway = start_gateway()
    terminal = Terminal(PHONE, "苏E·T0001", edition_2019)
    client = dial(gateway, terminal)
    assert terminal.state == "online"
    at = now()
    client.send(terminal.report(fix(at - timedelta(seconds=2))))
    client.send(terminal.report(fix(at, lon=120.9801)))
    until(lambda: count(database, "position") == 2, "two positions")
    row = database.row("SELECT * FROM position ORDER BY at DESC LIMIT 1")
    assert row is not None
    assert (row.device_id, row.at, row.lon_e7, row.lat_e7) == (device, at, 1209801000, 313800000)
    assert (row.speed_cms, row.course_deg, row.altitude_m, row.flags) == (1000, 90, 5, 1)
    latest = database.row("SELECT at, ST_X(geom) AS lon, speed_ms FROM position_latest")
    assert latest is not None
    assert (latest.at, latest.lon, latest.speed_ms) == (at, 120.9801, 10.0)
    assert database.row("SELECT auth_code FROM device")[0] == terminal.code  # type: ignore[index]
    until(lambda: count(database, "device", "last_seen_at IS NOT NULL") == 1, "last seen")
    assert set(terminal.answers) == {0}


def test_an_unknown_terminal_is_refused_and_kept(start_gateway: Start, database: Database) -> None:
    gateway = start_gateway()
    terminal = Terminal("13900000000", "苏E00000")
    client = gateway.connect("jt808")
    client.send(terminal.connect())
    terminal.feed(client.receive())
    assert terminal.state == "refused"
    until(lambda: count(database, "quarantine") == 1, "the refusal in quarantine")
    row = database.row("SELECT source, device_key, reason FROM quarantine")
    assert row is not None
    assert row.source == "jt808" and row.device_key == "13900000000"
    assert "unknown terminal" in row.reason and "苏E00000" in row.reason


def test_with_auto_register_an_unknown_terminal_gets_in(
    start_gateway: Start, database: Database
) -> None:
    gateway = start_gateway(auto_register=True)
    terminal = Terminal("13900000000", "苏E00000")
    client = gateway.connect("jt808")
    client.send(terminal.connect())
    until(lambda: count(database, "device", "plate = '苏E00000'") == 1, "the device's row")
    client.close()
    until(lambda: gateway.fact("devices") == 1, "the directory to know it")
    terminal.lost()
    assert dial(gateway, terminal) and terminal.state == "online"


def test_positions_before_authentication_are_not_stored(
    start_gateway: Start, add_device: Add, database: Database
) -> None:
    add_device("jt808", PHONE, auth_code="right")
    gateway = start_gateway()
    terminal = Terminal(PHONE, "苏E00001")
    terminal.state = "online"  # it thinks so
    client = gateway.connect("jt808")
    client.send(terminal.report(fix(now())))
    drain(client, terminal, 1)
    assert terminal.answers == {jt808.FAILED: 1}
    wrong = Terminal(PHONE, "苏E00001")
    wrong.code = "wrong"
    client.send(wrong.connect())
    wrong.feed(client.receive())
    assert wrong.state == "registering"
    until(lambda: count(database, "quarantine", "reason LIKE '%authentication%'") == 2, "both kept")
    assert count(database, "position") == 0


def test_one_terminal_cannot_speak_for_another(
    start_gateway: Start, add_device: Add, database: Database
) -> None:
    add_device("jt808", PHONE)
    add_device("jt808", "13800000002")
    gateway = start_gateway()
    terminal = Terminal(PHONE, "A")
    client = dial(gateway, terminal)
    other = Terminal("13800000002", "B")
    other.state = "online"
    client.send(other.report(fix(now())))
    drain(client, other, 1)
    assert other.answers == {jt808.FAILED: 1}
    until(lambda: count(database, "quarantine") == 1, "the refusal")
    reason = database.row("SELECT reason FROM quarantine")
    assert reason is not None and reason[0] == f"sent on the connection of {PHONE}"


def test_shifted_coordinates_come_back_to_wgs84(
    start_gateway: Start, add_device: Add, database: Database
) -> None:
    add_device("jt808", PHONE)
    add_device("jt808", "13812345679", datum="gcj02")
    gateway = start_gateway()
    shifted = from_wgs84("gcj02", 120.98, 31.38)
    by_flag, by_row = Terminal(PHONE, "A"), Terminal("13812345679", "B")
    status = jt808.STATUS_FIXED | jt808.STATUS_SHIFTED
    dial(gateway, by_flag).send(by_flag.report(fix(now(), *shifted, status=status)))
    dial(gateway, by_row).send(by_row.report(fix(now(), *shifted)))
    until(lambda: count(database, "position") == 2, "two positions")
    for row in database.rows("SELECT lon_e7, lat_e7 FROM position"):
        assert abs(row.lon_e7 - 1209800000) <= 10 and abs(row.lat_e7 - 313800000) <= 10


def test_bad_bytes_are_counted_and_kept_and_the_stream_goes_on(
    start_gateway: Start, add_device: Add, database: Database
) -> None:
    add_device("jt808", PHONE)
    gateway = start_gateway()
    terminal = Terminal(PHONE, "A")
    client = dial(gateway, terminal)
    good = terminal.report(fix(now()))
    broken = good[:20] + bytes((good[20] ^ 1,)) + good[21:]
    client.send(b"\x00garbage" + broken + good)
    until(lambda: count(database, "position") == 1, "the good position")
    rows = database.rows("SELECT reason, raw FROM quarantine ORDER BY id")
    assert [bytes(r.raw) for r in rows][1:] == [broken[:-1]]
    assert "checksum" in rows[1].reason
    assert gateway.fact("jt808_frames_bad") == 2
    # A malformed additional item costs the item, not the fix.
    later = fix(now() + timedelta(seconds=1), others=((0x01, b"\x05"),))
    client.send(terminal.report(later))
    until(lambda: count(database, "position") == 2, "the fix with the bad item")
    assert gateway.fact("malformed_items") == 1


def test_impossible_fixes_go_to_quarantine_with_the_reason(
    start_gateway: Start, add_device: Add, database: Database
) -> None:
    add_device("jt808", PHONE)
    gateway = start_gateway()
    terminal = Terminal(PHONE, "A")
    client = dial(gateway, terminal)
    at = now() - timedelta(seconds=60)
    client.send(terminal.report(fix(at)))
    client.send(terminal.report(fix(at + timedelta(seconds=1), lat=116.3)))
    client.send(terminal.report(fix(at + timedelta(seconds=2), lon=0.0, lat=0.0)))
    client.send(terminal.report(fix(at + timedelta(hours=2))))
    client.send(terminal.report(fix(at - timedelta(days=90))))
    client.send(terminal.report(fix(at + timedelta(seconds=3), lon=121.5)))
    client.send(terminal.report(fix(at + timedelta(seconds=4), lon=120.9805)))
    until(lambda: count(database, "quarantine") == 5, "five refusals")
    reasons = [r.reason for r in database.rows("SELECT reason FROM quarantine ORDER BY id")]
    starts = ("out of range", "null island", "in the future", "too old", "jump of")
    assert all(r.startswith(s) for r, s in zip(reasons, starts, strict=True)), reasons
    until(lambda: count(database, "position") == 2, "the two good ones")


def test_history_sent_again_is_stored_once_and_never_moves_the_latest_back(
    start_gateway: Start, add_device: Add, database: Database
) -> None:
    add_device("jt808", PHONE)
    gateway = start_gateway()
    terminal = Terminal(PHONE, "A")
    client = dial(gateway, terminal)
    at = now()
    client.send(terminal.report(fix(at)))
    history = [fix(at - timedelta(days=2, seconds=s)) for s in range(30)]
    for _ in range(2):
        terminal.lost()
        for report in history:
            terminal.report(report)
        client.close()
        client = dial(gateway, terminal)
        client.send(terminal.feed(b"").answer)
    until(lambda: count(database, "position") == 31, "the history, once")
    terminal.lost()
    for report in history:
        terminal.report(report)
    dial(gateway, terminal)
    until(lambda: gateway.fact("positions_stored") == 91, "the third round's rows to be handled")
    assert count(database, "position") == 31
    assert database.row("SELECT at FROM position_latest")[0] == at  # type: ignore[index]


def test_a_panic_button_raises_one_event_per_press(
    start_gateway: Start, add_device: Add, database: Database
) -> None:
    device = add_device("jt808", PHONE)
    gateway = start_gateway()
    terminal = Terminal(PHONE, "A")
    client = dial(gateway, terminal)
    at = now() - timedelta(seconds=100)
    second = iter(range(100))

    def report() -> None:
        before = sum(terminal.answers.values())
        client.send(terminal.report(fix(at + timedelta(seconds=next(second)))))
        drain(client, terminal, before + 1)

    report()
    terminal.sos = True
    report()
    until(lambda: count(database, "device_event") == 1, "the panic event")
    for _ in range(
        20
    ):  # the confirmation comes only once the event is safe, then the terminal lets go
        if not terminal.sos:
            break
        report()
    assert not terminal.sos and terminal.answers[jt808.ALARM_CONFIRMED] == 1
    report()
    terminal.sos = True
    report()
    until(lambda: count(database, "device_event") == 2, "the second press")
    row = database.row("SELECT device_id, kind, priority, ST_X(geom) AS lon FROM device_event")
    assert row is not None
    assert (row.device_id, row.kind, row.priority, row.lon) == (device, "sos", 1, 120.98)


def test_a_panic_call_without_a_fix_has_the_last_known_place(
    start_gateway: Start, add_device: Add, database: Database
) -> None:
    add_device("jt808", PHONE)
    gateway = start_gateway()
    terminal = Terminal(PHONE, "A")
    client = dial(gateway, terminal)
    client.send(terminal.report(fix(now() - timedelta(seconds=9), lon=120.99)))
    until(lambda: count(database, "position") == 1, "the position")
    terminal.sos = True
    client.send(terminal.report(fix(now(), lon=0.0, lat=0.0, status=jt808.STATUS_ACC)))
    until(lambda: count(database, "device_event") == 1, "the panic event")
    assert database.row("SELECT ST_X(geom) FROM device_event")[0] == 120.99  # type: ignore[index]
    assert count(database, "position") == 1 and gateway.fact("no_fix") == 1


def test_a_text_goes_down_is_answered_and_marked(
    start_gateway: Start, add_device: Add, database: Database
) -> None:
    device = add_device("jt808", PHONE)
    gateway = start_gateway()
    terminal = Terminal(PHONE, "A")
    client = dial(gateway, terminal)
    until(lambda: gateway.fact("terminals_online") == 1, "the terminal on line")
    body = "DISPATCH #1042 lon=120.98123 lat=31.38123 前进路 路口"
    database.run("INSERT INTO downlink (device_id, body) VALUES (%s, %s)", (device, body))
    heard = terminal.feed(client.receive())
    assert heard.texts == [body]
    until(lambda: count(database, "downlink", "sent_at IS NOT NULL") == 1, "sent")
    assert count(database, "downlink", "answered_at IS NULL") == 1
    client.send(heard.answer)
    until(
        lambda: count(database, "downlink", "answered_at IS NOT NULL AND result = 0") == 1,
        "answered",
    )


def test_a_text_waits_for_the_terminal_and_an_old_one_is_not_sent(
    start_gateway: Start, add_device: Add, database: Database
) -> None:
    device = add_device("jt808", PHONE)
    gateway = start_gateway()
    database.run(
        "INSERT INTO downlink (device_id, body, created_at) VALUES (%s, 'old', now() - interval '11 min')",
        (device,),
    )
    database.run("INSERT INTO downlink (device_id, body) VALUES (%s, 'waits')", (device,))
    until(lambda: gateway.fact("texts_waiting") == 1, "the text to be seen")
    terminal = Terminal(PHONE, "A")
    client = dial(gateway, terminal)
    texts: list[str] = []
    while not texts:
        texts += terminal.feed(client.receive()).texts
    assert texts == ["waits"]
    # Not answered, and the connection breaks: it comes again.
    client.close()
    terminal.lost()
    until(lambda: gateway.fact("terminals_online") == 0, "the terminal gone")
    client = dial(gateway, terminal)
    texts = []
    while not texts:
        heard = terminal.feed(client.receive())
        texts += heard.texts
        client.send(heard.answer)
    assert texts == ["waits"]
    until(lambda: count(database, "downlink", "answered_at IS NOT NULL") == 1, "answered")
    assert count(database, "downlink", "body = 'old' AND sent_at IS NULL") == 1


def test_lost_parts_are_asked_for_again(
    start_gateway: Start, add_device: Add, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_device("jt808", PHONE)
    monkeypatch.setattr(jt808.Assembler.__init__, "__defaults__", (0.1, 3, 8))
    gateway = start_gateway()
    terminal = Terminal(PHONE, "A")
    client = dial(gateway, terminal)
    at = now()
    body = messages.encode_position_batch([fix(at - timedelta(seconds=s)) for s in range(60)], True)
    whole = jt808.Message(jt808.POSITION_BATCH, terminal.phone, 500, body)
    parts = jt808.split(whole, 900)
    assert len(parts) == 3
    client.send(jt808.encode(parts[0]) + jt808.encode(parts[2]))
    framer = jt808.framer()
    asked: list[jt808.Resend] = []
    while not asked:
        asked = [
            messages.decode_resend(m.body)
            for m in framer.feed(client.receive())
            if isinstance(m, jt808.Message) and m.id == jt808.RESEND
        ]
    assert asked == [jt808.Resend(500, (2,))]
    client.send(jt808.encode(parts[1]))
    until(lambda: count(database, "position") == 60, "the whole batch")


def test_a_hydrology_station(
    start_gateway: Start, add_device: Add, database: Database, tmp_path: Path
) -> None:
    device = add_device("sl651", "0012345678", "water_level")
    add_device_threshold(database, device, "water_level_m", 3.5, 0.2)
    gateway = start_gateway()
    client = gateway.connect("sl651")
    framer = sl651.framer()

    def say(serial: int, at: datetime, level: float) -> sl651.Frame:
        elements = (
            sl651.Element(0x39, level, at, 4, 3),
            sl651.Element(0x38, 12.61, at, 2, 2),
            sl651.Element(0x20, None, at, 3, 1),
        )
        body = sl651.encode_report(sl651.Report(serial, at, "0012345678", 0x48, elements))
        client.send(sl651.encode(sl651.Frame(sl651.TIMED, "0012345678", body, password="1234")))
        answers = framer.feed(client.receive())
        assert len(answers) == 1 and isinstance(answers[0], sl651.Frame)
        return answers[0]

    at = now().replace(second=0) - timedelta(minutes=20)
    for i, level in enumerate([3.2, 3.55, 3.7, 3.45, 3.6, 3.2, 3.51]):
        answer = say(i + 1, at + timedelta(minutes=i), level)
        assert (answer.up, answer.station, answer.end, answer.serial) == (
            False,
            "0012345678",
            sl651.ESC,
            i + 1,
        )
    until(lambda: count(database, "reading", "quantity = 'water_level_m'") == 7, "seven levels")
    # Up at 3.55, still up at 3.6 (3.45 is within the hysteresis), down at 3.2, up again at 3.51.
    until(lambda: count(database, "device_event") == 2, "two crossings")
    values = [r.value for r in database.rows("SELECT value FROM device_event ORDER BY id")]
    assert values == [3.55, 3.51]
    latest = database.row("SELECT value, unit FROM reading_latest WHERE quantity = 'battery_v'")
    assert latest is not None and (latest.value, latest.unit) == (12.61, "V")
    # The same report again is answered and not stored twice.
    say(7, at + timedelta(minutes=6), 3.51)
    assert gateway.fact("sl651_frames_resent") == 1
    assert count(database, "reading", "quantity = 'water_level_m'") == 7
    # A picture in packets, the last before the second.
    jpeg = b"\xff\xd8" + bytes(range(256)) * 12 + b"\xff\xd9"
    head = sl651.encode_link(9, at) + b"\xf0\xf0" + sl651.encode_time(at, seconds=False)
    head += b"\xf1\xf1" + bytes.fromhex("0012345678") + b"\x48\xf3\xf3"
    packets = sl651.split(sl651.Frame(sl651.PICTURE, "0012345678", head + jpeg, password="1234"))
    for i in (0, 3, 1, 2):
        client.send(sl651.encode(packets[i]))
    folder = tmp_path / "pictures" / "0012345678"
    until(lambda: gateway.fact("pictures") == 1, "the picture")
    assert [p.read_bytes() for p in folder.iterdir()] == [jpeg]


def add_device_threshold(
    database: Database, device: int, quantity: str, limit: float, hysteresis: float
) -> None:
    database.run(
        "INSERT INTO threshold (device_id, quantity, limit_value, hysteresis, priority)"
        " VALUES (%s, %s, %s, %s, 2)",
        (device, quantity, limit, hysteresis),
    )


def test_an_emission_monitor(start_gateway: Start, add_device: Add, database: Database) -> None:
    device = add_device("hj212", "MN0001", "enterprise", props='{"password": "123456"}')
    add_device_threshold(database, device, "a21026", 35.0, 5.0)
    gateway = start_gateway()
    client = gateway.connect("hj212")
    at = now()

    def message(pw: str, second: int, so2: float, flag: str) -> hj212.Message:
        when = at - timedelta(seconds=60 - second)
        return hj212.Message(
            hj212.REALTIME,
            "MN0001",
            "31",
            (
                (("DataTime", hj212.encode_time(when)),),
                (("a21026-Rtd", f"{so2}"), ("a21026-Flag", flag)),
                (("a21002-Rtd", "80.1"), ("a21002-Flag", "N")),
            ),
            hj212.encode_time(when, milliseconds=True),
            pw,
            hj212.FLAG_2017 | hj212.FLAG_ANSWER,
        )

    client.send(hj212.encode(message("000000", 0, 10.0, "N")))
    client.send(hj212.encode(message("123456", 1, 90.0, "C")))  # calibration gas, no emission
    client.send(b"##00zz" + hj212.encode(message("123456", 2, 41.5, "T")))
    framer = hj212.framer()
    answers: list[object] = []
    while len(answers) < 2:
        answers += framer.feed(client.receive())
    assert [a.cn for a in answers if isinstance(a, hj212.Message)] == ["9014", "9014"]
    until(lambda: count(database, "reading") == 4, "four values")
    rows = database.rows(
        "SELECT value, flag, unit FROM reading WHERE quantity = 'a21026' ORDER BY at"
    )
    assert [tuple(r) for r in rows] == [(90.0, "C", "mg/m³"), (41.5, "T", "mg/m³")]
    until(lambda: count(database, "device_event", "value = 41.5") == 1, "the one crossing")
    assert count(database, "device_event") == 1
    until(lambda: count(database, "quarantine") == 2, "wrong password and broken frame kept")


def test_a_taken_port_is_named(database: Database, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        settings = GatewaySettings(
            database.url, tmp_path, jt808_port=0, hj212_port=port, sl651_port=0
        )
        with pytest.raises(SetupError, match=f"port {port} .*HJ 212.*taken.*WANGLOU_HJ212_PORT"):
            Gateway(settings, SystemClock()).run(threading.Event())


def test_connections_above_the_limit_are_refused(start_gateway: Start) -> None:
    gateway = start_gateway(max_connections=2)
    clients = [gateway.connect("jt808") for _ in range(2)]
    until(lambda: gateway.fact("jt808_connections") == 2, "two connections")
    with pytest.raises(ConnectionError):
        third = gateway.connect("jt808")
        if third.receive() == b"":
            raise ConnectionResetError
    assert gateway.fact("connections_refused") == 1
    clients[0].close()
    until(lambda: gateway.fact("jt808_connections") == 1, "one to leave")


def test_idle_connections_are_closed(start_gateway: Start) -> None:
    gateway = start_gateway(jt808_idle_s=0.05)
    client = gateway.connect("jt808")
    try:
        assert client.receive() == b""
    except ConnectionResetError:
        pass
    assert gateway.fact("connections_idle") == 1


def test_the_database_goes_away_and_nothing_is_lost(tmp_path: Path) -> None:
    own = Cluster(tmp_path / "own", fast_unsafe=True)
    tmp_path.chmod(0o711)
    for parent in tmp_path.parents:
        if parent.name.startswith("pytest-"):
            parent.chmod(0o711)
    own.start()
    try:
        url = own.url("postgres", "postgres")
        database = Database(url)
        migrate(database)
        database.run(
            "INSERT INTO device (protocol, key, kind, name) VALUES ('jt808', %s, 'vehicle', 'x')",
            (PHONE,),
        )
        settings = GatewaySettings(
            url, tmp_path, jt808_port=0, hj212_port=0, sl651_port=0, batch_s=0.05
        )
        gateway = Running(settings).start()
        terminal = Terminal(PHONE, "A")
        client = dial(gateway, terminal)
        at = now() - timedelta(seconds=300)
        client.send(terminal.report(fix(at)))
        until(lambda: count(database, "position") == 1, "the first position")
        database.close()
        own.stop()
        before = sum(terminal.answers.values())
        for i in range(1, 101):
            client.send(terminal.report(fix(at + timedelta(seconds=i))))
        drain(client, terminal, before + 100)
        until(lambda: int(gateway.fact("spool_batches")) > 0, "batches in the spool")
        terminal.sos = True
        client.send(terminal.report(fix(at + timedelta(seconds=150))))
        drain(client, terminal, before + 101)
        # A restart of the gateway in between costs nothing either.
        gateway.stop()
        waiting = len(list(settings.spool.glob("*.json")))
        assert waiting > 0
        own.start()
        gateway = Running(settings).start()
        until(lambda: gateway.fact("spool_batches") == 0, "the spool to be loaded")
        assert count(database, "position") == 102
        assert count(database, "device_event", "kind = 'sos'") == 1
        assert count(database, "telemetry_batch") >= 2
        assert gateway.fact("spool_lost_rows") == 0
        gateway.stop()
        database.close()
    finally:
        own.stop()
