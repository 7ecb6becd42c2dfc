"""``./run bench links``: links across cameras against walks and drives whose truth is known, sparse to crowded."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from analytics.links import (
    COLOUR_SHARE,
    LOOK_SAME,
    PROPOSE,
    Passage,
    ground_m2,
    neighbours,
    propose,
)
from analytics.model import COLOURS, Colour, Kind
from bench.report import Figure
from gis.ground import LocalFrame
from gis.model import LonLat

BLOCK_M = 60.0
ACROSS = 4
GROUND_M = (26.0, 18.0)
STEP_S = 0.2
MINUTES = 10.0
FRAME = LocalFrame(LonLat(120.98, 31.38))
SPEED: dict[Kind, tuple[float, float]] = {"person": (1.35, 0.2), "vehicle": (8.0, 2.0)}
"""Mean and spread, metres a second."""


@dataclass(frozen=True, slots=True)
class City:
    """What the cameras tell, and which track is whose."""

    passages: tuple[Passage, ...]
    who: dict[UUID, int]
    grounds: dict[int, tuple[tuple[float, float], ...]]

    def truth(self) -> set[tuple[UUID, UUID]]:
        """Pairs of tracks of one thing that follow each other at two neighbouring cameras."""
        near = neighbours(self.grounds)
        by_who: dict[int, list[Passage]] = {}
        for p in sorted(self.passages, key=lambda p: p.start_s):
            by_who.setdefault(self.who[p.uid], []).append(p)
        return {
            (a.uid, b.uid)
            for own in by_who.values()
            for a, b in pairwise(own)
            if b.camera_id in near.get(a.camera_id, ())
        }


def city(seed: int, things_per_minute: float, looks: bool) -> City:
    """A grid of streets, a camera at every crossing and a second one at some, and things that pass through.

    Cameras are some decimetres wrong about places, each in its own way; a tenth of the tracks are lost, a tenth torn in two;
    a colour is told right three times of four; a few things stop on their way.
    """
    rng = np.random.default_rng(seed)
    grounds = _grounds()
    bias = {camera: rng.normal(0, 0.6, 2) for camera in grounds}
    passages: list[Passage] = []
    who: dict[UUID, int] = {}
    for thing in range(rng.poisson(things_per_minute * MINUTES)):
        kind: Kind = "person" if rng.random() < 0.6 else "vehicle"
        t_s, way = _walk(rng, kind, float(rng.uniform(0, MINUTES * 60)))
        colour: Colour = rng.choice(list(COLOUR_SHARE), p=_shares())
        base = rng.normal(0, 1, 64)
        base /= np.linalg.norm(base)
        for camera, (low, high) in grounds.items():
            inside = np.all((way >= low) & (way <= high), axis=1)
            for first, end in _runs(inside):
                if end - first < 5 or rng.random() < 0.1:
                    continue
                cuts = [first, end]
                if rng.random() < 0.1 and end - first > 20:
                    cuts.insert(1, int(rng.integers(first + 8, end - 8)))
                for a, b in pairwise(cuts):
                    uid = UUID(bytes=rng.bytes(16), version=4)
                    who[uid] = thing
                    seen = way[a:b] + bias[camera] + rng.normal(0, 0.25, (b - a, 2))
                    told = None if rng.random() < 0.15 else _told(rng, colour)
                    passages.append(
                        _passage(uid, camera, kind, t_s[a:b], seen, told, looks, base, rng)
                    )
    rings = {camera: _ring(low, high) for camera, (low, high) in grounds.items()}
    return City(tuple(passages), who, rings)


def measure() -> list[Figure]:
    """Precision and recall of the proposals at the default threshold, and how true the probabilities are."""
    figures: list[Figure] = []
    for per_minute in (2.0, 6.0, 15.0):
        for looks in (False, True):
            case = f"{per_minute:g} things a minute, {'with' if looks else 'without'} looks"
            said: list[tuple[float, bool]] = []
            wanted = found = 0
            for seed in range(3):
                one = city(seed, per_minute, looks)
                own, hit, true = judged(one)
                said += own
                found += hit
                wanted += true
            right = sum(ok for _, ok in said)
            figures += [
                Figure("links", case, "proposed", float(len(said)), "links"),
                Figure("links", case, "precision", right / max(1, len(said)), "share"),
                Figure("links", case, "recall", found / max(1, wanted), "share"),
                Figure("links", case, "mean probability", _mean([p for p, _ in said]), "share"),
            ]
    return figures


def judged(one: City, least: float = PROPOSE) -> tuple[list[tuple[float, bool]], int, int]:
    """Each proposal's probability and whether it is right, how many of the true pairs were proposed, and how many there are."""
    areas = {camera: ground_m2(ring) for camera, ring in one.grounds.items()}
    links = propose(one.passages, neighbours(one.grounds), areas, least=least)
    said = [(k.probability, one.who[k.from_uid] == one.who[k.to_uid]) for k in links]
    true = one.truth()
    return said, len(true & {(k.from_uid, k.to_uid) for k in links}), len(true)


