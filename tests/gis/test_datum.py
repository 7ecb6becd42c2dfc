"""Datum conversion against published vectors, and there and back."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gis.datum import CHINA, Datum, from_wgs84, place, to_wgs84
from gis.errors import InvalidInput
from gis.ground import LocalFrame
from gis.model import LonLat

inland_lon = st.floats(CHINA[0] + 0.02, CHINA[2] - 0.02)
inland_lat = st.floats(CHINA[1] + 0.02, CHINA[3] - 0.02)
shifted = st.sampled_from(["gcj02", "bd09"])


@pytest.mark.parametrize(
    ("lat", "lon", "gcj_lat", "gcj_lon"),
    [
        (39.915, 116.404, 39.91640428150164, 116.41024449916938),
        (31.1774276, 121.5272106, 31.17530398364597, 121.531541859215),
        (22.543847, 113.912316, 22.540796131694766, 113.9171764808363),
    ],
)
def test_gcj02_vectors(lat: float, lon: float, gcj_lat: float, gcj_lon: float) -> None:
    assert from_wgs84("gcj02", lon, lat) == pytest.approx((gcj_lon, gcj_lat), abs=1e-12)
    assert to_wgs84("gcj02", gcj_lon, gcj_lat) == pytest.approx((lon, lat), abs=1e-9)


def test_bd09_vector_is_of_the_gcj02_point() -> None:
    lon, lat = to_wgs84("gcj02", 116.404, 39.915)
    assert from_wgs84("bd09", lon, lat) == pytest.approx(
        (116.41036949371029, 39.92133699351021), abs=1e-9
    )
    assert to_wgs84("bd09", 116.41036949371029, 39.92133699351021) == pytest.approx(
        (lon, lat), abs=1e-9
    )


@settings(max_examples=80, deadline=None)
@given(shifted, inland_lon, inland_lat)
def test_there_and_back_is_the_same_place(datum: Datum, lon: float, lat: float) -> None:
    back = to_wgs84(datum, *from_wgs84(datum, lon, lat))
    assert back == pytest.approx((lon, lat), abs=1e-9)  # 0.1 mm


@settings(max_examples=80, deadline=None)
@given(inland_lon, inland_lat)
def test_the_shift_is_some_hundred_metres(lon: float, lat: float) -> None:
    east, north = LocalFrame(LonLat(lon, lat)).to_enu(*from_wgs84("gcj02", lon, lat))
    assert 5.0 < np.hypot(east, north) < 1200.0


@pytest.mark.parametrize(("lon", "lat"), [(7.42, 43.73), (-0.12, 51.5), (151.2, -33.9), (0.0, 0.0)])
@pytest.mark.parametrize("datum", ["gcj02", "bd09"])
def test_outside_china_nothing_moves(datum: Datum, lon: float, lat: float) -> None:
    assert from_wgs84(datum, lon, lat) == (lon, lat)
    assert to_wgs84(datum, lon, lat) == (lon, lat)


def test_arrays_give_what_single_points_give() -> None:
    lon = np.array([116.404, 121.5272106, 7.42])
    lat = np.array([39.915, 31.1774276, 43.73])
    for datum in ("gcj02", "bd09"):
        many = np.column_stack(from_wgs84(datum, lon, lat))
        back = np.column_stack(to_wgs84(datum, many[:, 0], many[:, 1]))
        for i in range(3):
            assert tuple(many[i]) == from_wgs84(datum, float(lon[i]), float(lat[i]))
        assert back == pytest.approx(np.column_stack([lon, lat]), abs=1e-9)


def test_wrong_datum_and_impossible_place_are_named() -> None:
    with pytest.raises(InvalidInput, match="cgcs"):
        to_wgs84("cgcs", 120.0, 31.0)  # type: ignore[call-overload]
    with pytest.raises(InvalidInput, match="latitude"):
        place("gcj02", 31.0, 120.0)
