"""A change in the sizes of a camera's frames is told of soon; noise and the encoder's habits are not."""

from __future__ import annotations

import numpy as np

from analytics.sizes import DOUBT_MOST, Sizes

GOP = 50


def _quiet(sizes: Sizes, frames: int, seed: int = 1, spread: float = 100.0) -> int:
    """Feeds a quiet camera's frames; returns how often a change was told of."""
    rng = np.random.default_rng(seed)
    told = 0
    for i in range(frames):
        key = i % GOP == 0
        size = 60_000 if key else int(rng.normal(3000, spread))
        if not key and i % GOP <= 3:
            size *= 3  # as the encoder likes after a key frame
        told += sizes.add("I1" if key else "P1", size, key, learn=True)
    return told


def _until_told(sizes: Sizes, factor: float) -> int:
    rng = np.random.default_rng(9)
    for i in range(1, 100):
        if sizes.add("P1", int(factor * rng.normal(3000, 100)), False, learn=False):
            return i
    return 100


def test_a_quiet_camera_is_quiet() -> None:
    sizes = Sizes()
    assert _quiet(sizes, 5000) == 0


def test_large_changes_are_told_of_in_two_frames_and_small_ones_soon() -> None:
    for factor, at_most in ((2.0, 2), (0.5, 2), (1.1, 6), (1.07, 25)):
        sizes = Sizes()
        _quiet(sizes, 500)
        assert _until_told(sizes, factor) <= at_most, factor


def test_one_odd_frame_is_nothing() -> None:
    sizes = Sizes()
    _quiet(sizes, 500)
    assert not sizes.add("P1", 30_000, False, learn=True)
    assert _quiet(sizes, 100, seed=3) == 0


def test_who_was_mistaken_is_believed_less_and_after_quiet_again() -> None:
    sizes = Sizes()
    _quiet(sizes, 500)
    for _ in range(20):
        sizes.mistaken()
    assert _until_told(sizes, 1.1) == 100
    assert _until_told(sizes, 4.0) < 10, f"{DOUBT_MOST} times the spread is still told of"
    for _ in range(1500):
        sizes.relax()
    assert _until_told(sizes, 1.1) <= 6


def test_steady_sizes_are_trusted_and_wild_ones_are_not() -> None:
    steady, wild, few = Sizes(), Sizes(), Sizes()
    _quiet(steady, 500)
    _quiet(wild, 500, spread=900.0)
    _quiet(few, 60)
    assert (steady.trusted, wild.trusted, few.trusted) == (True, False, False)


def _key(sizes: Sizes, size: int, learn: bool = True) -> bool:
    sizes.add("I1", size, True, learn=learn)
    for _ in range(5):
        sizes.add("P1", 3000, False, learn=learn)
    return sizes.key_as_usual


def test_a_key_frame_is_as_usual_where_that_would_tell_of_a_small_thing() -> None:
    rng = np.random.default_rng(2)
    steady, wild = Sizes(), Sizes()
    said = [_key(steady, int(rng.normal(60_000, 40))) for _ in range(60)]
    assert not any(said[:6]), "too few are known"
    assert sum(said[6:]) > 45
    assert not _key(steady, 60_300, learn=False), "half a per cent of the picture is another"
    assert not _key(steady, 59_700, learn=False)
    assert _key(steady, 60_000)
    assert not any(_key(wild, int(rng.normal(60_000, 600))) for _ in range(60))
    steady.clear()
    assert not _key(steady, 60_000)


def test_a_key_frame_of_a_new_picture_is_unusual_until_it_is_the_usual_one() -> None:
    sizes = Sizes()
    for _ in range(20):
        _key(sizes, 60_000)
    said = [_key(sizes, 64_000) for _ in range(30)]
    assert not any(said[:8]) and all(said[16:])


def test_a_stream_of_key_frames_has_sizes_too() -> None:
    sizes = Sizes()
    rng = np.random.default_rng(4)
    told = [sizes.add("I", int(rng.normal(30_000, 300)), True, learn=True) for _ in range(300)]
    assert not any(told)
    assert any(sizes.add("I", 36_000, True, learn=False) for _ in range(3))
