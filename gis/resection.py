"""Poses as vectors, their pictures of points, and the least squares between the two. Pure.

A pose is nine numbers in the order of :data:`gis.model.POSE_VALUES`, in the local frame of the place that was believed.
Whole sets of poses are projected at once: that gives the first guess from a grid and every derivative.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import least_squares

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

STEP = np.array([1e-3, 1e-3, 1e-3, 1e-3, 1e-3, 1e-3, 1e-3, 1e-5, 1e-5])
SCALE = np.array([1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 2.0, 0.05, 0.03])
LOW = np.array([-300.0, -300.0, 0.5, -720.0, -90.0, -90.0, 4.0, -0.6, -0.4])
HIGH = np.array([300.0, 300.0, 160.0, 720.0, 60.0, 90.0, 165.0, 0.6, 0.4])
MIN_DEPTH_M = 0.2
ROBUST_AT = 3.0
"""From so many sigmas on a point counts less and less (Cauchy's loss)."""
REWEIGHTS = 2


def project(values: Floats, points: Floats, width_px: int, height_px: int) -> Floats:
    """``(C, 9)`` poses and ``(N, 3)`` points → ``(C, N, 2)`` pixels. What lies behind a lens is drawn far out."""
    yaw, pitch, roll = np.radians(values[:, 3]), np.radians(values[:, 4]), np.radians(values[:, 5])
    zero = np.zeros_like(yaw)
    sin, cos = np.sin, np.cos
    right = np.stack([cos(yaw), -sin(yaw), zero], axis=1)
    forward = np.stack([cos(pitch) * sin(yaw), cos(pitch) * cos(yaw), sin(pitch)], axis=1)
    down = np.stack([sin(pitch) * sin(yaw), sin(pitch) * cos(yaw), -cos(pitch)], axis=1)
    turned = cos(roll)[:, None] * right + sin(roll)[:, None] * down
    down = -sin(roll)[:, None] * right + cos(roll)[:, None] * down
    seen = points[None] - values[:, None, :3]
    axes = np.stack([turned, down, forward], axis=1)
    flat = np.einsum("cij,cnj->cni", axes, seen)
    plane = flat[:, :, :2] / np.maximum(flat[:, :, 2:], MIN_DEPTH_M)
    r2 = np.minimum(np.einsum("cni,cni->cn", plane, plane), 25.0)
    gain = 1.0 + values[:, None, 7] * r2 + values[:, None, 8] * r2 * r2
    focal = width_px / 2.0 / np.tan(np.radians(values[:, 6]) / 2.0)
    middle = np.array([width_px / 2.0, height_px / 2.0])
    out: Floats = middle + plane * (gain * focal[:, None])[:, :, None]
    return out


@dataclass(frozen=True, slots=True, eq=False)
class Sights:
    """What was clicked: ``enu`` ``(N, 3)`` metres, ``pixels`` ``(N, 2)``, and one sigma of each kind of error.

    ``prior`` and ``prior_sigma`` ``(9,)`` are what is known of the values without any point; infinite: nothing.
    """

    enu: Floats
    pixels: Floats
    width_px: int
    height_px: int
    pixel_sigma_px: float
    map_sigma_m: float
    up_sigma_m: float
    prior: Floats
    prior_sigma: Floats

    def picture(self, values: Floats) -> Floats:
        """``(C, N, 2)``."""
        return project(values, self.enu, self.width_px, self.height_px)

    def whitening(self, value: Floats) -> Floats:
        """``(N, 2, 2)``: what makes a point's error in pixels one of unit variance, at the pose ``value``.

        A metre on the map is many pixels near the camera and few far off, so the points' weights follow from where
        they stand.
        """
        step = 0.05
        shifts = np.concatenate([np.eye(3), -np.eye(3)]) * step
        seen = np.stack(
            [
                project(value[None], self.enu + shift, self.width_px, self.height_px)[0]
                for shift in shifts
            ]
        )
        slope = (seen[:3] - seen[3:]) / (2 * step)  # (3, N, 2)
        sigma = np.array([self.map_sigma_m, self.map_sigma_m, self.up_sigma_m])
        spread = slope * sigma[:, None, None]
        covariance = np.einsum("kni,knj->nij", spread, spread)
        covariance += np.eye(2) * self.pixel_sigma_px**2
        out: Floats = np.linalg.inv(np.linalg.cholesky(covariance))
        return out

    def slope(self, value: Floats) -> Floats:
        """``(N, 2, 9)``: how the points move in the picture with each value."""
        steps = np.diag(STEP)
        seen = self.picture(np.concatenate([value + steps, value - steps]))
        out: Floats = ((seen[:9] - seen[9:]) / (2 * STEP)[:, None, None]).transpose(1, 2, 0)
        return out


def solve(
    sights: Sights,
    start: Floats,
    free: Bools,
    use: Bools,
    robust: bool = False,
    reweights: int = REWEIGHTS,
) -> tuple[Floats, Floats]:
    """The pose that fits the points ``use`` best, ``free`` of its values moving, from ``start``; and the whitened
    errors ``(N, 2)`` of all points there."""
    value = start.copy()
    white = sights.whitening(value)
    for _ in range(reweights):
        weights = white[use]

        def full(x: Floats, base: Floats = value) -> Floats:
            out = base.copy()
            out[free] = x
            return out

        def errors(x: Floats, weights: Floats = weights) -> Floats:
            off = (sights.picture(full(x)[None])[0] - sights.pixels)[use]
            out: Floats = np.einsum("nij,nj->ni", weights, off).ravel()
            return np.concatenate([out, (x - sights.prior[free]) / sights.prior_sigma[free]])

        def slope(x: Floats, weights: Floats = weights) -> Floats:
            by = sights.slope(full(x))[use][:, :, free]
            out: Floats = np.einsum("nij,njk->nik", weights, by).reshape(-1, int(free.sum()))
            return np.concatenate([out, np.diag(1.0 / sights.prior_sigma[free])])

        low, high = LOW[free], HIGH[free]
        begin = np.clip(value[free], low + 1e-6, high - 1e-6)
        found = None
        if not robust:
            found = least_squares(
                errors, begin, jac=slope, method="lm", x_scale=SCALE[free], max_nfev=40
            ).x
        if found is None or not ((found > low) & (found < high)).all():
            found = least_squares(
                errors,
                begin,
                jac=slope,
                bounds=(low, high),
                x_scale=SCALE[free],
                loss="cauchy" if robust else "linear",
                f_scale=ROBUST_AT,
                max_nfev=60,
            ).x
        value = full(found)
        white = sights.whitening(value)
    off = sights.picture(value[None])[0] - sights.pixels
    return value, np.einsum("nij,nj->ni", white, off)


def covariance(sights: Sights, value: Floats, free: Bools, use: Bools, held: Floats) -> Floats:
    """``(9, 9)``: how well the pose is known. ``held`` is one sigma of each value that was kept.

    Values that are kept are wrong too, and what was fitted leans on them: Schmidt's consider covariance.
    """
    weights, by = sights.whitening(value)[use], sights.slope(value)[use]
    slope = np.einsum("nij,njk->nik", weights, by).reshape(-1, 9) * SCALE
    own, kept = slope[:, free], slope[:, ~free]
    known = np.diag((SCALE / sights.prior_sigma)[free] ** 2)
    normal = np.linalg.pinv(own.T @ own + known, rcond=1e-12, hermitian=True)
    lean = -normal @ own.T @ kept
    kept_var = np.diag((held / SCALE)[~free] ** 2)
    out = np.zeros((9, 9))
    out[np.ix_(free, free)] = normal + lean @ kept_var @ lean.T
    out[np.ix_(free, ~free)] = lean @ kept_var
    out[np.ix_(~free, free)] = kept_var @ lean.T
    out[np.ix_(~free, ~free)] = kept_var
    return out * np.outer(SCALE, SCALE)


def robust_cost(errors: Floats) -> Floats:
    """Cauchy's loss over the last two axes of whitened errors."""
    out: Floats = np.log1p(np.einsum("...ni,...ni->...n", errors, errors) / ROBUST_AT**2).sum(-1)
    return out
