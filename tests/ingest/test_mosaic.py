"""Mosaics and conditional snapshots: what is shown, what is decoded, and how often."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest

from gis.clock import ManualClock
from gis.errors import InvalidInput
from gis.model import LonLat
from ingest.live import mosaic
from ingest.live.hub import LiveHub
from ingest.live.mosaic import TILE_EVERY_S, Layout, Mosaics, Tile, compose
from ingest.live.snapshot import Snapshots
from ingest.model import Camera
from ingest.unit import MediaUnit
from tests.ingest.streams import START, units


def camera(camera_id: int) -> Camera:
    return Camera(
        camera_id, f"cam-{camera_id}", "", None, "rtsp://h/x", None, None, LonLat(121, 31), None,
        True, True, True, True, 30, 1,
    )  # fmt: skip


def feed(hub: LiveHub, camera_id: int, unit: MediaUnit, stream: str = "main") -> None:
    packet = replace(unit.packet, camera_id=camera_id, stream=stream)
    hub.unit(camera(camera_id), replace(unit, packet=packet))


def pixels(jpeg: bytes) -> np.ndarray:
    picture = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None
    return picture


TILES = [Tile(1, "gate"), Tile(2, "yard"), Tile(3, "roof")]


def test_live_cameras_show_their_picture_and_others_a_dark_tile_with_their_code() -> None:
    hub = LiveHub()
    feed(hub, 1, units()[0])
    mosaics = Mosaics(hub, ManualClock(START))
    shown = pixels(mosaics.take(TILES, 2, 642).jpeg)
    assert shown.shape == (2 * 180 + 2, 642, 3)
    first, second = shown[:180, :320], shown[:180, 322:]
    assert first.mean() > 60
    assert second.mean() < 40
    assert second.max() > 120  # the code is written there


def test_the_cost_is_bounded_by_time_and_by_key_frames() -> None:
    hub, clock = LiveHub(), ManualClock(START)
    stream = units()
    for number in (1, 2):
        feed(hub, number, stream[0])
    mosaics = Mosaics(hub, clock)
    one = mosaics.take(TILES, 2, 642)
    assert mosaics.decoded == 2
    assert mosaics.take(TILES, 2, 642) == one
    clock.advance(TILE_EVERY_S + 1)
    assert mosaics.take(TILES, 2, 642) == one  # no new key frame, nothing to decode
    assert mosaics.decoded == 2
    feed(hub, 1, stream[10])
    other = mosaics.take(TILES, 2, 642)
    assert (other.etag != one.etag, mosaics.decoded) == (True, 3)
    feed(hub, 1, stream[20])  # sooner than every two seconds
    assert mosaics.take(TILES, 2, 642).etag == other.etag
    clock.advance(TILE_EVERY_S + 1)
    assert mosaics.take(TILES, 2, 642).etag != other.etag
    assert mosaics.decoded == 4


def test_all_together_cost_no_more_than_the_budget(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mosaic, "DECODES_AT_ONCE", 4.0)
    monkeypatch.setattr(mosaic, "DECODES_PER_S", 1.0)
    hub, clock, stream = LiveHub(), ManualClock(START), units()
    tiles = [Tile(number, f"c{number}") for number in range(1, 7)]
    mosaics = Mosaics(hub, clock)
    for number in range(1, 7):
        feed(hub, number, stream[0])
    mosaics.take(tiles, 3, 966)
    assert mosaics.decoded == 6  # nobody stays without a first picture
    for key in (10, 20, 30, 40):
        for number in range(1, 7):
            feed(hub, number, stream[key])
        clock.advance(3)
        mosaics.take(tiles, 3, 966)
    assert mosaics.decoded == 6 + 4 * 3


def test_a_camera_that_ends_goes_dark_at_once_and_comes_back_at_once() -> None:
    hub, clock = LiveHub(), ManualClock(START)
    feed(hub, 1, units()[0])
    mosaics = Mosaics(hub, clock)
    live = mosaics.take(TILES[:1], 1, 320)
    hub.ended(camera(1), "main", "no_packets")
    dark = mosaics.take(TILES[:1], 1, 320)
    assert pixels(dark.jpeg).mean() < 40 < pixels(live.jpeg).mean()
    feed(hub, 1, units(session=2)[0])
    assert pixels(mosaics.take(TILES[:1], 1, 320).jpeg).mean() > 40


def test_the_small_stream_is_taken_where_there_is_one() -> None:
    hub = LiveHub()
    feed(hub, 1, units()[0])
    feed(hub, 1, units(width_px=64, height_px=36)[10], "sub")
    snapshots = Snapshots(hub)
    assert pixels(snapshots.take(1).jpeg).shape[1] == 320
    assert pixels(snapshots.take(1, "sub").jpeg).shape[1] == 64
    mosaics = Mosaics(hub, ManualClock(START))
    sub = mosaics.take(TILES[:1], 1, 320)
    hub.ended(camera(1), "sub", "no_packets")
    assert snapshots.take(1, "sub") == snapshots.take(1)
    feed(hub, 1, units()[10])
    assert mosaics.take(TILES[:1], 1, 320) == sub  # the tile is not looked at again yet


@pytest.mark.parametrize(
    ("count", "columns", "width_px", "field"),
    [
        (0, 1, 640, "ids"),
        (101, 10, 640, "ids"),
        (4, 0, 640, "columns"),
        (4, 2, 5000, "width"),
        (100, 100, 640, "columns"),
    ],
)
def test_a_layout_that_cannot_be_is_refused_by_field(
    count: int, columns: int, width_px: int, field: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        Layout(count, columns, width_px)
    assert refused.value.field == field


def test_pictures_of_other_shapes_stand_centred_or_are_cut() -> None:
    layout = Layout(2, 2, 322)
    tall = np.full((200, 160, 3), 200, np.uint8)
    flat = np.full((40, 160, 3), 200, np.uint8)
    out = compose(layout, [Tile(1, ""), Tile(2, "")], [tall, flat])
    assert out[:90, :160].min() == 200
    assert out[45, 200].min() == 200
    assert out[5, 200].max() < 40
