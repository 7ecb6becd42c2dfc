"""Rates and proposals from the real tables."""

from __future__ import annotations

from datetime import UTC, timedelta

import pytest

from analytics import ignore_store, store, zone_store
from analytics.zone_store import ZoneChange
from command import alarms, noise_store
from command.noise_store import Source
from gis.errors import NotFound, StaleVersion
from tests.support.noise import confirmed, dismissed, leafy, seen
from tests.support.town import Town


@pytest.fixture
def yard(town: Town) -> tuple[int, int]:
    camera = town.camera("C1")
    zone = town.zone(camera)
    town.database.run(
        "UPDATE zone SET points = '{0.05,0.05,0.95,0.05,0.95,0.98,0.05,0.98}' WHERE id = %s",
        (zone,),
    )
    town.database.run("UPDATE camera SET analysed = true")
    return camera, zone


def test_a_rate_counts_alarms_by_what_became_of_them(town: Town, yard: tuple[int, int]) -> None:
    camera, zone = yard
    dismissed(town, seen(town, camera, zone, 1, (0.2, 0.8)), "tree")
    dismissed(town, seen(town, camera, zone, 2, (0.2, 0.8)), "animal")
    dismissed(town, seen(town, camera, zone, 3, (0.5, 0.8)), "staff")
    dismissed(town, seen(town, camera, zone, 4, (0.5, 0.8)), None)
    confirmed(town, seen(town, camera, zone, 20, (0.6, 0.8)))
    confirmed(town, seen(town, camera, zone, 21, (0.6, 0.8)), false=True)
    dismissed(town, seen(town, camera, zone, 40, (0.2, 0.8)), "tree")  # long ago
    town.raised(seen(town, camera, zone, 0, (0.6, 0.8)))  # nobody has decided yet
    (found,) = noise_store.rates(town.database, town.clock.now(), UTC)
    assert found.source == Source(camera, "intrusion", zone)
    assert (found.week.false, found.week.decided) == (2, 4)
    assert (found.month.false, found.month.decided) == (3, 6)
    assert [(d.false, d.decided) for d in found.days] == [
        (1, 1),
        (0, 1),
        (0, 1),
        (0, 1),
        (1, 1),
        (1, 1),
    ]
    assert noise_store.rates(town.database, town.clock.now(), UTC, [camera + 1]) == []


def test_an_alarm_is_one_decision_however_many_events_and_a_mark_outweighs_it(
    town: Town, yard: tuple[int, int]
) -> None:
    camera, zone = yard
    first = seen(town, camera, zone, 2, (0.2, 0.8))
    raised = town.raised(first)
    for _ in range(3):
        assert town.raised(seen(town, camera, zone, 2, (0.2, 0.8))).alarm_id == raised.alarm_id
    alarms.dismiss(town.database, town.clock, "dora", raised.alarm_id, 1, "猫", code="animal")
    (found,) = noise_store.rates(town.database, town.clock.now(), UTC)
    assert (found.month.false, found.month.decided) == (1, 1)
    town.database.run(
        "INSERT INTO event_mark (event_id, mark, reason, marked_by) "
        "SELECT event_id, 'important', NULL, 'rita' FROM alarm_event"
    )
    (found,) = noise_store.rates(town.database, town.clock.now(), UTC)
    assert (found.month.false, found.month.decided) == (0, 1)
    alone = seen(town, camera, zone, 3, (0.2, 0.8))
    town.database.run(
        "INSERT INTO event_mark (event_id, mark, reason, marked_by) VALUES (%s, 'false', 'tree', 'rita')",
        (alone,),
    )
    (found,) = noise_store.rates(town.database, town.clock.now(), UTC)
    assert (found.month.false, found.month.decided) == (1, 2)


