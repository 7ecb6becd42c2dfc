"""The cameras that are being turned: their connections, and what happens when nobody says anything more.

A move ends by itself three ways: the device was told how long (ONVIF's Timeout), this console tells it to stop when
that time is over, and whoever moved it may say so before. A camera with a home returns there when it has rested long
enough; that is read from the rows, so it outlives this process.
"""

from __future__ import annotations

import asyncio
import importlib
import logging
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from gis.clock import Clock
from gis.db import Database
from gis.errors import DatabaseAway, WrongState
from gis.said import say
from ingest.onvif.errors import DeviceFailed
from ingest.onvif.model import Abilities, Preset, Status, Vector
from web.ptz import store
from web.ptz.standing import ELSEWHERE, MOVING, Standing, judge
from web.ptz.store import Turnable

if TYPE_CHECKING:
    from ingest.onvif.turn import Turning

_log = logging.getLogger(__name__)
DEVICE_TIMEOUT_S = 4.0  # somebody waits with a finger on the key
CLOSE_AFTER_S = 60.0
SETTLE_LOOK_S = 0.4
SETTLE_MOST_S = 40.0  # a slow head from one end to the other
SETTLE_BLIND_S = 4.0  # of a device that does not say whether it moves
LOOKS_AT_ONCE = 8
REST_AFTER_FAILURE_S = 60.0


@dataclass(slots=True)
class _Head:
    """One camera's connection. ``turn`` lets one command through at a time, in the order they came."""

    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    turning: Turning | None = None
    camera: Turnable | None = None  # as it was when connected
    commands: int = 0  # grows with each, so that a late stop sees that it is out of date
    moving: bool = False
    presets: list[Preset] | None = None
    abilities: Abilities | None = None
    closing: asyncio.TimerHandle | None = None
    sent_to: str | None = (
        None  # the preset it was sent to last, if nothing else was asked of it since
    )
    settling: bool = False
    noted: Standing | None = None
    look_after_s: float = 0.0


