"""What was decided about each camera's rules, what is proposed from it, and what became of the proposals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import Any
from uuid import UUID

from psycopg2.extras import Json

from analytics import ignore_store, map_zones, replay, track_store, zone_store
from analytics import store as analytics_store
from analytics.locate import Locator
from analytics.model import Point, RuleName, TrackRecord, Watch, Zone
from analytics.rules.catalogue import CATALOGUE, standing_zone, threshold_of
from analytics.schedule import minute_of_week
from analytics.zone_store import ZoneChange, ZoneDraft
from command import noise
from command.alarms import Witness, unseen
from command.noise import Proposal, ProposalKind, Rate, Sample, Settings
from command.store import SQL
from gis.db import Database
from gis.errors import InvalidInput, NotFound

MONTH = timedelta(days=30)
WEEK = timedelta(days=7)
QUIET = timedelta(days=30)
"""What was declined is not proposed again for so long."""
MOST_SAMPLES = 400
DEFAULT_PX = (1920, 1080)
_EPOCH = date(1970, 1, 1)
_DWELLS: frozenset[RuleName] = frozenset({"intrusion", "loitering", "stopped_vehicle"})
"""Where how long one thing stayed is what the dwell asks for."""
_BY_VALUE: frozenset[RuleName] = frozenset(
    {
        "people_count",
        "crowd_density",
        "abnormal_motion",
        "fast_motion",
        "congestion",
        "smoke",
        "fire",
        "water_on_road",
        "water_level",
        "camera_occluded",
        "camera_blurred",
        "camera_moved",
        "camera_dark",
    }
)
"""Where an event's value is what the threshold is compared with."""


@dataclass(frozen=True, slots=True)
class Source:
    """What fires: a rule in a zone as one camera sees it; ``zone_id`` None is the rule that every camera has."""

    camera_id: int
    rule: RuleName
    zone_id: int | None


@dataclass(frozen=True, slots=True)
class Day:
    """One local day's decisions."""

    day: date
    false: int
    decided: int


@dataclass(frozen=True, slots=True)
class Noise:
    """How often a source was wrong. ``days`` holds those of the last thirty with a decision, oldest first."""

    source: Source
    days: tuple[Day, ...]
    week: Rate
    month: Rate


def rates(
    database: Database, now: datetime, local: tzinfo, camera_ids: Sequence[int] | None = None
) -> list[Noise]:
    """Every source with a decision in the last 30 days, the one with the most false alarms a week first.

    Days begin at midnight of the time zone ``local``.
    """
    offset = now.astimezone(local).utcoffset() or timedelta()
    values = {
        "since": now - MONTH,
        "offset_s": offset.total_seconds(),
        "false_codes": list(noise.FALSE_CODES),
        "camera_ids": None if camera_ids is None else list(camera_ids),
    }
    grouped: dict[Source, list[Day]] = {}
    for row in database.rows(SQL["noise_rates"], values):
        source = Source(row.camera_id, row.rule, row.zone_id)
        day = Day(_EPOCH + timedelta(days=row.day), row.wrong, row.decided)
        grouped.setdefault(source, []).append(day)
    week_from = (now - WEEK).astimezone(local).date()
    found = [
        Noise(source, tuple(days), _rate([d for d in days if d.day > week_from]), _rate(days))
        for source, days in grouped.items()
    ]
    return sorted(found, key=lambda n: (-n.week.false, -n.month.false, -n.month.low))


def proposals(database: Database, now: datetime, local: tzinfo, source: Source) -> list[Proposal]:
    """What would have kept the source quiet and lost nothing, without what was declined lately. Raises :class:`NotFound`."""
    zone = _zone_of(database, source)
    found = noise.propose(samples(database, now, local, source), settings(database, zone, source))
    params = {
        "since": now - QUIET,
        "rule": source.rule,
        "zone_id": source.zone_id,
        "camera_id": source.camera_id,
    }
    declined = {row.kind for row in database.rows(SQL["noise_declined"], params)}
    return [
        made
        for made in found
        if made.change.kind not in declined and made.change.camera_id in (None, source.camera_id)
    ]