def _grounds() -> dict[int, tuple[NDArray[np.float64], NDArray[np.float64]]]:
    out = {}
    number = 0
    half = np.array(GROUND_M) / 2
    for x in range(ACROSS):
        for y in range(ACROSS):
            middles = [np.array([x, y]) * BLOCK_M]
            if (x + y) % 3 == 0:
                middles.append(
                    middles[0] + [12.0, 0.0]
                )  # a second camera that sees part of the same
            for middle in middles:
                number += 1
                out[number] = (middle - half, middle + half)
    return out


def _walk(
    rng: np.random.Generator, kind: Kind, start_s: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Along streets from an edge of the grid, turning at some crossings, until it leaves the grid."""
    ways = np.array([[1, 0], [0, 1], [-1, 0], [0, -1]])
    way = int(rng.integers(4))
    street = int(rng.integers(ACROSS))
    place = np.where(ways[way] != 0, np.where(ways[way] > 0, -0.6, ACROSS - 0.4), street) * BLOCK_M
    place = place + rng.normal(0, 1.5, 2) * (ways[way] == 0)
    mean, spread = SPEED[kind]
    speed = float(np.clip(rng.normal(mean, spread), 0.4 * mean, 1.8 * mean))
    at_s, times, places = start_s, [], []
    left_m = 0.4 * BLOCK_M + float(rng.normal(0, 1))
    while True:
        times.append(at_s)
        places.append(place.copy())
        if rng.random() < 0.0006:
            at_s += float(rng.exponential(15))
        now = speed * float(np.exp(rng.normal(0, 0.05)))
        place = place + ways[way] * now * STEP_S
        at_s += STEP_S
        left_m -= now * STEP_S
        if left_m <= 0:
            left_m += BLOCK_M
            turn = rng.random()
            way = (way + (1 if turn < 0.15 else 3 if turn < 0.3 else 0)) % 4
        if (place < -0.7 * BLOCK_M).any() or (place > (ACROSS - 0.3) * BLOCK_M).any():
            return np.array(times), np.array(places)
        if len(times) > 6000:
            return np.array(times), np.array(places)


def _runs(inside: NDArray[np.bool_]) -> Iterator[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[False], inside, [False]]).astype(np.int8)))
    yield from zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)


def _passage(
    uid: UUID,
    camera: int,
    kind: Kind,
    t_s: NDArray[np.float64],
    seen: NDArray[np.float64],
    colour: Colour | None,
    looks: bool,
    base: NDArray[np.float64],
    rng: np.random.Generator,
) -> Passage:
    lon, lat = FRAME.to_lonlat(seen[:, 0], seen[:, 1])
    look = None
    if looks and kind == "person":
        # Two looks of one thing are as alike as two cameras' looks are: each keeps the root of it.
        kept = math.sqrt(min(max(float(rng.normal(*LOOK_SAME)), 0.05), 0.98))
        noise = rng.normal(0, 1, 64)
        noise -= base * (noise @ base)
        noise /= np.linalg.norm(noise)
        # All persons share a good part of their looks.
        common = np.full(64, 1 / 8)
        mixed = math.sqrt(0.45) * common + math.sqrt(0.55) * (
            kept * base + math.sqrt(1 - kept * kept) * noise
        )
        look = tuple((mixed / np.linalg.norm(mixed)).tolist())
    way_m = np.hypot(*np.diff(seen[:: max(1, len(seen) // 6)], axis=0).T).sum()
    speed = float(way_m / max(t_s[-1] - t_s[0], 0.2))
    path = tuple(LonLat(float(x), float(y)) for x, y in zip(lon, lat, strict=True))
    return Passage(uid, camera, kind, 0.9, None, colour, look, speed, tuple(t_s.tolist()), path)


def _ring(low: NDArray[np.float64], high: NDArray[np.float64]) -> tuple[tuple[float, float], ...]:
    corners = np.array([low, [high[0], low[1]], high, [low[0], high[1]]])
    lon, lat = FRAME.to_lonlat(corners[:, 0], corners[:, 1])
    return tuple((float(x), float(y)) for x, y in zip(lon, lat, strict=True))


def _shares() -> list[float]:
    total = sum(COLOUR_SHARE.values())
    return [share / total for share in COLOUR_SHARE.values()]


def _told(rng: np.random.Generator, colour: Colour) -> Colour:
    if rng.random() < 0.75:
        return colour
    told: Colour = rng.choice(list(COLOURS))
    return told


def _mean(values: Sequence[float]) -> float:
    return sum(values) / max(1, len(values))
