"""Person, vehicle or other, from how large a thing is, how it is shaped and how fast it goes.

A naive Bayes decision over a few features. With a pose the features are metres and metres a second; without
one only the shape in the picture is left, which says less, and the confidence says so.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from analytics.model import Kind, Size

SURE_WITH_POSE = 0.97
SURE_BY_SHAPE = 0.8
"""The most confidence each way can give; size and shape never prove what a thing is."""
SHAPE_HEIGHT = 0.06
"""Of the picture's height: a thing smaller than this has less and less of a shape."""


@dataclass(frozen=True, slots=True)
class _Normal:
    """A normal distribution of a feature's logarithm."""

    middle: float
    sigma: float

    def log_density(self, value: float) -> float:
        z = (math.log(max(value, 1e-3)) - math.log(self.middle)) / self.sigma
        return -0.5 * min(z * z, 40.0) - math.log(self.sigma)


_PRIOR: dict[Kind, float] = {"person": 0.46, "vehicle": 0.46, "other": 0.08}
_HEIGHT_M: dict[Kind, _Normal] = {
    "person": _Normal(1.65, 0.22),
    "vehicle": _Normal(2.2, 0.42),
    "other": _Normal(0.8, 1.0),
}
_WIDTH_M: dict[Kind, _Normal] = {
    "person": _Normal(1.0, 0.5),  # alone, with a shadow beside, or two who walk together
    "vehicle": _Normal(2.9, 0.42),
    "other": _Normal(0.9, 1.0),
}
_ASPECT: dict[Kind, _Normal] = {
    "person": _Normal(2.4, 0.35),
    "vehicle": _Normal(0.7, 0.4),
    "other": _Normal(1.0, 0.8),
}
_SPEED_MS: dict[Kind, _Normal] = {
    "person": _Normal(1.2, 0.75),
    "vehicle": _Normal(7.0, 1.0),
    "other": _Normal(2.0, 1.5),
}
_SPEED_HEIGHTS_S: dict[Kind, _Normal] = {
    "person": _Normal(0.6, 0.8),
    "vehicle": _Normal(2.5, 1.0),
    "other": _Normal(1.0, 1.5),
}


def odds_by_size(size: Size, speed_ms: float | None) -> dict[Kind, float]:
    """How likely a thing of known size is each kind, adding up to 1; a speed under 0.3 m/s says nothing."""
    return _odds(
        {
            kind: math.log(_PRIOR[kind])
            + _HEIGHT_M[kind].log_density(size.height_m)
            + _WIDTH_M[kind].log_density(size.width_m)
            + (
                _SPEED_MS[kind].log_density(speed_ms)
                if speed_ms is not None and speed_ms > 0.3
                else 0
            )
            for kind in _PRIOR
        }
    )


def by_size(size: Size, speed_ms: float | None) -> tuple[Kind, float]:
    """The likeliest of :func:`odds_by_size` and its confidence (0..0.97).

    >>> by_size(Size(height_m=1.7, width_m=0.6), 1.4)[0]
    'person'
    >>> by_size(Size(height_m=1.6, width_m=4.1), 11.0)[0]
    'vehicle'
    """
    return likeliest(odds_by_size(size, speed_ms), SURE_WITH_POSE)


def odds_by_shape(aspect: float, speed_heights_s: float) -> dict[Kind, float]:
    """The same from height over width in the picture and speed in own heights a second."""
    return _odds(
        {
            kind: math.log(_PRIOR[kind])
            + _ASPECT[kind].log_density(aspect)
            + (_SPEED_HEIGHTS_S[kind].log_density(speed_heights_s) if speed_heights_s > 0.1 else 0)
            for kind in _PRIOR
        }
    )


def by_shape(aspect: float, speed_heights_s: float, height: float) -> tuple[Kind, float]:
    """The likeliest of :func:`odds_by_shape` and its confidence (0..0.8).

    ``height`` is the thing's share of the picture's height: of a speck no shape can be told.

    >>> by_shape(aspect=2.6, speed_heights_s=0.7, height=0.2)[0]
    'person'
    """
    return likeliest(odds_by_shape(aspect, speed_heights_s), sure_by_shape(height))


def sure_by_shape(height: float) -> float:
    """The most confidence that the shape of a thing of so much of the picture's height can give."""
    return SURE_BY_SHAPE * min(1.0, height / SHAPE_HEIGHT)


def likeliest(odds: dict[Kind, float], most: float) -> tuple[Kind, float]:
    """Which it is, and how sure, where nothing can be surer than ``most``."""
    best = max(odds, key=lambda kind: odds[kind])
    return best, most * odds[best]


def _odds(scores: dict[Kind, float]) -> dict[Kind, float]:
    top = max(scores.values())
    shares = {kind: math.exp(score - top) for kind, score in scores.items()}
    total = sum(shares.values())
    return {kind: share / total for kind, share in shares.items()}
