"""What a lens does to a straight line: Brown's radial distortion, and its inverse.

Points are on the picture plane one focal length away, ``(x, y)`` from the principal point: the pinhole's point ``u``
appears at ``u · (1 + k1 r² + k2 r⁴)`` with ``r = |u|`` (Brown 1966; OpenCV's k1, k2). Negative k1 is the barrel of a
wide lens.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from gis.errors import InvalidInput

Floats = NDArray[np.float64]
_NEWTON_STEPS = 12
_FAR = 1e3
"""A turning point at so many focal lengths is none."""
_BEYOND_SLOPE = 0.05
"""Past the radius where the polynomial turns back, points go on outwards so steeply: outside stays outside."""
CORNER_MARGIN = 1.02
"""The polynomial must rise to this many times the picture's corner."""


class Lens:
    """Radial distortion by ``k1`` and ``k2``, without units. Raises :class:`InvalidInput` where it folds the picture
    within ``corner``, the distance of the picture's corner from its middle in focal lengths."""

    def __init__(self, k1: float, k2: float, corner: float) -> None:
        self.k1, self.k2 = k1, k2
        self.straight = k1 == 0.0 and k2 == 0.0
        self._turn = _turning_radius(k1, k2)
        self._turn_bent = math.inf
        if not math.isinf(self._turn):
            self._turn_bent = self._turn * (1.0 + k1 * self._turn**2 + k2 * self._turn**4)
        if self._turn_bent < corner * CORNER_MARGIN:
            raise InvalidInput(
                f"lens distortion k1={k1:g}, k2={k2:g} folds the picture before its corner: no lens does that; "
                "check the values, they belong to this field of view",
                "k1",
            )

    def bend(self, u: Floats) -> Floats:
        """Where the pinhole's points ``(N, 2)`` appear."""
        if self.straight:
            return u
        r2 = np.einsum("ij,ij->i", u, u)
        out: Floats = u * self._gain(r2)[:, None]
        past = r2 > self._turn**2
        if past.any():
            r = np.sqrt(r2[past])
            far = self._turn_bent + _BEYOND_SLOPE * (r - self._turn)
            out[past] = u[past] * (far / r)[:, None]
        return out

    def unbend(self, d: Floats) -> Floats:
        """The pinhole's points of those that appear at ``d``, ``(N, 2)``. The inverse of :meth:`bend` up to the
        picture's corner; what lies further out than any point appears is drawn in to there."""
        if self.straight:
            return d
        rd = np.sqrt(np.einsum("ij,ij->i", d, d))
        limit = np.inf if math.isinf(self._turn) else self._turn * (1.0 - 1e-6)
        wanted = np.minimum(rd, self._turn_bent)
        r = np.minimum(rd, limit)
        for _ in range(_NEWTON_STEPS):
            r2 = r * r
            over = r * self._gain(r2) - wanted
            slope = 1.0 + 3.0 * self.k1 * r2 + 5.0 * self.k2 * r2 * r2
            r = np.clip(r - over / np.maximum(slope, 1e-6), 0.0, limit)
        out: Floats = d * (r / np.maximum(rd, 1e-12))[:, None]
        return out

    def slope(self, u: Floats) -> Floats:
        """``(N, 2, 2)``: how the appearing point moves with the pinhole's at ``u``."""
        r2 = np.einsum("ij,ij->i", u, u)
        turn = 2.0 * (self.k1 + 2.0 * self.k2 * r2)
        out: Floats = turn[:, None, None] * (u[:, :, None] * u[:, None, :])
        gain = self._gain(r2)
        out[:, 0, 0] += gain
        out[:, 1, 1] += gain
        return out

    def _gain(self, r2: Floats) -> Floats:
        out: Floats = 1.0 + self.k1 * r2 + self.k2 * r2 * r2
        return out


def _turning_radius(k1: float, k2: float) -> float:
    """The smallest radius where ``r (1 + k1 r² + k2 r⁴)`` stops rising; infinite where it never does."""
    # Roots in r² of 1 + 3 k1 q + 5 k2 q², written so that a vanishing k2 does no harm.
    inside = 9.0 * k1 * k1 - 20.0 * k2
    if inside < 0.0:
        return math.inf
    under = (-3.0 * k1 - math.sqrt(inside), -3.0 * k1 + math.sqrt(inside))
    q = min((2.0 / u for u in under if u > 2.0 / _FAR**2), default=math.inf)
    return math.sqrt(q)
