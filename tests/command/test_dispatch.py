"""Units are sent once, crews report from phones that were offline, and two people at once get clear answers."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from command import dispatch, incidents, views
from command.model import Words
from gis.errors import (
    Forbidden,
    InvalidInput,
    NotFound,
    StaleVersion,
    WanglouError,
    WrongState,
)
from gis.model import LonLat


def test_a_dispatch_tells_the_terminal_and_the_log(town: Any) -> None:
    town.street(1, LonLat(120.97, 31.38), LonLat(120.99, 31.38))
    number = town.open(where=LonLat(120.985, 31.38))
    unit = town.unit("P-03", at=LonLat(120.98, 31.38))
    sent = town.assignment(town.send(number, unit))
    assert sent.distance_m == pytest.approx(476, abs=2)
    assert sent.eta_s == pytest.approx(47.6, abs=0.3)  # 36 km/h
    assert town.downlinks() == [f"DISPATCH #{number} lon=120.985000 lat=31.380000 人员闯入"]
    assert town.incident(number).facts.state == "assigned"
    assert town.incident(number).units == 1
    entry = town.log(number)[-1]
    assert (entry.kind, entry.body["unit_code"], entry.body["eta_s"]) == (
        "dispatched",
        "P-03",
        sent.eta_s,
    )
    (on_map,) = views.units(town.database)
    assert on_map.open is not None and on_map.open.id == sent.id


def test_a_unit_without_road_or_terminal_is_sent_all_the_same(town: Any) -> None:
    number = town.open()
    unit = town.unit("P-03", device=None, at=None)
    sent = town.assignment(town.send(number, unit))
    assert (sent.eta_s, sent.distance_m) == (None, None)
    assert town.downlinks() == []


def test_a_unit_has_one_assignment_at_a_time(town: Any) -> None:
    first, second = town.open(), town.open()
    unit = town.unit("P-03")
    town.send(first, unit)
    with pytest.raises(WrongState, match=f"P-03 is already dispatched for incident #{first}"):
        town.send(second, unit)
    with pytest.raises(WrongState, match="F-01 is out of service: send another unit"):
        town.send(second, town.unit("F-01", duty="out_of_service"))
    with pytest.raises(NotFound, match="no unit 99"):
        town.send(second, 99)
    with pytest.raises(StaleVersion) as refused:
        dispatch.dispatch(town.database, town.clock, town.roads, "carl", first, unit, 1)
    assert refused.value.sent == {"expected_version": 1, "unit_id": unit}
    assert refused.value.current["state"] == "assigned"


def test_the_whole_way_of_a_crew(town: Any) -> None:
    number = town.open()
    sent = town.send(number, town.unit("P-03"))
    for step, state in (
        ("acknowledge", "assigned"),
        ("enroute", "enroute"),
        ("onscene", "onscene"),
        ("clear", "clearing"),
    ):
        town.clock.advance(30)
        town.step(sent, step)
        assert town.incident(number).facts.state == state
    assert town.kinds(number) == [
        "opened", "dispatched", "acknowledged", "enroute", "onscene", "cleared",
    ]  # fmt: skip
    assert town.downlinks()[-1] == f"CLEAR #{number}"
    assert town.assignment(sent).version == 5
    assert views.units(town.database)[0].open is None


def test_steps_of_an_offline_phone_come_late_and_out_of_order(town: Any) -> None:
    number = town.open()
    sent = town.send(number, town.unit("P-03"))
    start = town.clock.now()
    town.clock.advance(600)
    town.step(sent, "onscene", start + timedelta(seconds=300))
    town.step(sent, "acknowledge", start + timedelta(seconds=10))
    assignment = town.step(sent, "enroute", start + timedelta(seconds=400))
    assert assignment.acknowledged_at == start + timedelta(seconds=10)
    assert assignment.enroute_at == assignment.onscene_at == start + timedelta(seconds=300)
    entry = town.log(number)[-1]
    assert entry.t_event == assignment.enroute_at
    assert entry.t_recorded == town.clock.now()
    assert entry.body["t_sent"] == (start + timedelta(seconds=400)).isoformat()
    with pytest.raises(InvalidInput, match="in the future: set the phone's clock"):
        town.step(sent, "clear", town.after(3600))


def test_a_step_is_done_once_however_often_it_is_sent(town: Any) -> None:
    number = town.open()
    sent = town.send(number, town.unit("P-03"))
    at = town.clock.now()
    first = town.step(sent, "acknowledge", at, version=1, key="phone-key-1")
    town.step(sent, "enroute", at)
    again = town.step(sent, "acknowledge", at, version=1, key="phone-key-1")
    assert again == first
    assert town.kinds(number).count("acknowledged") == 1
    with pytest.raises(WrongState, match="'phone-key-1' was used for another action"):
        town.step(sent, "onscene", at, version=3, key="phone-key-1")
    with pytest.raises(WrongState, match="was used for another action"):
        town.step(sent, "acknowledge", at, version=1, key="phone-key-1", actor="mallory")
    with pytest.raises(InvalidInput) as refused:
        town.step(sent, "onscene", key="short")
    assert refused.value.field == "Idempotency-Key"


def test_the_same_step_sent_twice_at_once_is_done_once(town: Any) -> None:
    number = town.open()
    sent = town.send(number, town.unit("P-03"))
    at = town.clock.now()
    answers = at_once(
        *[lambda: town.step(sent, "acknowledge", at, version=1, key="the-same-key")] * 4
    )
    assert all(answer == answers[0] for answer in answers)
    assert town.kinds(number).count("acknowledged") == 1


def test_a_refused_step_leaves_its_key_free(town: Any) -> None:
    sent = town.send(town.open(), town.unit("P-03"))
    with pytest.raises(StaleVersion):
        town.step(sent, "acknowledge", version=9, key="phone-key-1")
    assert town.step(sent, "acknowledge", version=1, key="phone-key-1").version == 2


def test_a_responder_moves_only_the_own_unit(town: Any) -> None:
    unit = town.unit("P-03")
    sent = town.send(town.open(), unit)
    with pytest.raises(Forbidden, match="P-03, which is not your unit"):
        town.step(sent, "acknowledge", only_unit_id=unit + 1)
    with pytest.raises(Forbidden):
        dispatch.undo(town.database, town.clock, "x", sent, 1, only_unit_id=unit + 1)
    assert town.step(sent, "acknowledge", only_unit_id=unit).acknowledged_at is not None
    with pytest.raises(NotFound, match="no assignment 99"):
        dispatch.undo(town.database, town.clock, "x", 99, 1)


def undo(town: Any, assignment_id: int) -> Any:
    version = town.assignment(assignment_id).version
    return dispatch.undo(town.database, town.clock, "resi", assignment_id, version).assignment


def test_undo_takes_steps_back_for_a_minute(town: Any) -> None:
    number = town.open()
    sent = town.send(number, town.unit("P-03"))
    with pytest.raises(WrongState, match="P-03 has no step to undo"):
        undo(town, sent)
    town.step(sent, "acknowledge")
    town.step(sent, "enroute")
    town.clock.advance(60)
    assert undo(town, sent).enroute_at is None
    assert town.incident(number).facts.state == "assigned"
    assert undo(town, sent).acknowledged_at is None
    town.step(sent, "acknowledge")
    town.clock.advance(61)
    with pytest.raises(
        WrongState, match="acknowledged was reported 61 s ago: a step can be undone for 60 s"
    ):
        undo(town, sent)
    with pytest.raises(StaleVersion):
        dispatch.undo(town.database, town.clock, "resi", sent, 1)


def test_undoing_an_end_needs_the_unit_free_and_the_incident_open(town: Any) -> None:
    number = town.open()
    unit = town.unit("P-03")
    sent = town.send(number, unit)
    town.step(sent, "decline", reason="flat tyre")
    assert town.incident(number).facts.state == "open"
    back = undo(town, sent)
    assert (back.declined_at, back.decline_reason) == (None, None)
    assert town.incident(number).facts.state == "assigned"
    assert town.downlinks()[-1].startswith(f"DISPATCH #{number} ")
    town.step(sent, "decline", reason="flat tyre")
    other = town.open()
    town.send(other, unit)
    with pytest.raises(WrongState, match=f"P-03 is already dispatched for incident #{other}"):
        undo(town, sent)
    incidents.close(
        town.database, town.clock, "dora", number, town.incident(number).version, "closed", ""
    )
    with pytest.raises(WrongState, match="closed, so its units' steps stand"):
        undo(town, sent)


def test_a_recall_frees_the_unit(town: Any) -> None:
    number = town.open()
    unit = town.unit("P-03")
    sent = town.send(number, unit)
    with pytest.raises(StaleVersion):
        dispatch.recall(town.database, town.clock, "dora", sent, 2)
    done = dispatch.recall(town.database, town.clock, "dora", sent, 1)
    assert done.assignment.recalled_at == town.clock.now()
    assert town.incident(number).facts.state == "open"
    with pytest.raises(WrongState, match="is already recalled: there is nothing to recall"):
        dispatch.recall(town.database, town.clock, "dora", sent, 2)
    with pytest.raises(WrongState, match="no step to undo"):
        undo(town, sent)
    town.send(town.open(), unit)


def test_duty(town: Any) -> None:
    unit = town.unit("P-03")
    assert dispatch.set_duty(town.database, unit, 1, "unavailable").duty == "unavailable"
    with pytest.raises(StaleVersion) as refused:
        dispatch.set_duty(town.database, unit, 1, "available")
    assert refused.value.current["duty"] == "unavailable"
    dispatch.set_duty(town.database, unit, 2, "available")
    town.send(town.open(), unit)
    with pytest.raises(WrongState, match="clear it or recall it before going off duty"):
        dispatch.set_duty(town.database, unit, 3, "off")
    assert dispatch.set_duty(town.database, unit, 3, "out_of_service").version == 4


def test_nobody_answering_is_told_once_and_does_not_stop_the_crew(town: Any) -> None:
    number = town.open()
    late, quick = (town.send(number, town.unit(code)) for code in ("P-01", "P-02"))
    town.step(quick, "enroute")
    town.clock.advance(59)
    assert dispatch.mark_unanswered(town.database, town.clock) == []
    town.clock.advance(1)
    assert dispatch.mark_unanswered(town.database, town.clock) == [late]
    assert dispatch.mark_unanswered(town.database, town.clock) == []
    assert town.assignment(late).no_ack_at == town.clock.now()
    assert (town.log(number)[-1].kind, town.log(number)[-1].actor) == ("no_ack", "system")
    assert town.step(late, "acknowledge", version=1).acknowledged_at is not None


def test_the_crews_page(town: Any) -> None:
    town.street(1, LonLat(120.97, 31.38), LonLat(120.99, 31.38))
    camera = town.camera("C1", LonLat(120.9848, 31.38))
    unit = town.unit("P-03")
    page = views.crew_page(town.database, town.roads, unit)
    assert (page.tasking, page.incident, page.route) == (None, None, [])
    number = town.open(where=LonLat(120.985, 31.38))
    alarm_id = town.raised(town.event(camera, town.zone(camera))).alarm_id
    incidents.link_alarm(town.database, town.clock, "dora", number, 1, alarm_id)
    town.send(number, unit)
    device = views.units(town.database)[0].device_id
    town.position(device, LonLat(120.983, 31.38))
    page = views.crew_page(town.database, town.roads, unit)
    assert page.tasking is not None and page.incident is not None and page.alarm is not None
    assert (page.tasking.unit_code, page.incident.id, page.alarm.id) == ("P-03", number, alarm_id)
    assert page.route[0] == (120.983, 31.38)
    assert page.route[-1] == (120.985, 31.38)
    assert page.distance_m == pytest.approx(190, abs=2)
    assert [c.camera_id for c in page.cameras] == [camera]


def test_recommendations_are_by_road_with_their_ways(town: Any) -> None:
    # The near unit stands beside another street that does not lead there.
    town.street(1, LonLat(120.97, 31.38), LonLat(120.99, 31.38))
    town.street(2, LonLat(120.984, 31.3835), LonLat(120.986, 31.3835))
    scene = LonLat(120.985, 31.38)
    number = town.open(where=scene)
    near = town.unit("P-01", at=LonLat(120.985, 31.3835))
    far = town.unit("P-02", at=LonLat(120.975, 31.38))
    town.unit("P-03", at=None)  # nobody knows where it is
    town.unit("P-04", duty="off")
    found = views.suggestions(town.database, town.clock, town.roads, number)
    by_unit = {s.recommendation.unit_id: s for s in found}
    assert set(by_unit) == {near, far}
    assert by_unit[near].route == []
    assert "no road leads there" in by_unit[near].recommendation.why.en
    best = by_unit[far]
    assert best.route[0] == (120.975, 31.38)
    assert best.recommendation.distance_m == pytest.approx(951, abs=3)
    assert best.recommendation.why == Words(
        "空闲，公安，沿道路 1:35，1.0 km", "free, police, 1:35 by road, 1.0 km"
    )
    assert sum(s.recommendation.recommended for s in found) == 1
    town.send(number, far)
    again = views.suggestions(town.database, town.clock, town.roads, number)
    assert [s.recommendation.unit_id for s in again] == [near, far]
    assert "already on this incident" in again[1].recommendation.why.en


def at_once(*actions: Callable[[], Any]) -> list[Any]:
    """Runs actions in threads that start together; returns each one's answer or our own error."""
    barrier = threading.Barrier(len(actions))
    answers: list[Any] = [None] * len(actions)

    def act(index: int, action: Callable[[], Any]) -> None:
        barrier.wait()
        try:
            answers[index] = action()
        except WanglouError as error:
            answers[index] = error

    threads = [threading.Thread(target=act, args=pair) for pair in enumerate(actions)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def test_of_two_dispatchers_who_send_one_unit_one_wins(town: Any) -> None:
    unit = town.unit("P-03")
    for _ in range(5):
        numbers = [town.open(), town.open()]
        answers = at_once(*[lambda n=n: town.send(n, unit) for n in numbers])
        winners = [a for a in answers if isinstance(a, int)]
        (loser,) = [a for a in answers if isinstance(a, WrongState)]
        assert len(winners) == 1
        assert "P-03 is already dispatched for incident #" in str(loser)
        assert sum(town.incident(n).units for n in numbers) == 1
        dispatch.recall(town.database, town.clock, "dora", winners[0], 1)


def test_of_two_dispatchers_on_one_picture_one_is_asked_to_look_again(town: Any) -> None:
    units = [town.unit("P-01"), town.unit("P-02")]
    number = town.open()
    answers = at_once(
        *[
            lambda u=u: dispatch.dispatch(
                town.database, town.clock, town.roads, "dora", number, u, 1
            )
            for u in units
        ]
    )
    assert sorted(type(a).__name__ for a in answers) == ["StaleVersion", "int"]
    assert len(town.assignments(number)) == 1


def test_closing_and_sending_at_once(town: Any) -> None:
    unit = town.unit("P-03")
    for _ in range(5):
        number = town.open()
        closed, sent = at_once(
            lambda n=number: incidents.close(town.database, town.clock, "carl", n, 1, "closed", ""),
            lambda n=number: dispatch.dispatch(
                town.database, town.clock, town.roads, "dora", n, unit, 1
            ),
        )
        assert isinstance(closed, StaleVersion) != isinstance(sent, StaleVersion)
        if closed is None:
            assert sent.current["state"] == "closed"
            assert town.assignments(number) == []
        else:
            assert closed.current["state"] == "assigned"
            dispatch.recall(town.database, town.clock, "dora", sent, 1)


def test_a_step_and_a_recall_at_once(town: Any) -> None:
    number = town.open()
    sent = town.send(number, town.unit("P-03"))
    stepped, recalled = at_once(
        lambda: town.step(sent, "acknowledge", version=1),
        lambda: dispatch.recall(town.database, town.clock, "dora", sent, 1),
    )
    assert isinstance(stepped, StaleVersion) != isinstance(recalled, StaleVersion)
    assert town.assignment(sent).version == 2