def samples(database: Database, now: datetime, local: tzinfo, source: Source) -> list[Sample]:
    """The decided events of the source's rule and zone in the last 30 days, the newest :data:`MOST_SAMPLES`."""
    rows = database.rows(
        SQL["noise_samples"],
        {
            "since": now - MONTH,
            "rule": source.rule,
            "zone_id": source.zone_id,
            "camera_id": source.camera_id,
            "false_codes": list(noise.FALSE_CODES),
            "limit": MOST_SAMPLES,
        },
    )
    uids = [UUID(row.track_uid) for row in rows if row.track_uid]
    tracks = track_store.tracks_of(database, uids) if uids else {}
    zone = _zone_of(database, source)
    known = {
        camera_id: _Known(database, camera_id, zone) for camera_id in {r.camera_id for r in rows}
    }
    return [
        _sample(
            row,
            tracks.get(UUID(row.track_uid)) if row.track_uid else None,
            known[row.camera_id],
            local,
        )
        for row in rows
    ]


def settings(database: Database, zone: Zone, source: Source) -> Settings:
    """What of the zone decides whether it fires, and what of it can be changed."""
    facts = CATALOGUE[zone.rule]
    outline = _Known(database, source.camera_id, zone).outline
    allowed: set[ProposalKind] = {"schedule"}
    if zone.rule in replay.OVER_TRACKS:
        allowed |= {"ignore", "min_size"}
    if zone.rule in _DWELLS:
        allowed.add("dwell")
    if zone.rule in _BY_VALUE:
        allowed.add("threshold")
    areas: dict[int, tuple[tuple[Point, ...], ...]] = {}
    if source.zone_id is None:
        allowed -= {"ignore", "min_size", "dwell"}
    else:
        for area in ignore_store.ignored(database, [source.zone_id]):
            areas[area.camera_id] = (*areas.get(area.camera_id, ()), area.points)
    return Settings(
        outline=outline,
        min_size_m=zone.min_size_m,
        dwell_s=zone.dwell_s,
        threshold=threshold_of(zone) if zone.rule in _BY_VALUE else None,
        over=facts.over if zone.rule in _BY_VALUE else None,
        schedule=zone.schedule,
        ignored=areas,
        allowed=frozenset(allowed),
    )


def apply(
    database: Database,
    now: datetime,
    local: tzinfo,
    source: Source,
    kind: ProposalKind,
    expected_version: int | None,
    by: str,
    witness: Witness = unseen,
) -> int:
    """Makes what is proposed so; returns the zone's id.

    ``expected_version`` is the zone's, None where no zone stands for the rule yet. Raises :class:`NotFound` when it is
    no longer proposed, :class:`StaleVersion` when somebody changed the zone.
    """
    made = _proposal(database, now, local, source, kind)
    change = made.change
    zone_id = source.zone_id
    if zone_id is None:
        zone_id = _standing(database, source, made)
    elif change.kind == "ignore":
        assert change.camera_id is not None
        if zone_store.zone(database, zone_id).version != expected_version:
            # Only to say so in the words of a stale change.
            zone_store.change(database, zone_id, expected_version or 0, ZoneChange())
    else:
        if expected_version is None:
            raise InvalidInput("say which version of the zone is to be changed", "expected_version")
        zone_store.change(database, zone_id, expected_version, _zone_change(made))
    with database.transaction() as cursor:
        if change.kind == "ignore":
            assert change.camera_id is not None
            ignore_store.add(cursor, zone_id, change.camera_id, change.area, by, now)
        _decide(cursor, now, source, made, "applied", by)
        witness(cursor, zone_id)
    return zone_id


def decline(
    database: Database,
    now: datetime,
    local: tzinfo,
    source: Source,
    kind: ProposalKind,
    by: str,
    witness: Witness = unseen,
) -> None:
    """Leaves the zone as it is; the same is not proposed for a while. Raises :class:`NotFound` when it is not proposed."""
    made = _proposal(database, now, local, source, kind)
    with database.transaction() as cursor:
        _decide(cursor, now, source, made, "declined", by)
        witness(cursor, source.zone_id or 0)


def _proposal(
    database: Database, now: datetime, local: tzinfo, source: Source, kind: ProposalKind
) -> Proposal:
    for made in proposals(database, now, local, source):
        if made.change.kind == kind:
            return made
    raise NotFound(
        f"nothing of the kind {kind} is proposed for {source.rule} of camera {source.camera_id} any more: "
        "the record has changed, look at it again"
    )


