"""A constant-velocity Kalman filter for many points of a plane at once, each with its own error ellipse.

Acceleration is white noise, so that many short steps and one long step come to the same: cameras are looked at 2 to
25 times a second, at uneven intervals (Bar-Shalom, Li and Kirubarajan, Estimation with Applications to Tracking and
Navigation, 2001, section 6.2.2).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
_ADJUGATE = np.array([[1.0, -1.0], [-1.0, 1.0]])


class Motions:
    """``n`` points. ``state`` is ``(n, 4)``, place and speed; ``cov`` ``(n, 4, 4)`` its covariance.

    ``at`` and ``speed`` are ``(n, 2)`` and ``pp`` ``(n, 2, 2)``: parts of these, to be read and written in place.
    """

    def __init__(self, state: Floats, cov: Floats) -> None:
        self.state = state
        self.cov = cov

    @staticmethod
    def none() -> Motions:
        """No points."""
        return Motions(np.empty((0, 4)), np.empty((0, 4, 4)))

    @staticmethod
    def start(at: Floats, noise: Floats, speed_sigma: Floats) -> Motions:
        """Points seen once: ``noise`` ``(n, 2, 2)`` of their places, and one sigma of their speed."""
        n = len(at)
        state, cov = np.zeros((n, 4)), np.zeros((n, 4, 4))
        state[:, :2] = at
        cov[:, :2, :2] = noise
        cov[:, 2, 2] = cov[:, 3, 3] = np.square(speed_sigma)
        return Motions(state, cov)

    @property
    def at(self) -> Floats:
        return self.state[:, :2]

    @property
    def speed(self) -> Floats:
        return self.state[:, 2:]

    @property
    def pp(self) -> Floats:
        return self.cov[:, :2, :2]

    def predict(self, dt_s: float, drive: Floats) -> None:
        """``drive`` is ``(n,)``: the acceleration's power spectral density, square units per cubic second."""
        move = np.eye(4)
        move[0, 2] = move[1, 3] = dt_s
        pp, pv, vv = dt_s**3 / 3, dt_s**2 / 2, dt_s
        push = np.array([[pp, 0, pv, 0], [0, pp, 0, pv], [pv, 0, vv, 0], [0, pv, 0, vv]])
        self.state = self.state @ move.T
        self.cov = move @ self.cov @ move.T
        self.cov += drive[:, None, None] * push

    def correct(self, rows: NDArray[np.intp], seen_at: Floats, noise: Floats) -> None:
        """Takes what was seen of ``rows``: places ``(k, 2)`` with their covariance ``(k, 2, 2)``."""
        cov, state = self.cov[rows], self.state[rows]
        gain = cov[:, :, :2] @ inverted(cov[:, :2, :2] + noise)
        self.state[rows] = state + turned(gain, seen_at - state[:, :2])
        self.cov[rows] = cov - gain @ cov[:, :2, :]

    def keep(self, kept: NDArray[np.bool_]) -> None:
        self.state, self.cov = self.state[kept], self.cov[kept]

    def append(self, more: Motions) -> None:
        self.state = np.concatenate([self.state, more.state])
        self.cov = np.concatenate([self.cov, more.cov])


def inverted(matrices: Floats) -> Floats:
    """The inverses of ``(n, 2, 2)`` matrices."""
    det = matrices[:, 0, 0] * matrices[:, 1, 1] - matrices[:, 0, 1] * matrices[:, 1, 0]
    inverse: Floats = matrices[:, ::-1, ::-1].transpose(0, 2, 1) * _ADJUGATE
    inverse /= det[:, None, None]
    return inverse


def turned(matrices: Floats, vectors: Floats) -> Floats:
    """``(n, m)``: ``(n, 2)`` vectors by ``(n, m, 2)`` matrices, each by its own."""
    out: Floats = (matrices @ vectors[:, :, None])[:, :, 0]
    return out
