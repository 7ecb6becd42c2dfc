"""Less noise as the API gives it, and zones tried on stored tracks."""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo

from analytics import ignore_store, map_zones, replay, store, track_store, zone_store
from analytics.locate import Locator
from analytics.model import Zone
from analytics.zone_check import check_zone
from analytics.zone_store import ZoneDraft
from command import noise_store
from command.noise import Proposal
from command.noise_store import Source
from gis.db import Database
from gis.errors import InvalidInput, NotFound
from web.deps import must_see
from web.event_view import event_out
from web.model import CurrentUser
from web.schemas.noise import (
    IgnoredOut,
    NoiseOut,
    OutlineOut,
    ProposalOut,
    SourceIn,
    TriedOut,
    TryIn,
    TryOut,
)
from web.zones import draft_of

MOST_SAMPLES = 20_000
"""So many samples of tracks are gone through at most: some seconds."""
MOST_SHOWN = 20
EXAMPLES = 6


def source_of(user: CurrentUser, body: SourceIn) -> Source:
    """Raises :class:`NotFound` for a camera out of the user's sight."""
    must_see(user, body.camera_id)
    return Source(body.camera_id, body.rule, body.zone_id)


def rates(database: Database, user: CurrentUser, now: datetime, local: tzinfo) -> list[NoiseOut]:
    """Every source with a decision in the last 30 days, worst first."""
    ids = None if user.camera_ids is None else sorted(user.camera_ids)
    return [
        NoiseOut.model_validate(
            {
                "camera_id": row.source.camera_id,
                "rule": row.source.rule,
                "zone_id": row.source.zone_id,
                "days": row.days,
                "week": row.week,
                "month": row.month,
            }
        )
        for row in noise_store.rates(database, now, local, ids)
    ]


def proposals(
    database: Database, now: datetime, local: tzinfo, source: Source
) -> list[ProposalOut]:
    """What is proposed for a source, best first."""
    record = noise_store.samples(database, now, local, source)
    kept = [s.event_id for s in record if not s.false][:EXAMPLES]
    return [
        _proposal(database, source, made, kept)
        for made in noise_store.proposals(database, now, local, source)
    ]


def ignored(database: Database, user: CurrentUser, camera_id: int | None) -> list[IgnoredOut]:
    """The ignored areas of the cameras that ``user`` may see."""
    if camera_id is not None:
        must_see(user, camera_id)
    return [
        IgnoredOut.model_validate(row)
        for row in ignore_store.ignored(database)
        if user.sees(row.camera_id) and camera_id in (None, row.camera_id)
    ]


def tried(
    database: Database, user: CurrentUser, body: TryIn, now: datetime, local: tzinfo
) -> TryOut:
    """Goes through the stored tracks of a camera with a zone that may not be saved yet."""
    camera_id = body.camera_id if body.zone.camera_id is None else body.zone.camera_id
    if camera_id is None:
        raise InvalidInput("say in which camera's picture the zone is to be tried", "camera_id")
    must_see(user, camera_id)
    draft = draft_of(body.zone)
    check_zone(draft)
    from_at = now - timedelta(hours=body.hours)
    if not replay.can_replay(draft.rule):
        return TryOut(replayable=False, from_at=from_at, to_at=now, tracks=0, count=0, firings=[])
    watch, width_px, height_px = noise_store.watch_of(database, camera_id)
    if watch is None:
        raise NotFound(f"camera {camera_id} is not analysed: it has no tracks")
    areas = [tuple(area) for area in body.ignored]
    if body.zone_id is not None:
        areas += [
            row.points
            for row in ignore_store.ignored(database, [body.zone_id])
            if row.camera_id == camera_id
        ]
    zone = zone_store.as_zone(draft, camera_id, tuple(areas))
    locator = None
    if watch.pose is not None:
        try:
            locator = Locator(watch.pose, width_px, height_px)
        except InvalidInput:
            pass  # as in the live analysis: without a usable pose nothing has a place
    if body.zone.camera_id is None:
        seen = map_zones.in_picture(zone, camera_id, locator.camera) if locator else None
        if seen is None:
            raise InvalidInput(
                f"camera {watch.code} sees nothing of this zone on the map: try it with another one",
                "camera_id",
            )
        zone = seen
    records = track_store.tracks_between(database, camera_id, from_at, now, MOST_SAMPLES)
    fired = replay.replay(zone, records, locator, width_px, height_px, local)
    whole = not records or sum(len(r.t_ms) for r in records) < MOST_SAMPLES * 0.9
    return TryOut(
        replayable=True,
        from_at=from_at if whole else max(from_at, records[0].start_at),
        to_at=now,
        tracks=len(records),
        count=len(fired),
        firings=[
            TriedOut(
                camera_id=camera_id,
                at=one.at,
                kind=one.firing.kind,
                confidence=one.firing.confidence,
                box=one.firing.box,
                value=one.firing.value,
                why=one.firing.why,
                why_en=one.firing.why_en,
            )
            for one in fired[: -MOST_SHOWN - 1 : -1]
        ],
    )


def outlines(
    database: Database, user: CurrentUser, draft: ZoneDraft | None = None
) -> list[OutlineOut]:
    """What each camera that ``user`` may see sees of the zones on the map, or of one that is not saved."""
    drawn: list[tuple[int | None, Zone]]
    if draft is not None:
        check_zone(draft)
        drawn = [(None, zone_store.as_zone(draft, 0))]
    else:
        drawn = [(zone.id, zone) for zone in zone_store.zones(database) if zone.camera_id is None]
    found: list[OutlineOut] = []
    if not drawn:
        return found
    sizes = noise_store.pictures(database)
    for watch in store.watches(database):
        if watch.pose is None or not user.sees(watch.camera_id):
            continue
        near = [(i, z) for i, z in drawn if map_zones.near([z], watch.pose.place)]
        if not near:
            continue
        try:
            locator = Locator(watch.pose, *sizes.get(watch.camera_id, noise_store.DEFAULT_PX))
        except InvalidInput:
            continue  # as in the live analysis
        for zone_id, zone in near:
            seen = map_zones.in_picture(zone, watch.camera_id, locator.camera)
            if seen is not None:
                found.append(
                    OutlineOut(
                        zone_id=zone_id,
                        camera_id=watch.camera_id,
                        points=list(seen.points),
                        arrow=seen.arrow,
                    )
                )
    return found


def _proposal(database: Database, source: Source, made: Proposal, kept: list[int]) -> ProposalOut:
    change = made.change
    return ProposalOut(
        kind=change.kind,
        camera_id=source.camera_id,
        number=change.number,
        before=made.before,
        area=list(change.area),
        schedule=list(change.schedule),
        hole_min=change.hole_min,
        false_gone=len(made.false_gone),
        false_all=made.false_all,
        true_all=made.true_all,
        examples=[event_out(store.event(database, i)) for i in made.false_gone[:EXAMPLES]],
        kept=[event_out(store.event(database, i)) for i in kept],
    )
