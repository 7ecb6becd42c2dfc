"""Which unit should go: a pure ranking by road time, with the reason in one sentence.

A unit's rank is its road ETA plus what makes it a worse choice, in seconds of driving, so that the reason and the
rank say the same. Free units stand before busy ones, those that fit before those that do not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from command.model import IncidentType, Recommendation, Service, UnitStatus, Words

FRESH_S = 30.0
"""A position not older than this is taken as it is."""
STALE_WEIGHT = 0.5
"""Seconds of penalty for each second of age above :data:`FRESH_S`: the unit may have driven either way."""
STALE_MOST_S = 600.0
SECOND_CHOICE_S = 180.0
"""A service that can help but is not the one for it stands this much further away."""
NO_ROAD_SPEED_MS = 5.0
"""Where no road leads there the ETA is the straight distance at this speed."""

_FIT: dict[IncidentType, tuple[frozenset[Service], frozenset[Service]]] = {
    "intrusion": (frozenset({"police"}), frozenset()),
    "fire": (frozenset({"fire"}), frozenset({"ambulance", "police"})),
    "flood": (frozenset({"municipal", "fire"}), frozenset({"police"})),
    "traffic": (frozenset({"police"}), frozenset({"ambulance", "fire"})),
    "medical": (frozenset({"ambulance"}), frozenset({"fire"})),
    "pipe_burst": (frozenset({"municipal"}), frozenset({"fire"})),
    "pollution": (frozenset({"municipal", "fire"}), frozenset({"police"})),
    "panic": (frozenset({"police"}), frozenset()),
    "other": (frozenset({"police", "municipal"}), frozenset({"fire", "ambulance"})),
}
_SERVICE: dict[Service, Words] = {
    "police": Words("公安", "police"),
    "fire": Words("消防", "fire"),
    "ambulance": Words("急救", "ambulance"),
    "municipal": Words("市政", "municipal"),
}
_STATUS: dict[UnitStatus, Words] = {
    "available": Words("空闲", "free"),
    "dispatched": Words("已派警", "dispatched"),
    "acknowledged": Words("已接警", "acknowledged"),
    "enroute": Words("途中", "en route"),
    "onscene": Words("在现场", "on scene"),
    "unavailable": Words("暂不可用", "unavailable"),
    "out_of_service": Words("停用", "out of service"),
    "off": Words("下班", "off duty"),
}


@dataclass(frozen=True, slots=True)
class Candidate:
    """A unit as the ranking sees it.

    ``eta_s`` and ``distance_m`` are along the road; ``by_road`` is False where no road leads there and they come
    from the straight line. ``position_age_s`` None means the unit never reported and is taken to be at its station.
    ``incident_id`` is that of its open assignment.
    """

    unit_id: int
    code: str
    service: Service
    status: UnitStatus
    incident_id: int | None
    eta_s: float
    distance_m: float
    by_road: bool
    position_age_s: float | None


def straight_eta_s(distance_m: float) -> float:
    """The ETA where no road is known."""
    return distance_m / NO_ROAD_SPEED_MS


def rank(
    candidates: Sequence[Candidate], kind: IncidentType, incident_id: int
) -> list[Recommendation]:
    """Every candidate, best first; the first one is recommended when it is free and its service can help."""
    order = sorted(
        candidates, key=lambda c: (_group(c, kind, incident_id), _cost_s(c, kind), c.code)
    )
    return [
        Recommendation(
            unit_id=c.unit_id,
            eta_s=c.eta_s,
            distance_m=c.distance_m,
            why=_why(c, kind, incident_id),
            position_age_s=c.position_age_s,
            recommended=index == 0 and _group(c, kind, incident_id) == 0,
        )
        for index, c in enumerate(order)
    ]


def _fit(service: Service, kind: IncidentType) -> int:
    """0 the service for it, 1 can help, 2 neither."""
    first, second = _FIT[kind]
    return 0 if service in first else 1 if service in second else 2


def _group(candidate: Candidate, kind: IncidentType, incident_id: int) -> int:
    """0 free and can help, 1 free but of another service, 2 busy elsewhere, 3 already on it, 4 not on duty."""
    if candidate.incident_id == incident_id:
        return 3
    if candidate.incident_id is not None:
        return 2
    if candidate.status != "available":
        return 4
    return 1 if _fit(candidate.service, kind) == 2 else 0


def _stale_s(candidate: Candidate) -> float:
    if candidate.position_age_s is None:
        return STALE_MOST_S
    return min(max(candidate.position_age_s - FRESH_S, 0.0) * STALE_WEIGHT, STALE_MOST_S)


def _cost_s(candidate: Candidate, kind: IncidentType) -> float:
    second = SECOND_CHOICE_S if _fit(candidate.service, kind) == 1 else 0.0
    return candidate.eta_s + _stale_s(candidate) + second


def _why(candidate: Candidate, kind: IncidentType, incident_id: int) -> Words:
    zh: list[str] = []
    en: list[str] = []
    state = _STATUS[candidate.status]
    if candidate.incident_id == incident_id:
        zh.append(f"已在本警情（{state.zh}）")
        en.append(f"already on this incident ({state.en})")
    elif candidate.incident_id is not None:
        zh.append(f"{state.zh}，正处置 #{candidate.incident_id}")
        en.append(f"{state.en} for #{candidate.incident_id}")
    else:
        zh.append(state.zh)
        en.append(state.en)
    service = _SERVICE[candidate.service]
    fit = _fit(candidate.service, kind)
    zh.append(service.zh + ("", "（协助）", "（非对口）")[fit])
    en.append(service.en + ("", " (can help)", " (not its kind of incident)")[fit])
    minutes, seconds = divmod(round(candidate.eta_s), 60)
    length = f"{candidate.distance_m / 1000:.1f} km"
    if candidate.by_road:
        zh.append(f"沿道路 {minutes}:{seconds:02d}，{length}")
        en.append(f"{minutes}:{seconds:02d} by road, {length}")
    else:
        zh.append(f"无道路可达，直线 {length}，约 {minutes}:{seconds:02d}")
        en.append(f"no road leads there, {length} straight, about {minutes}:{seconds:02d}")
    age_s = candidate.position_age_s
    if age_s is None:
        zh.append("没有定位，按驻地计算")
        en.append("no position, taken to be at its station")
    elif age_s > FRESH_S:
        zh.append(f"定位已过时 {_age(age_s)}")
        en.append(f"position is {_age(age_s)} old")
    return Words("，".join(zh), ", ".join(en))


def _age(age_s: float) -> str:
    minutes, seconds = divmod(round(age_s), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes}:{seconds:02d}"
