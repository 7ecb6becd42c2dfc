"""``wanglou coverage``: what was recorded, camera by camera and day by day, and why the rest was not."""

from __future__ import annotations

import argparse
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from gis.clock import SystemClock
from gis.errors import InvalidInput
from ingest.record.covered import CHINA_OFFSET
from web import camera_store, cli_store
from web.cli.connection import open_database
from web.cli.output import print_json, table
from web.cli.times import parse_time
from web.coverage_view import coverage_out
from web.schemas.coverage import CoverageOut

MOST = timedelta(days=366)
_ZONE = timezone(CHINA_OFFSET)


def add(verbs: Any) -> None:
    parser = verbs.add_parser(
        "coverage", help="what was recorded of each camera, and why the rest was not"
    )
    parser.add_argument(
        "--camera",
        action="append",
        metavar="CODE",
        help="only this one; may be given several times",
    )
    parser.add_argument(
        "--day", metavar="YYYY-MM-DD", help="a day in China (default: the last 24 hours)"
    )
    parser.add_argument("--from", dest="from_at", metavar="TIME", help="2026-03-01T08:00:00+08:00")
    parser.add_argument("--to", dest="to_at", metavar="TIME", help="now, unless said otherwise")
    parser.add_argument("--json", action="store_true")
    parser.set_defaults(run=_coverage)


def _coverage(options: argparse.Namespace) -> int:
    now = SystemClock().now()
    start, end = window(options.day, options.from_at, options.to_at, now)
    with open_database() as database:
        if options.camera:
            ids = cli_store.camera_ids(database, options.camera)
        else:
            ids = [row.id for row in camera_store.cameras(database)]
        found = coverage_out(database, ids, start, end, now, CHINA_OFFSET)
    if options.json:
        print_json(found.model_dump(mode="json"))
    else:
        print(shown(found))
    return 0


def window(
    day: str | None, from_at: str | None, to_at: str | None, now: datetime
) -> tuple[datetime, datetime]:
    """The window that the options ask for. Raises :class:`InvalidInput`."""
    if day is not None:
        if from_at or to_at:
            raise InvalidInput("give either --day or --from and --to", "day")
        try:
            start = datetime.strptime(day, "%Y-%m-%d").replace(tzinfo=_ZONE).astimezone(UTC)
        except ValueError:
            raise InvalidInput(f"'{day}' is no day; write it as 2026-03-01", "day") from None
        return start, start + timedelta(days=1)
    end = parse_time(to_at, "to").astimezone(UTC) if to_at else now
    start = parse_time(from_at, "from").astimezone(UTC) if from_at else end - timedelta(days=1)
    if not timedelta(0) < end - start <= MOST:
        raise InvalidInput(
            f"the time from {start.isoformat()} to {end.isoformat()} is not between 0 and {MOST.days} days",
            "from",
        )
    return start, end


def shown(found: CoverageOut) -> str:
    """A table of days and one of gaps, in China's time."""
    lines = [
        (c.code, d.day, _length(d.recorded_s), _length(d.due_s), _percent(d.percent), len(d.gaps))
        for c in found.cameras
        for d in c.days
    ]
    out = [table(lines, ("camera", "day", "recorded", "due", "percent", "gaps"))]
    gaps = [
        (c.code, _local(g.start_at), _local(g.end_at), _length((g.end_at - g.start_at).total_seconds()), g.reason, g.detail)
        for c in found.cameras
        for d in c.days
        for g in d.gaps
    ]  # fmt: skip
    if gaps:
        out.append(table(gaps, ("camera", "from", "to", "length", "reason", "detail")))
    out.append(
        f"{_length(found.recorded_s)} of {_length(found.due_s)} recorded: {_percent(found.percent)}"
    )
    return "\n\n".join(out)


def _local(at: datetime) -> str:
    return f"{at.astimezone(_ZONE):%Y-%m-%d %H:%M:%S}"


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f} %"


def _length(seconds: float) -> str:
    """Hours, minutes and seconds; a tenth where it is short."""
    if 0 < seconds < 60:
        return f"{seconds:.1f} s"
    minutes, second = divmod(round(seconds), 60)
    return f"{minutes // 60}:{minutes % 60:02d}:{second:02d}"
