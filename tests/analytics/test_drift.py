"""Going somewhere as a whole, told from growing, jittering and being cut by the picture's border."""

from __future__ import annotations

import numpy as np
import pytest

from analytics.drift import LOOKS, Drift

PICTURE = (640, 360)
ROW = np.array([0])


def _gone(
    edges: np.ndarray, dt_s: float = 0.1, jitter_px: float = 2.0
) -> tuple[float, float, bool]:
    drift = Drift(edges[:1], 0.0)
    for i in range(1, len(edges)):
        drift.add(ROW, edges[i : i + 1], i * dt_s)
    gone = drift.gone(ROW, PICTURE, np.array([jitter_px]))
    return float(gone.far_px[0]), float(gone.sureness[0]), bool(gone.cut[0])


def _edges(n: int, step: tuple[float, float, float, float], noise: float = 0.0) -> np.ndarray:
    start = np.array([200.0, 100.0, 240.0, 200.0])
    made = start + np.arange(n)[:, None] * np.array(step)
    return made + np.random.default_rng(3).normal(0, noise, made.shape) if noise else made


def test_the_way_is_the_way() -> None:
    far_px, sureness, cut = _gone(_edges(6, (5, 0, 5, 0)))
    assert far_px == pytest.approx(25.0)
    assert sureness > 5 and not cut


def test_growing_and_jitter_are_no_way() -> None:
    assert _gone(_edges(12, (0, 0, 4, 0)))[0] == 0.0
    assert _gone(_edges(12, (-3, -3, 3, 3)))[0] == 0.0
    assert _gone(_edges(30, (0, 0, 0, 0), noise=3.0))[1] < 4


def test_at_the_border_the_other_edge_tells() -> None:
    edges = _edges(8, (0, 0, 6, 0))
    edges[:, 0] = 0.0
    far_px, _, cut = _gone(edges)
    assert far_px == pytest.approx(42.0) and cut


def test_sums_agree_with_a_line_laid_through_all_points() -> None:
    edges = _edges(20, (2.0, 1.0, 2.0, 1.0), noise=1.5)
    t = np.arange(20) * 0.1
    slope = np.polyfit(t, edges, 1)[0]
    slower = [min(abs(slope[a]), abs(slope[a + 2])) for a in (0, 1)]
    assert _gone(edges)[0] == pytest.approx(np.hypot(*slower) * t[-1])


def test_what_is_long_ago_fades() -> None:
    """One that stood and now goes is seen to go."""
    edges = np.concatenate([_edges(3 * LOOKS, (0, 0, 0, 0)), _edges(30, (4, 0, 4, 0))])
    assert _gone(edges)[1] > 5
