"""``wanglou storage`` and ``wanglou hold add|list|release``: where footage lies, how much and how long, and what holds it."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from command import evidence
from gis.clock import SystemClock
from gis.db import Database
from ingest import footage_store
from ingest.record import holds
from ingest.record.holds import Hold, HoldDraft
from web import audit_store, cli_store, storage_view
from web.cli.connection import open_database
from web.cli.output import print_json, table
from web.cli.times import parse_time
from web.environment import read_environment
from web.schemas.storage import StorageOut

ACTOR = "command line"


def add(verbs: Any) -> None:
    shown = verbs.add_parser(
        "storage", help="how full the disk is, what lies on which tier, how long it is kept"
    )
    shown.add_argument("--json", action="store_true")
    shown.set_defaults(run=_storage)
    parser = verbs.add_parser("hold", help="footage that nothing may delete")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    new = actions.add_parser("add", help="lock a camera's footage of a time")
    new.add_argument("--camera", required=True, metavar="CODE")
    new.add_argument(
        "--from", dest="from_at", required=True, metavar="TIME", help="2026-03-01T08:00:00+08:00"
    )
    new.add_argument("--to", dest="to_at", required=True, metavar="TIME")
    new.add_argument("--reason", required=True, help="why it is kept")
    new.add_argument(
        "--legal", action="store_true", help="a legal hold: released by administrators alone"
    )
    new.add_argument("--owner", help="who answers for it")
    new.add_argument("--days", type=float, metavar="N", help="ends by itself after so many days")
    new.add_argument("--json", action="store_true")
    new.set_defaults(run=_hold_add)
    listing = actions.add_parser(
        "list", help="active holds, and those that ended by themselves within a week"
    )
    listing.add_argument("--all", action="store_true", help="released and expired ones too")
    listing.add_argument("--json", action="store_true")
    listing.set_defaults(run=_hold_list)
    end = actions.add_parser("release", help="end a hold")
    end.add_argument("id", type=int)
    end.add_argument("--reason", help="needed for a legal hold")
    end.add_argument("--json", action="store_true")
    end.set_defaults(run=_hold_release)


def size(count: int | None) -> str:
    """Bytes for people, in powers of ten."""
    if count is None:
        return "no limit"
    for unit, scale in (("TB", 1e12), ("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if count >= scale:
            return f"{count / scale:.1f} {unit}"
    return f"{count} B"


def _storage(options: argparse.Namespace) -> int:
    environment = read_environment()
    with open_database(environment) as database:
        tiers = footage_store.tiers(database, environment.camera_key())
        found = storage_view.storage(database, tiers)
    if options.json:
        print_json(found.model_dump(mode="json"))
    else:
        print("\n".join(_lines(found)))
    return 0


def _lines(found: StorageOut) -> list[str]:
    lines = ["disk      the recorder was never heard: start the system"]
    if found.disk is not None:
        d = found.disk
        lines = [
            f"disk      {d.level}: {d.used_percent:.1f} % of {size(d.total_bytes)} used, {size(d.free_bytes)} free "
            f"(warning {d.warn_percent:g} %, alarm {d.alarm_percent:g} %, always free {size(d.min_free_bytes)})"
        ]
    lines.append(
        f"holds     {found.holds_active} active, {found.holds_expiring} of them end within a week"
    )
    if found.moves is not None and (
        found.moves.moved or found.moves.failed or found.moves.not_movable
    ):
        m = found.moves
        lines.append(
            f"moves     {m.moved} files, {size(m.moved_bytes)}; {m.failed} failed, {m.not_movable} damaged or gone"
        )
    tiers = [
        (
            t.name, t.kind, t.path or (f"{t.endpoint}/{t.bucket}/{t.prefix}" if t.endpoint else ""), size(t.bytes),
            t.segments, f"{t.oldest_at:%Y-%m-%d}" if t.oldest_at else "", t.problem or ("" if t.enabled else "off"),
        )
        for t in found.tiers
    ]  # fmt: skip
    classes = [
        (
            c.name, "the camera's" if c.days is None else c.days, size(c.limit_bytes), size(c.bytes), c.segments,
            f"{c.oldest_at:%Y-%m-%d}" if c.oldest_at else "",
        )
        for c in found.classes
    ]  # fmt: skip
    return [
        *lines, "",
        table(tiers, ("tier", "kind", "where", "footage", "files", "oldest", "problem")), "",
        table(classes, ("class", "days", "at most", "footage", "files", "oldest")),
    ]  # fmt: skip


def _hold_add(options: argparse.Namespace) -> int:
    clock = SystemClock()
    ends = clock.now() + timedelta(days=options.days) if options.days is not None else None
    from_at, to_at = parse_time(options.from_at, "from"), parse_time(options.to_at, "to")
    with open_database() as database:
        (camera_id,) = cli_store.camera_ids(database, [options.camera])
        draft = HoldDraft(
            "legal" if options.legal else "lock", camera_id, from_at, to_at, options.reason, options.owner, ends
        )  # fmt: skip
        with database.transaction() as cursor:
            made = holds.lay(cursor, clock, draft, ACTOR)
            _audit(cursor, "hold_footage", made, {"camera_id": camera_id, "reason": made.reason})
    _show([made], options.json)
    return 0


def _hold_list(options: argparse.Namespace) -> int:
    with open_database() as database:
        found = holds.listed(database, active_only=not options.all)
        codes = _codes(database)
    _show(found, options.json, codes)
    return 0


def _hold_release(options: argparse.Namespace) -> int:
    with open_database() as database, database.transaction() as cursor:
        before = holds.one(cursor, options.id)
        if before.kind == "incident":
            evidence.check_over(cursor, before.subject)
        held = holds.lock(cursor, options.id, before.version)
        done = holds.release(cursor, held, ACTOR, options.reason, is_admin=True)
        detail = {"camera_id": done.camera_id, "kind": done.kind, "reason": options.reason}
        _audit(cursor, "release_hold", done, detail)
    _show([done], options.json)
    return 0


def _audit(cursor: Any, action: str, hold: Hold, detail: dict[str, Any]) -> None:
    audit_store.add(cursor, ACTOR, action, f"hold:{hold.id}", detail, "")


def _codes(database: Database) -> dict[int, str]:
    return {row.id: row.code for row in cli_store.camera_codes(database)}


def _show(found: Sequence[Hold], as_json: bool, codes: dict[int, str] | None = None) -> None:
    if as_json:
        print_json([asdict(hold) for hold in found])
        return
    rows = [
        (
            h.id, h.kind, (codes or {}).get(h.camera_id, h.camera_id), f"{h.from_at:%Y-%m-%d %H:%M}",
            f"{h.to_at:%Y-%m-%d %H:%M}", _state(h), h.owner, h.reason,
        )
        for h in found
    ]  # fmt: skip
    print(
        table(rows, ("id", "kind", "camera", "from (UTC)", "to (UTC)", "state", "owner", "reason"))
    )


def _state(hold: Hold) -> str:
    if hold.released_at is not None:
        return f"released {hold.released_at:%Y-%m-%d}"
    if hold.expired:
        return f"EXPIRED {hold.expires_at:%Y-%m-%d}"
    if hold.expires_at is None:
        return "until released"
    return f"{'ENDS' if hold.expires_soon else 'until'} {hold.expires_at:%Y-%m-%d}"
