"""The hub: who is handed what, whoever is late."""

from __future__ import annotations

import asyncio
import itertools
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.live import hub as hub_module
from ingest.live.hub import LiveHub, QueueViewer, StreamEnded, Viewer
from ingest.live.shared import LiveUnit
from ingest.unit import MediaUnit
from tests.ingest.streams import units
from tests.support.live import CAMERA


def drain(hub: LiveHub, feed: list[MediaUnit], joined_after: int) -> list[MediaUnit]:
    """What a viewer that joins after some units and reads only at the end is given."""

    async def watch() -> list[MediaUnit]:
        for unit in feed[:joined_after]:
            hub.unit(CAMERA, unit)
        viewer = QueueViewer()
        assert hub.join(viewer, CAMERA.id)
        for unit in feed[joined_after:]:
            hub.unit(CAMERA, unit)
            await asyncio.sleep(0)
        got = []
        while viewer._queue:
            got.append((await viewer.next()).unit)
        hub.forget(CAMERA.id)
        with pytest.raises(StreamEnded):
            await viewer.next()
        hub.leave(viewer)
        return got

    # Playwright keeps a loop running in the main thread, so this one runs in another.
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, watch()).result()


def test_joiner_begins_at_the_open_gop() -> None:
    stream = units()
    assert drain(LiveHub(), stream, 27) == stream[20:]


def test_slow_viewer_jumps_to_a_key_frame(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub_module, "QUEUE_UNITS", 14)
    hub, stream = LiveHub(), units()
    got = drain(hub, stream, 1)
    assert got[0].packet.key
    assert got == stream[-len(got) :]
    assert hub.dropped_gops >= 1


class Noting(Viewer):
    """Remembers what it was handed."""

    def __init__(self) -> None:
        super().__init__()
        self.taken: list[tuple[int, bool]] = []
        self.present: list[int] = []

    def take(self, unit: LiveUnit, replay_left: int) -> None:
        self.taken.append((unit.number, unit.key))
        if not replay_left:
            self.present.append(unit.number)

    def end(self) -> None:
        """Nothing to end."""


@settings(max_examples=80, deadline=None)
@given(
    st.lists(st.sampled_from(["key", "delta", "delta", "delta", "turn", "join", "again", "lost"])),
    st.integers(1, 6),
)
def test_whatever_happens_a_viewer_can_decode_what_it_is_handed(
    steps: list[str], late: int
) -> None:
    key, delta = units()[0], units()[1]

    async def play() -> list[Noting]:
        hub, viewers = LiveHub(), []
        hub.unit(CAMERA, key)
        for step in steps:
            if step in ("key", "delta"):
                hub.unit(CAMERA, key if step == "key" else delta)
            elif step == "turn":
                await asyncio.sleep(0)
            elif step == "join":
                viewers.append(Noting())
                hub.join(viewers[-1], CAMERA.id)
            elif step == "again" and viewers:
                hub.replay(viewers[0])
            elif step == "lost":
                hub.ended(CAMERA, "main", "no_packets")
        hub.unit(CAMERA, key)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        return viewers

    with pytest.MonkeyPatch.context() as patch, ThreadPoolExecutor(1) as pool:
        patch.setattr(
            hub_module, "QUEUE_UNITS", late
        )  # the event loop is late sooner than it can be
        for viewer in pool.submit(asyncio.run, play()).result():
            assert viewer.taken[0][1]
            for (before, _), (number, is_key) in itertools.pairwise(viewer.taken):
                assert is_key or number == before + 1
            assert viewer.present == sorted(set(viewer.present)) or "again" in steps
            assert viewer.taken[-1][1]  # the last unit reached everybody


def test_a_late_event_loop_costs_the_cameras_neither_time_nor_memory() -> None:
    key, delta = units()[0], units()[1]

    async def play() -> LiveHub:
        hub, viewer = LiveHub(), Noting()
        hub.unit(CAMERA, key)
        hub.join(viewer, CAMERA.id)
        for _ in range(3 * hub_module.QUEUE_UNITS):  # the loop does not get a turn
            hub.unit(CAMERA, delta)
        assert len(hub._channels[1, "main"].waiting) <= hub_module.QUEUE_UNITS
        await asyncio.sleep(0)
        assert [number for number, _ in viewer.taken] == [1]
        hub.unit(CAMERA, key)
        await asyncio.sleep(0)
        assert viewer.taken[-1] == (3 * hub_module.QUEUE_UNITS + 2, True)
        return hub

    with ThreadPoolExecutor(1) as pool:
        hub = pool.submit(asyncio.run, play()).result()
    assert hub.late_skips == 2
    assert hub.dropped_gops == 1