def test_a_proposal_is_made_applied_once_and_gone(town: Town, yard: tuple[int, int]) -> None:
    camera, zone = yard
    leafy(town, camera, zone)
    source, now = Source(camera, "intrusion", zone), town.clock.now()
    found = {
        made.change.kind: made for made in noise_store.proposals(town.database, now, UTC, source)
    }
    assert set(found) == {"ignore", "dwell"}
    assert (len(found["ignore"].false_gone), found["ignore"].true_all) == (6, 4)
    assert found["dwell"].change.number == 3.0
    with pytest.raises(StaleVersion):
        noise_store.apply(town.database, now, UTC, source, "ignore", 7, "ada")
    assert ignore_store.ignored(town.database) == []
    assert noise_store.apply(town.database, now, UTC, source, "ignore", 1, "ada") == zone
    (area,) = ignore_store.ignored(town.database, [zone])
    assert (area.camera_id, area.made_by) == (camera, "ada")
    (watch,) = store.watches(town.database)
    assert watch.zones[0].ignored == (area.points,)
    assert (
        noise_store.proposals(town.database, now, UTC, source) == []
    )  # nothing false is left in the record
    with pytest.raises(NotFound):
        noise_store.apply(town.database, now, UTC, source, "ignore", 1, "ada")


def test_a_number_is_applied_to_the_zone_that_was_looked_at(
    town: Town, yard: tuple[int, int]
) -> None:
    camera, zone = yard
    leafy(town, camera, zone)
    source, now = Source(camera, "intrusion", zone), town.clock.now()
    zone_store.change(town.database, zone, 1, ZoneChange(priority=1))
    with pytest.raises(StaleVersion):
        noise_store.apply(town.database, now, UTC, source, "dwell", 1, "ada")
    noise_store.apply(town.database, now, UTC, source, "dwell", 2, "ada")
    after = zone_store.zone(town.database, zone)
    assert (after.dwell_s, after.priority, after.version) == (3.0, 1, 3)


def test_what_was_declined_is_not_proposed_for_thirty_days(
    town: Town, yard: tuple[int, int]
) -> None:
    camera, zone = yard
    leafy(town, camera, zone)
    source, now = Source(camera, "intrusion", zone), town.clock.now()
    noise_store.decline(town.database, now, UTC, source, "ignore", "ada")
    kinds = [made.change.kind for made in noise_store.proposals(town.database, now, UTC, source)]
    assert kinds == ["dwell"]
    leafy(town, camera, zone)
    later = now + timedelta(days=30, seconds=1)
    town.database.run("UPDATE event SET at = at + interval '30 days'")
    kinds = [made.change.kind for made in noise_store.proposals(town.database, later, UTC, source)]
    assert kinds == ["ignore", "dwell"]


def test_a_rule_that_every_camera_has_gets_a_zone_of_its_own(town: Town) -> None:
    camera = town.camera("C1")
    for i in range(12):
        event = town.event(
            camera,
            None,
            at=town.clock.now() - timedelta(days=i + 1),
            rule="camera_dark",
            kind="scene",
        )
        town.database.run(
            "UPDATE event SET value = %s WHERE id = %s", (12 + i % 3 if i < 8 else 3, event)
        )
        if i < 8:
            dismissed(town, event, "light")
        else:
            confirmed(town, event)
    source, now = Source(camera, "camera_dark", None), town.clock.now()
    (made,) = noise_store.proposals(town.database, now, UTC, source)
    assert (made.change.kind, made.before) == ("threshold", 16.0)
    zone = zone_store.zone(
        town.database, noise_store.apply(town.database, now, UTC, source, "threshold", None, "ada")
    )
    assert (zone.camera_id, zone.rule, zone.threshold, zone.points) == (
        camera,
        "camera_dark",
        made.change.number,
        (),
    )
    assert 3 <= (zone.threshold or 0) < 12


def test_a_zone_of_another_rule_is_refused(town: Town, yard: tuple[int, int]) -> None:
    camera, zone = yard
    with pytest.raises(NotFound, match="watches for intrusion, not for fire"):
        noise_store.proposals(town.database, town.clock.now(), UTC, Source(camera, "fire", zone))
