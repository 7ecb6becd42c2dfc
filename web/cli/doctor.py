"""``wanglou doctor``: what is wrong with this system, each finding with what to do."""

from __future__ import annotations

import argparse
import shutil
import socket
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, Literal

from gis.db import Database
from gis.errors import DatabaseAway, SetupError
from gis.heartbeat import STALE_AFTER_S
from gis.migrate import migrations
from ingest import footage_store
from web import camera_store, cli_store, storage_view
from web.cli.connection import open_database
from web.cli.output import print_json
from web.cli.storage import size
from web.environment import Environment, read_environment

PROCESSES = ("ingest", "gateway", "analytics", "command", "exporter", "console")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at. ``todo`` is empty where nothing needs doing."""

    level: Literal["ok", "warn", "bad"]
    about: str
    says: str
    todo: str = ""


def add(verbs: Any) -> None:
    parser = verbs.add_parser("doctor", help="look the whole system over and say what to mend")
    parser.add_argument("--json", action="store_true")
    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    findings = list(examine(read_environment()))
    if options.json:
        print_json([asdict(f) for f in findings])
    else:
        marks = {"ok": "  ok  ", "warn": " WARN ", "bad": "  BAD "}
        for f in findings:
            print(f"{marks[f.level]} {f.about}: {f.says}")
            if f.todo:
                print(f"        → {f.todo}")
    return 1 if any(f.level == "bad" for f in findings) else 0


def examine(environment: Environment) -> Iterator[Finding]:
    """Looks at disk, database, processes, storage, cameras, devices and ports, in this order."""
    yield _disk(environment)
    try:
        with open_database(environment) as database:
            yield from _database(database)
            yield from _processes(database)
            yield from _storage(database, environment)
            yield from _cameras(database)
            yield from _devices(database)
    except (SetupError, DatabaseAway) as error:
        yield Finding("bad", "database", str(error), f"read {environment.var / 'pg.log'}")
    yield from _ports(environment)


def _disk(environment: Environment) -> Finding:
    folder = environment.recordings_folder
    while not folder.exists():
        folder = folder.parent
    usage = shutil.disk_usage(folder)
    says = f"{usage.free / 1e9:.1f} GB of {usage.total / 1e9:.1f} GB free where recordings lie ({folder})"
    if usage.free < environment.min_free_gb * 1e9:
        return Finding(
            "bad", "disk", says,
            f"below WANGLOU_MIN_FREE_GB={environment.min_free_gb:g}: the oldest unheld footage is being deleted; "
            "shorten the cameras' retention, or set WANGLOU_RECORDINGS to a larger disk",
        )  # fmt: skip
    return Finding("ok", "disk", says)


def _database(database: Database) -> Iterator[Finding]:
    found = cli_store.versions(database)
    newest = migrations()[-1].number
    yield Finding(
        "ok",
        "database",
        f"PostgreSQL {found.server}, PostGIS {found.postgis}, schema step {found.step}",
    )
    if found.step != newest:
        yield Finding(
            "bad", "schema", f"at step {found.step}, this program knows {newest}",
            "restart with ./run up (it migrates by itself), or start the newer program",
        )  # fmt: skip


def _processes(database: Database) -> Iterator[Finding]:
    beats = {row.name: row for row in cli_store.processes(database)}
    for name in PROCESSES:
        row = beats.get(name)
        if row is None:
            yield Finding("bad", name, "has never run", "start the system: ./run up")
        elif row.age_s > STALE_AFTER_S:
            yield Finding(
                "bad", name, f"was last heard {row.age_s:.0f} s ago (process {row.pid})",
                f"read var/log/{name}.log; the supervisor starts it again when it ends",
            )  # fmt: skip
        else:
            spooled = row.facts.get("spool_rows") or row.facts.get("spooled_rows") or 0
            yield Finding("ok", name, f"process {row.pid}, heard {row.age_s:.0f} s ago")
            if spooled:
                yield Finding(
                    "warn",
                    name,
                    f"{spooled} rows wait on disk for the database",
                    "they go by themselves",
                )


_DISK_TODO = {
    "warn": "shorten what is kept (wanglou storage), add a tier for it to move to, or make the disk larger",
    "alarm": "shorten what is kept (wanglou storage), add a tier for it to move to, or make the disk larger",
    "short": "footage is deleted before its time: shorten what is kept, add a tier, or make the disk larger",
    "locked": "held footage fills the disk: release holds (wanglou hold list), add a tier, or make the disk larger",
}


def _storage(database: Database, environment: Environment) -> Iterator[Finding]:
    found = storage_view.storage(database, footage_store.tiers(database, environment.camera_key()))
    kept = ", ".join(f"{size(c.bytes)} {c.name}" for c in found.classes)
    if found.disk is not None and found.disk.level in _DISK_TODO:
        yield Finding(
            "bad" if found.disk.level in ("short", "locked") else "warn", "storage",
            f"{found.disk.level}: {found.disk.used_percent:.0f} % of the recordings' disk is used ({kept})",
            _DISK_TODO[found.disk.level],
        )  # fmt: skip
    else:
        yield Finding("ok", "storage", kept)
    for tier in found.tiers:
        if tier.problem is not None:
            yield Finding(
                "bad", f"storage tier {tier.name}", f"{tier.problem} (since {tier.problem_since:%Y-%m-%d %H:%M} UTC)",
                "it is tried again by itself; footage stays where it is until then",
            )  # fmt: skip
    if found.moves is not None and found.moves.not_movable:
        yield Finding(
            "bad", "storage", f"{found.moves.not_movable} recordings are damaged or gone and cannot be moved",
            "grep footage-not-movable var/log/ingest.log names them; keep the disk from further use and look at it",
        )  # fmt: skip
    if found.holds_expiring:
        yield Finding(
            "warn", "holds", f"{found.holds_expiring} of {found.holds_active} holds end within a week",
            "wanglou hold list names them; prolong those that are still needed",
        )  # fmt: skip


_CAMERA_TODO = {
    "refused": "the camera refused the user name or password: set them on the administrators' screen",
    "unreachable": "check its address, its power and the network; wanglou camera test CODE goes step by step",
    "no_key_frame": "set the camera's key-frame interval (GOP) to 1-4 s and its codec to H.264",
    "stalled": "the stream stopped; it is being connected again by itself",
    "unsupported": "set the camera's codec to H.264 or H.265",
    "disk_full": "free the disk; recording goes on by itself",
    "disk_slow": "the recordings' disk cannot follow: use a faster one, or fewer or smaller streams",
    "disk_failed": "the recordings' disk reports errors or is read-only: check it and the system's log",
}


def _cameras(database: Database) -> Iterator[Finding]:
    rows = camera_store.cameras(database)
    good = [r for r in rows if r.state == "online"]
    yield Finding(
        "ok" if len(good) == len(rows) else "warn", "cameras", f"{len(good)} of {len(rows)} online"
    )
    for row in rows:
        if row.state not in ("online", "off"):
            yield Finding(
                "bad" if row.state in _CAMERA_TODO else "warn",
                f"camera {row.code}",
                f"{row.state}: {row.reason}" if row.reason else row.state,
                _CAMERA_TODO.get(row.state, ""),
            )


def _devices(database: Database) -> Iterator[Finding]:
    for row in cli_store.quarantine(database):
        yield Finding(
            "warn",
            f"device port {row.source}",
            f"{row.count} × {row.reason} (last {row.last_at:%H:%M:%S} UTC)",
        )
    silent = cli_store.silent_devices(database)
    if silent:
        names = ", ".join(f"{r.name} ({r.key})" for r in silent[:5])
        more = f" and {len(silent) - 5} more" if len(silent) > 5 else ""
        yield Finding(
            "warn",
            "devices",
            f"not heard for ten minutes: {names}{more}",
            "check their power and SIM cards",
        )
    else:
        yield Finding("ok", "devices", "every device was heard in the last ten minutes")


def _ports(environment: Environment) -> Iterator[Finding]:
    for variable in ("console_port", "portal_port", "jt808_port", "hj212_port", "sl651_port"):
        port = getattr(environment, variable)
        with socket.socket() as probe:
            probe.settimeout(1)
            answers = probe.connect_ex(("127.0.0.1", port)) == 0
        name = f"WANGLOU_{variable.upper()}={port}"
        if answers:
            yield Finding("ok", "port", f"{name} is listening")
        else:
            yield Finding("bad", "port", f"{name}: nothing listens", "start the system: ./run up")
