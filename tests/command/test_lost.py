"""A lost camera: one alarm per loss, which goes by itself when the camera is back."""

from __future__ import annotations

from typing import Any

from command import views
from command.main import Events, Timers
from ingest import store


def state(town: Any, camera_id: int, state: str, sent_ago_s: float | None = 0.0) -> None:
    """What ingest wrote now."""
    town.database.run(
        "INSERT INTO camera_state (camera_id, state, reason, since, last_packet_at)"
        " VALUES (%(id)s, %(state)s, 'why', %(now)s, %(now)s - make_interval(secs => %(ago)s))"
        " ON CONFLICT (camera_id) DO UPDATE SET state = excluded.state, since = excluded.since,"
        " last_packet_at = coalesce(excluded.last_packet_at, camera_state.last_packet_at)",
        {"id": camera_id, "state": state, "now": town.clock.now(), "ago": sent_ago_s},
    )


def tell(town: Any) -> int:
    """What ingest does every second, and command right after."""
    told = store.tell_lost(town.database, town.clock.now(), 15.0)
    Events(town.database, town.clock, 3600).catch_up(3600)
    return told


def alarms(town: Any) -> list[str]:
    """The states of all alarms, the oldest first."""
    return [row.state for row in town.database.rows("SELECT state FROM alarm ORDER BY id")]


def test_lost_camera_is_told_once_per_loss_and_cleared_when_it_is_back(town: Any) -> None:
    camera = town.camera("C1")
    timers = Timers(town.database, town.clock)
    state(town, camera, "online")
    assert tell(town) == 0
    state(town, camera, "stalled")
    town.clock.advance(10)
    state(town, camera, "unreachable", None)  # another step fails now, it is the same loss
    town.clock.advance(4)
    assert tell(town) == 0
    town.clock.advance(2)
    assert [tell(town), tell(town)] == [1, 0]
    (alarm,) = views.alarms(town.database)
    assert (alarm.state, alarm.kind, alarm.priority, alarm.camera_id) == (
        "raised",
        "camera_lost",
        3,
        camera,
    )
    assert alarm.cause == f"system:camera:{camera}:lost"
    assert alarm.title.startswith("摄像头")
    assert "is lost" in alarm.title_en
    timers.tick()
    assert alarms(town) == ["raised"]

    town.clock.advance(60)
    state(town, camera, "online")
    town.clock.advance(3)
    timers.tick()
    assert alarms(town) == ["raised"]  # it may only flicker
    town.clock.advance(3)
    timers.tick()
    assert alarms(town) == ["cleared"]
    assert views.alarms(town.database) == []
    assert timers.cleared == 1

    state(town, camera, "refused")
    town.clock.advance(16)
    assert tell(town) == 1
    assert alarms(town) == ["cleared", "raised"]


def test_camera_that_is_switched_off_is_not_lost(town: Any) -> None:
    camera, other = town.camera("C1"), town.camera("C2")
    state(town, camera, "unreachable")
    state(town, other, "connecting")
    town.clock.advance(20)
    assert tell(town) == 1
    town.database.run("UPDATE camera SET enabled = false WHERE id = %s", (camera,))
    Timers(town.database, town.clock).tick()
    assert alarms(town) == ["cleared"]
    town.clock.advance(20)
    assert tell(town) == 0


def test_pictures_that_cannot_be_shown_are_a_loss_too(town: Any) -> None:
    camera = town.camera("C1")
    state(town, camera, "no_key_frame")
    town.clock.advance(16)
    town.database.run("UPDATE camera_state SET last_packet_at = %s", (town.clock.now(),))
    assert tell(town) == 1


def test_a_restart_of_the_machine_brings_no_alarms_while_cameras_come_up(town: Any) -> None:
    old, new, quick = town.camera("C1"), town.camera("C2"), town.camera("C3")
    state(town, old, "online")
    town.clock.advance(3600)  # everything was off for an hour
    for camera in (old, new):
        state(town, camera, "unreachable", None)
    state(town, quick, "stalled")
    town.clock.advance(20)
    now = town.clock.now
    assert store.tell_lost(town.database, now(), 15.0, []) == 0
    assert store.tell_lost(town.database, now(), 15.0, [quick]) == 1, "it came, and went again"
    assert store.tell_lost(town.database, now(), 15.0, [old, new, quick]) == 2
