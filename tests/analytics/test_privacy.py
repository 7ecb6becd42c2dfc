"""What a privacy mask covers is black before anything is made of the picture."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from analytics import privacy_store, store
from analytics.model import Ending, Firing, Frame, Gray, PrivacyMask, Watch
from analytics.pipeline import Pipeline
from analytics.privacy import Privacy, check_mask
from gis.clock import ManualClock
from gis.db import Database, Listener
from gis.errors import InvalidInput, NotFound, StaleVersion
from tests.analytics.conftest import Scene, Thing

AT = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
LEFT = ((0.0, 0.0), (0.5, 0.0), (0.5, 1.0), (0.0, 1.0))


class _Bright:
    """A white picture of the camera's size."""

    def bgr(self) -> NDArray[np.uint8]:
        return np.full((200, 400, 3), 255, np.uint8)


def _frame(gray: Gray | None = None) -> Frame:
    small = np.full((100, 200), 255, np.uint8) if gray is None else gray
    return Frame(1, 1, AT, small, 400, 200, 0.0, _Bright())


def _mask(points: tuple[tuple[float, float], ...] = LEFT, preset: str | None = None) -> PrivacyMask:
    return PrivacyMask(1, 1, "窗", points, 1, preset)


def test_both_pictures_are_black_where_the_mask_is_and_as_they_were_elsewhere() -> None:
    source = np.full((100, 200), 255, np.uint8)
    source.setflags(write=False)  # as the decoder's own memory
    frame = Privacy([_mask()]).cover(_frame(source))
    bgr = frame.picture.bgr()
    assert not frame.gray[:, :100].any() and (frame.gray[:, 102:] == 255).all()
    assert not bgr[:, :200].any() and (bgr[:, 206:] == 255).all()
    assert frame.hidden is not None and (frame.hidden[:, :100] == 255).all()
    assert (source == 255).all()


def test_without_a_mask_the_very_same_frame_comes_back() -> None:
    frame = _frame()
    assert Privacy().cover(frame) is frame


def test_while_the_camera_turns_nothing_is_shown_of_a_camera_with_masks() -> None:
    frame = Privacy([_mask(preset="3")], turning=True).cover(_frame())
    assert not frame.gray.any() and not frame.picture.bgr().any()
    bare = _frame()
    assert Privacy(turning=True).cover(bare) is bare


def test_the_pipeline_blacks_all_out_while_the_camera_turns() -> None:
    pipeline = Pipeline(Watch(1, "CAM-1", None, (), (_mask(),)), ManualClock(AT))
    packets = list(Scene().packets(0.4))
    frames = [f for p in packets[:2] for f in pipeline.decoder.decode(p, 0.0)]
    pipeline.reconfigure(replace(pipeline.watch, moving=True, view_since=AT))
    frames += [f for p in packets[2:] for f in pipeline.decoder.decode(p, 0.0)]
    assert [bool(f.gray[:, 200:].any()) for f in frames] == [True, True, False, False]


@pytest.mark.parametrize(
    ("points", "said"),
    [
        (((0.1, 0.1), (0.9, 0.9)), "needs at least 3 different points, got 2"),
        (((0.1, 0.1), (1.2, 0.1), (0.5, 0.5)), "point 2 is (1.2, 0.1), outside the picture"),
        (((0.1, 0.1), (0.9, 0.9), (0.9, 0.1), (0.1, 0.9)), "crosses itself"),
        (((0.1, 0.1), (0.1001, 0.1), (0.1, 0.1001)), "too little to hide anything"),
    ],
)
def test_what_encloses_nothing_is_refused(
    points: tuple[tuple[float, float], ...], said: str
) -> None:
    with pytest.raises(InvalidInput) as error:
        check_mask(points)
    assert said in str(error.value) and error.value.field == "points"


