"""Radial distortion: against OpenCV, its inverse, and what no lens does."""

from __future__ import annotations

import math

import cv2
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from gis.errors import InvalidInput
from gis.lens import Lens


def test_opencv_bends_the_same() -> None:
    rng = np.random.default_rng(1)
    points = rng.uniform(-0.8, 0.8, (50, 2))
    theirs, _ = cv2.projectPoints(
        np.column_stack([points, np.ones(50)]),
        np.zeros(3),
        np.zeros(3),
        np.eye(3),
        np.array([-0.21, 0.04, 0, 0]),
    )
    assert np.allclose(Lens(-0.21, 0.04, 0.9).bend(points), theirs.reshape(-1, 2), atol=1e-12)


@settings(max_examples=200, deadline=None)
@given(
    st.floats(-0.4, 0.4),
    st.floats(-0.15, 0.15),
    st.floats(0.2, 1.4),
    st.floats(0, 1),
    st.floats(0, 6.3),
)
def test_unbend_undoes_bend_all_over_the_picture(
    k1: float, k2: float, corner: float, share: float, angle: float
) -> None:
    try:
        lens = Lens(k1, k2, corner)
    except InvalidInput:
        assume(False)
    seen = np.array([[math.cos(angle), math.sin(angle)]]) * corner * share
    assert np.allclose(lens.bend(lens.unbend(seen)), seen, atol=1e-9)


def test_what_is_out_of_the_picture_stays_out() -> None:
    """Past its turning point the polynomial would draw far points back into the picture."""
    lens = Lens(-0.3, 0.0, 0.6)
    radius = np.linspace(0.0, 50.0, 500)
    bent = lens.bend(np.column_stack([radius, np.zeros_like(radius)]))[:, 0]
    assert (np.diff(bent) > 0).all()


def test_a_lens_that_folds_the_picture_is_refused() -> None:
    with pytest.raises(InvalidInput, match=r"k1=-0\.5, k2=0 folds the picture"):
        Lens(-0.5, 0.0, 0.9)
