"""How well a find fits its question, 0..1: what "best first" puts in order. Pure.

Only what is known more or less counts. What is asked and either so or not (a colour, a speed, a place) is a condition of
every find, and tells none of them apart.
"""

from __future__ import annotations

from analytics.model import Box
from analytics.search import SCORE_DIGITS, Look

LARGE = 0.4
"""A thing as high as this share of the picture is seen as well as can be."""


def look_score(look: Look, heading_deg: float | None, confidence: float, box: Box) -> float:
    """The mean of: how high the thing stands in the picture; its heading against the one asked for; how sure its kind is
    where a kind or a label is asked for.

    >>> north = Look(heading_deg=0.0, tolerance_deg=40.0)
    >>> look_score(north, 350.0, 0.9, (0, 0, 0.1, 0.4)), look_score(north, 20.0, 0.9, (0, 0, 0.1, 0.1))
    (0.875, 0.375)
    """
    parts = [min(1.0, box[3] / LARGE)]
    if look.heading_deg is not None and heading_deg is not None:
        apart = abs((heading_deg - look.heading_deg + 180.0) % 360.0 - 180.0)
        parts.append(max(0.0, 1.0 - apart / look.tolerance_deg))
    if look.kinds or look.labels:
        parts.append(confidence)
    return round(sum(parts) / len(parts), SCORE_DIGITS)


def stand_score(stood_s: float, least_s: float) -> float:
    """The longer, the better: half for as long as asked for.

    >>> stand_score(60.0, 60.0), stand_score(180.0, 60.0)
    (0.5, 0.75)
    """
    return round(stood_s / (stood_s + least_s), SCORE_DIGITS)


def near_score(distance_m: float, radius_m: float) -> float:
    """The nearer, the better: 1 at the spot, 0 at the edge.

    >>> near_score(25.0, 100.0)
    0.75
    """
    return round(max(0.0, 1.0 - distance_m / radius_m), SCORE_DIGITS)
