"""Welds the cut streets: an end that just misses a street meets it, and stubs between crossings vanish."""

from __future__ import annotations

import itertools
import math
from collections import Counter, defaultdict
from collections.abc import Sequence

import shapely
from shapely.geometry import LineString
from shapely.geometry import Point as ShapelyPoint
from shapely.ops import substring

from demo.city_lines import Centreline
from demo.city_model import Point

WELD_M = 5.0
"""No street of the city is shorter, and no street ends nearer to another without meeting it."""
Piece = tuple[Centreline, LineString]


def weld(pieces: Sequence[Piece], within_m: float = WELD_M) -> list[Piece]:
    """Joins what lies within ``within_m``: rounding leaves gaps of centimetres and stubs of a metre."""
    return _merge(*_meet(pieces, within_m), within_m)


def _meet(
    pieces: Sequence[Piece], within_m: float
) -> tuple[list[Piece], list[tuple[Point, Point]]]:
    """Cuts each street beside a loose end, and says which end goes to which cut."""
    ends = Counter(end for _, part in pieces for end in _ends(part))
    tree = shapely.STRtree([part for _, part in pieces])
    cuts: dict[int, list[float]] = defaultdict(list)
    pairs: list[tuple[Point, Point]] = []
    for own, (_, part) in enumerate(pieces):
        for end in _ends(part):
            if ends[end] > 1:
                continue
            at = ShapelyPoint(end)
            others = [i for i in tree.query(at.buffer(within_m)) if i != own]
            near = min(others, key=lambda i: (pieces[i][1].distance(at), i), default=None)
            if near is None or pieces[near][1].distance(at) >= within_m:
                continue
            line = pieces[near][1]
            along_m = line.project(at)
            if along_m < within_m:
                pairs.append((end, _ends(line)[0]))
            elif along_m > line.length - within_m:
                pairs.append((end, _ends(line)[1]))
            else:
                cut = line.interpolate(along_m)
                cuts[int(near)].append(along_m)
                pairs.append((end, (cut.x, cut.y)))
    done: list[Piece] = []
    for i, (owner, part) in enumerate(pieces):
        marks = [0.0, *sorted(set(cuts[i])), part.length]
        done.extend((owner, substring(part, a, b)) for a, b in itertools.pairwise(marks))
    return done, pairs


def _merge(
    pieces: Sequence[Piece], pairs: Sequence[tuple[Point, Point]], within_m: float
) -> list[Piece]:
    """Makes one crossing of those that a stub joins or that ``pairs`` names; the busiest one's place stays."""
    parent: dict[Point, Point] = {}

    def find(p: Point) -> Point:
        while parent.setdefault(p, p) != p:
            parent[p] = parent[parent[p]]
            p = parent[p]
        return p

    stubs = [_ends(part) for _, part in pieces if part.length < within_m]
    for a, b in [*pairs, *stubs]:
        parent[find(a)] = find(b)
    meeting = Counter(end for _, part in pieces if part.length >= within_m for end in _ends(part))
    place: dict[Point, Point] = {}
    for p in sorted(parent, key=lambda p: (-meeting[p], p)):
        place.setdefault(find(p), p)
    done: list[Piece] = []
    for owner, part in pieces:
        a, b = (place.get(find(end), end) for end in _ends(part))
        if part.length < within_m:
            continue
        inner = list(part.coords[1:-1])
        # A bend that close to an end that moved would become a kink.
        if a != part.coords[0]:
            inner = [p for p in inner if math.dist(p, a) > within_m]
        if b != part.coords[-1]:
            inner = [p for p in inner if math.dist(p, b) > within_m]
        done.append((owner, LineString([a, *inner, b])))
    return done


def _ends(line: LineString) -> tuple[Point, Point]:
    (ax, ay), (bx, by) = line.coords[0], line.coords[-1]
    return (ax, ay), (bx, by)
