"""How the whole is doing: ``/healthz``, ``/metrics`` and the system page."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

import httpx

from gis.errors import DatabaseAway
from gis.heartbeat import STALE_AFTER_S
from ingest import footage_store
from web import health_store
from web.metrics import Sample, render
from web.runtime import Runtime
from web.schemas.system import HealthOut, ProcessOut
from web.version import VERSION

EXPECTED = ("ingest", "gateway", "analytics", "command", "exporter", "console")
_PORTAL_TIMEOUT_S = 1.0
_DISK_BAD = frozenset({"alarm", "short", "locked"})


def check(running: Runtime) -> HealthOut:
    """The state of the database, of every process that should run, and of every camera."""
    now = running.settings.clock.now()
    try:
        rows = {row.name: row for row in health_store.processes(running.database)}
        cameras = {row.code: row.state for row in health_store.cameras(running.database)}
        away = False
    except DatabaseAway:
        rows, cameras, away = {}, {}, True
    processes = [
        _process(name, rows.get(name), now)
        for name in (*EXPECTED, *sorted(set(rows) - set(EXPECTED)))
    ]
    portal = _portal(running)
    if portal is not None:
        processes.append(portal)
    bad = any(p.state != "ok" or p.facts.get("disk_level") in _DISK_BAD for p in processes) or any(
        state not in {"online", "off"} for state in cameras.values()
    )
    return HealthOut(
        state="degraded" if away or bad else "ok",
        version=VERSION,
        database="away" if away else "ok",
        processes=processes,
        cameras=cameras,
    )


def codes(running: Runtime, camera_ids: Collection[int]) -> set[str]:
    """The codes of some cameras; none while the database is away."""
    try:
        return {r.code for r in health_store.cameras(running.database) if r.id in camera_ids}
    except DatabaseAway:
        return set()


def metrics(running: Runtime) -> str:
    """Every process's figures, every camera's state, and this process's counters, for Prometheus."""
    return render(_samples(running))


def _process(name: str, row: Any | None, now: Any) -> ProcessOut:
    if row is None:
        return ProcessOut(name=name, state="absent", beat_age_s=None, facts={})
    age_s = max(0.0, (now - row.beat_at).total_seconds())
    state = "ok" if age_s <= STALE_AFTER_S else "stale"
    return ProcessOut.model_validate(
        {"name": name, "state": state, "beat_age_s": round(age_s, 1), "facts": row.facts}
    )


def _portal(running: Runtime) -> ProcessOut | None:
    """The portal may write nothing, its heartbeat neither, so it is asked."""
    url = running.settings.portal_health_url
    if url is None:
        return None
    try:
        answer = httpx.get(url, timeout=_PORTAL_TIMEOUT_S, trust_env=False)
        facts = (
            answer.json() if answer.status_code == 200 else {"state": f"HTTP {answer.status_code}"}
        )
        if not isinstance(facts, dict):
            facts = {}
        state = "ok" if facts.get("state") == "ok" else "stale"
        return ProcessOut.model_validate(
            {"name": "portal", "state": state, "beat_age_s": 0.0, "facts": facts}
        )
    except (httpx.HTTPError, ValueError):
        return ProcessOut(name="portal", state="absent", beat_age_s=None, facts={})


def _samples(running: Runtime) -> Iterator[Sample]:
    now = running.settings.clock.now()
    for name, value in running.counters.snapshot().items():
        yield Sample(name, (("process", "console"),), value)
    yield Sample("feed_clients", (("process", "console"),), float(running.feed.clients))
    try:
        processes = health_store.processes(running.database)
        cameras = health_store.cameras(running.database)
        totals = footage_store.totals(running.database)
    except DatabaseAway:
        yield Sample("database_up", (), 0.0)
        return
    yield Sample("database_up", (), 1.0)
    for row in processes:
        labels = (("process", row.name),)
        age_s = max(0.0, (now - row.beat_at).total_seconds())
        yield Sample("process_up", labels, float(age_s <= STALE_AFTER_S))
        yield Sample("process_beat_age_seconds", labels, age_s)
        yield Sample("process_start_time_seconds", labels, row.started_at.timestamp())
        for fact, value in row.facts.items():
            if isinstance(value, int | float) and row.name != "console":
                yield Sample(fact, labels, float(value))
        for code, account in row.facts.get("decoding", {}).items():
            of_camera = (*labels, ("camera", code))
            for fact, value in account.items():
                if isinstance(value, int | float):
                    yield Sample(f"camera_frames_{fact}_total", of_camera, float(value))
        if "disk_level" in row.facts:
            yield Sample("disk_level", (("level", str(row.facts["disk_level"])),), 1.0)
    for total in totals:
        where = (("tier", str(total.tier)), ("class", str(total.footage_class)))
        yield Sample("footage_bytes", where, float(total.size_bytes))
        yield Sample("footage_files", where, float(total.segments))
    for row in cameras:
        labels = (("camera", row.code),)
        yield Sample("camera_online", labels, float(row.state == "online"))
        yield Sample("camera_state", (*labels, ("state", row.state)), 1.0)
        yield Sample("camera_recording", labels, float(bool(row.recording)))
        yield Sample("camera_reconnects_total", labels, float(row.reconnects or 0))
        yield Sample("camera_packets_lost_total", labels, float(row.packets_lost or 0))
        if row.camera_clock_offset_s is not None:
            yield Sample("camera_clock_offset_seconds", labels, float(row.camera_clock_offset_s))
        if row.fps is not None:
            yield Sample("camera_fps", labels, float(row.fps))
        if row.bitrate_bps is not None:
            yield Sample("camera_bitrate_bps", labels, float(row.bitrate_bps))
        if row.last_packet_at is not None:
            age_s = max(0.0, (now - row.last_packet_at).total_seconds())
            yield Sample("camera_last_packet_age_seconds", labels, age_s)
