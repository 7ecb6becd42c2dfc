"""An alarm about a camera's picture goes by itself when the picture is well again."""

from __future__ import annotations

from typing import Any

from analytics import store
from analytics.model import Ending
from command.main import Events, Timers


def tell(town: Any, camera: int, rule: str) -> None:
    """What analytics writes when a rule fires."""
    town.database.run(
        "INSERT INTO event (uid, camera_id, rule, kind, priority, confidence, at, box, why, why_en)"
        " VALUES (gen_random_uuid(), %(camera)s, %(rule)s, 'scene', 3, 1, %(now)s, '{0,0,1,1}', '因', 'why')",
        {"camera": camera, "rule": rule, "now": town.clock.now()},
    )
    Events(town.database, town.clock, 3600).catch_up(3600)


def states(town: Any) -> dict[str, str]:
    """Each alarm's kind and state."""
    return {row.kind: row.state for row in town.database.rows("SELECT kind, state FROM alarm")}


def test_alarm_of_a_dark_camera_is_cleared_when_it_is_bright_again(town: Any) -> None:
    camera = town.camera("C1")
    timers = Timers(town.database, town.clock)
    tell(town, camera, "camera_dark")
    tell(town, camera, "left_object")
    town.clock.advance(60)
    timers.tick()
    assert states(town) == {"camera_dark": "raised", "left_object": "raised"}
    for rule in ("camera_dark", "left_object"):
        store.end_event(town.database, Ending(camera, rule, None, town.clock.now()))  # type: ignore[arg-type]
    town.clock.advance(2)
    timers.tick()
    assert states(town)["camera_dark"] == "raised"
    town.clock.advance(4)
    timers.tick()
    assert states(town) == {"camera_dark": "cleared", "left_object": "raised"}