def _decide(
    cursor: Any, now: datetime, source: Source, made: Proposal, outcome: str, by: str
) -> None:
    detail = asdict(made.change) | {
        "before": made.before,
        "false_gone": len(made.false_gone),
        "false_all": made.false_all,
        "true_all": made.true_all,
    }
    params = {
        **asdict(source),
        "kind": made.change.kind,
        "outcome": outcome,
        "detail": Json(detail),
        "by": by,
        "at": now,
    }
    cursor.execute(SQL["noise_decide"], params)


def _zone_change(made: Proposal) -> ZoneChange:
    change = made.change
    match change.kind:
        case "min_size":
            assert change.number is not None
            return ZoneChange(min_size_m=change.number)
        case "dwell":
            return ZoneChange(dwell_s=change.number)
        case "threshold":
            return ZoneChange(threshold=change.number)
        case _:
            return ZoneChange(schedule=change.schedule)


def _standing(database: Database, source: Source, made: Proposal) -> int:
    """A zone that gives one camera another number or schedule for a rule that every camera has."""
    base = standing_zone(source.camera_id, source.rule)
    draft = ZoneDraft(
        camera_id=source.camera_id,
        name=source.rule,
        rule=source.rule,
        points=(),
        classes=base.classes,
        dwell_s=base.dwell_s,
        priority=base.priority,
        rearm_s=base.rearm_s,
        schedule=made.change.schedule,
        threshold=made.change.number,
    )
    return zone_store.add(database, draft).id


def _zone_of(database: Database, source: Source) -> Zone:
    if source.zone_id is None:
        return standing_zone(source.camera_id, source.rule)
    zone = zone_store.zone(database, source.zone_id)
    if zone.rule != source.rule:
        raise NotFound(f"zone {zone.id} watches for {zone.rule}, not for {source.rule}")
    return zone


def _outline(zone: Zone, camera_id: int, locator: Locator | None) -> tuple[Point, ...]:
    """An area as one camera sees it; nothing for a line, and where the camera sees nothing of it."""
    if CATALOGUE[zone.rule].draws != "area":
        return ()
    if zone.camera_id is not None:
        return zone.points if zone.camera_id == camera_id else ()
    seen = map_zones.in_picture(zone, camera_id, locator.camera) if locator else None
    return () if seen is None else seen.points


class _Known:
    """What a camera's picture says of a track: its size on the ground, its stay in the zone."""

    def __init__(self, database: Database, camera_id: int, zone: Zone) -> None:
        self.locator: Locator | None = None
        watch, self.width_px, self.height_px = watch_of(database, camera_id)
        if watch is not None and watch.pose is not None:
            try:
                self.locator = Locator(watch.pose, self.width_px, self.height_px)
            except InvalidInput:
                pass  # a pose that sees no ground tells no size
        self.outline = _outline(zone, camera_id, self.locator)
        self.standing = zone.rule == "stopped_vehicle"

    def of(self, record: TrackRecord) -> tuple[float | None, float | None]:
        """(size_m, stay_s)."""
        size = None
        if self.locator is not None:
            size = replay.size_m(record, self.locator, self.width_px, self.height_px)
        if self.standing:
            return size, record.standing_s
        return size, replay.stay_s(record, self.outline) if self.outline else None


def watch_of(database: Database, camera_id: int) -> tuple[Watch | None, int, int]:
    """What a camera watches, None where it is not analysed, and the width and height of its picture."""
    watch = next((w for w in analytics_store.watches(database) if w.camera_id == camera_id), None)
    return watch, *pictures(database).get(camera_id, DEFAULT_PX)


def pictures(database: Database) -> dict[int, tuple[int, int]]:
    """Width and height of every camera's picture, as far as known."""
    return {row.camera_id: (row.width_px, row.height_px) for row in database.rows(SQL["pictures"])}


def _sample(row: Any, record: TrackRecord | None, known: _Known, local: tzinfo) -> Sample:
    size, stay = known.of(record) if record is not None else (None, None)
    x, y, w, h = row.box
    return Sample(
        event_id=row.id,
        camera_id=row.camera_id,
        week_min=minute_of_week(row.at, local),
        day=(row.at.astimezone(local).date() - _EPOCH).days,
        place=(x + w / 2, min(1.0, y + h)),
        false=row.wrong,
        size_m=size,
        stay_s=stay,
        value=row.value,
    )


def _rate(days: Sequence[Day]) -> Rate:
    return noise.rate(sum(d.false for d in days), sum(d.decided for d in days))