def test_nothing_moves_and_nothing_is_stored_of_what_a_mask_covers() -> None:
    scene = Scene(things=[Thing((-3.0, 14.0), (-2.0, 10.0), 3.0, 12.0)])
    seen: dict[bool, int] = {}
    dark: list[bool] = []
    for masked in (False, True):
        masks = (_mask(),) if masked else ()
        pipeline = Pipeline(Watch(1, "CAM-1", None, (), masks), ManualClock(AT))
        for packet in scene.packets(12.0):
            for frame in pipeline.decoder.decode(packet, 0.0):
                dark.append(not frame.picture.bgr()[:, : frame.width_px // 2].any())
            break
        pipeline = Pipeline(Watch(1, "CAM-1", None, (), masks), ManualClock(AT))
        records = [r for p in scene.packets(12.0) for r in pipeline.process(p, 0.0).records]
        seen[masked] = len([*records, *pipeline.finish()])
    assert seen == {False: 1, True: 0}
    assert dark == [False, True]


def test_a_mask_drawn_while_the_camera_runs_holds_from_the_next_picture() -> None:
    pipeline = Pipeline(Watch(1, "CAM-1", None, ()), ManualClock(AT))
    packets = list(Scene().packets(0.4))
    frames = [f for p in packets[:2] for f in pipeline.decoder.decode(p, 0.0)]
    pipeline.reconfigure(replace(pipeline.watch, masks=(_mask(),)))
    frames += [f for p in packets[2:] for f in pipeline.decoder.decode(p, 0.0)]
    assert [f.hidden is not None for f in frames] == [False, False, True, True]


# --- stored -----------------------------------------------------------------------------------------------------


@pytest.fixture
def camera_id(database: Database) -> int:
    row = database.row(
        "INSERT INTO camera (code, name, url, geom, analysed) VALUES ('a', 'a', 'rtsp://127.0.0.1/x', "
        "ST_SetSRID(ST_MakePoint(120.98, 31.38), 4326), true) RETURNING id"
    )
    assert row is not None
    return int(row.id)


def test_masks_are_stored_changed_and_removed(database: Database, camera_id: int) -> None:
    listener = Listener(database, ("privacy_mask",))
    listener.wait(0.1)
    made = privacy_store.add(database, camera_id, "窗", LEFT, "2")
    assert store.watches(database)[0].masks == (made,)
    assert listener.wait(5.0) == [("privacy_mask", str(made.id))]

    def change(version: int, **values: Any) -> PrivacyMask:
        with database.transaction() as cursor:
            wanted = privacy_store.MaskChange(**values)
            return privacy_store.change(cursor, made.id, version, wanted)

    changed = change(1, name="二楼窗")
    assert (changed.name, changed.points, changed.version) == ("二楼窗", LEFT, 2)
    with pytest.raises(StaleVersion):
        change(1, name="门")
    always = change(2, preset=None)
    assert (changed.preset, always.preset, always.name) == ("2", None, "二楼窗")
    assert privacy_store.mask(database, made.id) == always
    with database.transaction() as cursor:
        privacy_store.delete(cursor, made.id, 3)
    assert store.watches(database)[0].masks == ()
    with pytest.raises(NotFound):
        privacy_store.mask(database, made.id)
    with pytest.raises(NotFound, match="no camera 99"):
        privacy_store.add(database, 99, "x", LEFT)
    listener.close()


def test_a_mask_that_is_switched_off_hides_nothing_until_it_is_on_again(
    database: Database, camera_id: int
) -> None:
    made = privacy_store.add(database, camera_id, "窗", LEFT)
    for version, enabled in ((1, False), (2, True)):
        wanted = privacy_store.MaskChange(enabled=enabled)
        with database.transaction() as cursor:
            mask = privacy_store.change(cursor, made.id, version, wanted)
        assert store.watches(database)[0].masks == ((mask,) if enabled else ())
        assert privacy_store.masks(database) == [mask]


def test_the_end_of_an_event_is_noted_once(database: Database, camera_id: int) -> None:
    database.run(
        "INSERT INTO event (uid, camera_id, rule, kind, priority, confidence, at, box, why, why_en) "
        "VALUES (gen_random_uuid(), %(camera)s, 'camera_dark', 'scene', 3, 1, %(at)s, '{0,0,1,1}', '暗', 'dark')",
        {"camera": camera_id, "at": AT},
    )
    blurred = Ending(camera_id, "camera_blurred", None, AT)
    dark = Ending(camera_id, "camera_dark", None, AT)
    assert store.end_event(database, blurred) == 0
    assert store.end_event(database, dark) == 1
    assert store.end_event(database, dark) == 0
    assert Firing("camera_dark", 3, None, "scene", 1.0, (0, 0, 1, 1), "亮", "light", over=True).over