class Heads:
    """Turns cameras. Every method raises :class:`WrongState` for a camera that does not turn and
    :class:`DeviceFailed`; who may turn it is settled before, in :mod:`web.ptz.store`."""

    def __init__(
        self,
        database: Database,
        key: bytes,
        clock: Clock,
        home_look_s: float,
        stand_look_s: float = 5.0,
    ) -> None:
        self._database, self._key, self._clock = database, key, clock
        self._home_look_s, self._stand_look_s = home_look_s, stand_look_s
        self._heads: dict[int, _Head] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        """Begins to look for cameras that are to return home, and at where each stands."""
        self._spawn(self._bring_home())
        self._spawn(self._look_round())

    async def stop(self) -> None:
        """Stops what moves and closes every connection."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.gather(*(self._end(head) for head in self._heads.values()))
        self._heads.clear()

    def check(self, camera: Turnable) -> None:
        """Raises :class:`WrongState` for a camera that does not turn."""
        if not camera.ptz or camera.onvif_url is None:
            raise WrongState(
                say(
                    "camera_does_not_turn",
                    "camera {code} cannot be turned: an administrator gives it an ONVIF address and switches pan-tilt-zoom on",
                    code=camera.code,
                )
            )

    # --- commands ----------------------------------------------------------------------------------------------

    async def move(self, camera: Turnable, velocity: Vector, timeout_s: float) -> None:
        """Moves for ``timeout_s`` unless told again."""
        await self._note(camera, MOVING)
        async with self._turning(camera) as (head, turning):
            await turning.move(velocity, timeout_s)
            head.moving = True
            self._spawn(self._stop_late(camera, head, head.commands, timeout_s))
            self._settle(camera, head, None, timeout_s)

    async def step(self, camera: Turnable, by: Vector) -> None:
        """Moves a step."""
        await self._note(camera, MOVING)
        async with self._turning(camera) as (head, turning):
            self._settle(camera, head, None)
            await turning.step(by)

    async def go(self, camera: Turnable, to: Vector) -> None:
        """Moves to a position."""
        await self._note(camera, MOVING)
        async with self._turning(camera) as (head, turning):
            self._settle(camera, head, None)
            await turning.go(to)

    async def halt(self, camera: Turnable) -> None:
        """Stops."""
        async with self._turning(camera) as (head, turning):
            self._settle(camera, head, None)
            await turning.stop()

    async def halt_moving(self, camera: Turnable) -> None:
        """Stops it if it moves by a command of ours."""
        head = self._heads.get(camera.id)
        if head is not None and head.moving:
            await self.halt(camera)

    async def goto(self, camera: Turnable, token: str) -> None:
        """Moves to a preset."""
        await self._note(camera, MOVING)
        async with self._turning(camera) as (head, turning):
            self._settle(camera, head, token)
            await turning.goto(token)

    async def set_preset(self, camera: Turnable, name: str, token: str | None) -> Preset:
        """Remembers where it stands. Does not disturb a move, nor the look at where it ends."""
        async with self._turning(camera, command=False) as (head, turning):
            made = await turning.set_preset(name, token)
            head.presets = await turning.presets()
            return made

    async def remove_preset(self, camera: Turnable, token: str) -> None:
        """Forgets a preset. Does not disturb a move."""
        async with self._turning(camera, command=False) as (head, turning):
            await turning.remove_preset(token)
            head.presets = await turning.presets()

    async def facts(self, camera: Turnable) -> tuple[list[Preset], Abilities]:
        """The device's presets, and what of turning it offers. Does not disturb a move."""
        async with self._turning(camera, command=False) as (head, turning):
            head.presets = await turning.presets()
            if head.abilities is None:
                head.abilities = await turning.abilities()
            return head.presets, head.abilities

    def known(self, camera_id: int) -> tuple[list[Preset] | None, Abilities | None]:
        """The same as far as they are known, without asking."""
        head = self._heads.get(camera_id)
        return (None, None) if head is None else (head.presets, head.abilities)

    # --- where it stands ---------------------------------------------------------------------------------------

    async def _note(self, camera: Turnable, stands: Standing) -> None:
        head = self._heads.setdefault(camera.id, _Head())
        if head.settling and head.noted == stands:
            return  # a held key sends its move several times a second
        head.noted = stands
        await asyncio.to_thread(
            store.write_standing, self._database, camera.id, stands, self._clock.now()
        )

    def _settle(
        self, camera: Turnable, head: _Head, sent_to: str | None, after_s: float = 0.0
    ) -> None:
        """After a command, looks until the camera stands again; a later command looks for itself."""
        head.sent_to, head.settling = sent_to, True
        self._spawn(self._until_it_stands(camera, head, head.commands, after_s))

    async def _until_it_stands(
        self, camera: Turnable, head: _Head, command: int, after_s: float
    ) -> None:
        await asyncio.sleep(after_s)
        seen: Status | None = None
        waited_s = 0.0
        while head.commands == command:
            await asyncio.sleep(SETTLE_LOOK_S)
            waited_s += SETTLE_LOOK_S
            try:
                status, presets = await self._told(camera)
            except (DeviceFailed, WrongState):
                stands: Standing | None = ELSEWHERE  # it does not answer: nobody knows
                status = Status(False, None)
            else:
                stands = judge(status, presets, head.sent_to)
            if head.commands != command:
                return
            if status.moving is None and waited_s < SETTLE_BLIND_S:
                # Twice at one place is standing, where the device tells the place at all.
                still = seen is not None and status.at is not None and status.at == seen.at
                seen = status
                if not still:
                    continue
            if stands == MOVING and waited_s < SETTLE_MOST_S:
                continue
            head.settling = False
            await self._note(camera, stands or ELSEWHERE)
            return

    async def _told(self, camera: Turnable) -> tuple[Status, list[Preset]]:
        async with self._turning(camera, command=False) as (head, turning):
            if head.presets is None:
                head.presets = await turning.presets()
            return await turning.status(), head.presets

    async def _look_round(self) -> None:
        """Cameras are turned by others too: by their own pages, by patrols, from the command line."""
        at_once = asyncio.Semaphore(LOOKS_AT_ONCE)

        async def look(camera: Turnable) -> None:
            head = self._heads.setdefault(camera.id, _Head())
            if head.settling or self._clock.monotonic_s() < head.look_after_s:
                return
            async with at_once:
                command = head.commands
                try:
                    status, presets = await self._told(camera)
                except (DeviceFailed, WrongState):
                    # What was known stays; an unreachable device is not asked again at once.
                    head.look_after_s = self._clock.monotonic_s() + REST_AFTER_FAILURE_S
                    return
                stands = judge(status, presets, None)
                if stands is not None and head.commands == command and not head.settling:
                    await self._note(camera, stands)

        while True:
            await asyncio.sleep(self._stand_look_s)
            try:
                cameras = await asyncio.to_thread(store.turning, self._database, self._key)
                await asyncio.gather(*(look(camera) for camera in cameras))
            except DatabaseAway as error:
                _log.warning("ptz-not-looked-at reason=%s", error)

    # --- connections -------------------------------------------------------------------------------------------

    @asynccontextmanager
    async def _turning(
        self, camera: Turnable, command: bool = True
    ) -> AsyncIterator[tuple[_Head, Turning]]:
        self.check(camera)
        head = self._heads.setdefault(camera.id, _Head())
        async with head.turn:
            if command:
                head.commands += 1
                head.moving = False
            if head.turning is None or head.camera != camera:
                await self._end(head)
                head.turning, head.camera = await _connect(camera), camera
            try:
                yield head, head.turning
            except DeviceFailed as error:
                _log.warning("ptz-failed camera=%s reason=%s", camera.code, error)
                if error.step == "connect":
                    await self._end(head)
                raise
            finally:
                self._close_later(head)

    def _close_later(self, head: _Head) -> None:
        if head.closing is not None:
            head.closing.cancel()
        loop = asyncio.get_running_loop()
        head.closing = loop.call_later(CLOSE_AFTER_S, lambda: self._spawn(self._close_idle(head)))

    async def _close_idle(self, head: _Head) -> None:
        async with head.turn:
            await self._end(head)

    async def _end(self, head: _Head) -> None:
        """Closes a connection, stopping what moves first."""
        turning, head.turning = head.turning, None
        head.presets = head.abilities = None
        if head.closing is not None:
            head.closing.cancel()
            head.closing = None
        if turning is None:
            return
        if head.moving:
            head.moving = False
            try:
                await turning.stop()
            except DeviceFailed as error:
                _log.warning("ptz-not-stopped reason=%s", error)  # it stops by its own timeout
        await turning.device.connection.close()

    # --- when nobody says anything more ------------------------------------------------------------------------

    async def _stop_late(self, camera: Turnable, head: _Head, command: int, after_s: float) -> None:
        await asyncio.sleep(after_s)
        async with head.turn:
            if head.commands != command or not head.moving or head.turning is None:
                return
            head.moving = False
            try:
                await head.turning.stop()
            except DeviceFailed as error:
                _log.warning("ptz-not-stopped camera=%s reason=%s", camera.code, error)

    async def _bring_home(self) -> None:
        while True:
            await asyncio.sleep(self._home_look_s)
            now = self._clock.now()
            try:
                resting = await asyncio.to_thread(store.homeless, self._database, now, self._key)
                for camera in resting:
                    await self._home(camera)
            except DatabaseAway as error:
                _log.warning("ptz-home-not-looked reason=%s", error)

    async def _home(self, camera: Turnable) -> None:
        assert camera.ptz_home is not None
        began_at, moved_at = self._clock.now(), None
        try:
            await self.goto(camera, camera.ptz_home)
            _log.info("ptz-home camera=%s preset=%s", camera.code, camera.ptz_home)
        except DeviceFailed:
            moved_at = self._clock.now()  # tried again after the same rest
        await asyncio.to_thread(store.set_rested, self._database, camera.id, began_at, moved_at)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def _connect(camera: Turnable) -> Turning:
    # The SOAP library weighs tens of megabytes and takes most of a second: a console that turns no camera does
    # without it, and the first to turn one does not hold up the others.
    await asyncio.to_thread(importlib.import_module, "ingest.onvif.turn")
    from ingest.onvif import device
    from ingest.onvif.turn import Turning

    assert camera.onvif_url is not None
    opened = await device.connect(
        camera.onvif_url, camera.username, camera.password, DEVICE_TIMEOUT_S
    )
    try:
        return await Turning.of(opened, camera.onvif_profile)
    except BaseException:
        await opened.connection.close()
        raise
