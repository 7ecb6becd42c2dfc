"""The filter: steps of any length come to the same, and an error ellipse is believed along its axes."""

from __future__ import annotations

import numpy as np
import pytest

from analytics.kalman import Motions, inverted


def _one() -> Motions:
    return Motions.start(np.zeros((1, 2)), 4.0 * np.eye(2)[None], np.array([3.0]))


def test_many_short_steps_are_one_long_step() -> None:
    short, long = _one(), _one()
    for _ in range(25):
        short.predict(0.04, np.array([2.0]))
    long.predict(1.0, np.array([2.0]))
    assert short.cov == pytest.approx(long.cov)


def test_a_speed_is_learnt_from_places_at_uneven_times() -> None:
    rng, motions, t_s = np.random.default_rng(4), _one(), 0.0
    for _ in range(60):
        dt_s = float(rng.uniform(0.04, 0.5))
        t_s += dt_s
        motions.predict(dt_s, np.array([0.05]))
        seen = np.array([[2.0 * t_s, -1.0 * t_s]]) + rng.normal(0, 0.1, (1, 2))
        motions.correct(np.array([0]), seen, 0.01 * np.eye(2)[None])
    assert motions.speed[0] == pytest.approx([2.0, -1.0], abs=0.2)
    assert motions.at[0] == pytest.approx([2.0 * t_s, -1.0 * t_s], abs=0.25)


def test_what_is_uncertain_one_way_is_believed_the_other_way() -> None:
    motions = _one()
    noise = np.array([[[100.0, 0.0], [0.0, 0.01]]])
    motions.correct(np.array([0]), np.array([[5.0, 5.0]]), noise)
    assert motions.at[0, 0] < 0.3
    assert motions.at[0, 1] > 4.9


def test_inverses() -> None:
    matrices = np.random.default_rng(1).normal(0, 1, (7, 2, 2))
    assert inverted(matrices) @ matrices == pytest.approx(np.tile(np.eye(2), (7, 1, 1)))


def test_followed_for_hours_the_covariance_stays_one() -> None:
    """Seen from a low pole, a foot's error on the ground is a hundred times longer than wide, and turns as it walks."""
    rng, motions = np.random.default_rng(9), _one()
    motions.append(_one())
    rows = np.array([0, 1])
    for i in range(20_000):
        motions.predict(float(rng.choice([0.04, 0.08, 0.25, 0.33])), np.array([0.3, 3.0]))
        if i % 7 == 6:
            continue
        turn = np.array([[np.cos(i / 40), -np.sin(i / 40)], [np.sin(i / 40), np.cos(i / 40)]])
        noise = turn @ np.diag([25.0, 0.0025]) @ turn.T
        motions.correct(rows, rng.normal(0, 0.3, (2, 2)), np.tile(noise, (2, 1, 1)))
    assert motions.cov == pytest.approx(motions.cov.transpose(0, 2, 1), rel=1e-9)
    assert (np.linalg.eigvalsh(motions.cov) > 0).all()
