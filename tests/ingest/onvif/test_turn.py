from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable

import pytest

from ingest.onvif.device import open_device
from ingest.onvif.errors import DeviceFailed
from ingest.onvif.model import Abilities, Preset, Vector
from ingest.onvif.turn import Turning
from tests.ingest.streams import until
from tests.support.onvif_device import TDS, TR2, TRT, Oddities, TestDevice, onvif_device


def _turn(device: TestDevice, use: Callable[[Turning], Awaitable[None]]) -> None:
    async def run() -> None:
        async with open_device(device.url, device.user, device.password) as opened:
            await use(Turning(opened, "Profile_1"))

    asyncio.run(run())


def test_it_moves_while_told_and_stops_by_itself() -> None:
    async def use(turning: Turning) -> None:
        await turning.move(Vector(pan=1.0, tilt=-0.5, zoom=1.0), 0.4)

    with onvif_device() as device:
        _turn(device, use)
        assert device.ptz.moving
        pan, tilt, zoom = until(lambda: not device.ptz.moving and device.ptz.where(), "its stop")
        assert pan == pytest.approx(0.5)  # a whole second at half the range a second
        assert tilt == pytest.approx(-0.25) and zoom == pytest.approx(0.5)


def test_it_stops_when_told() -> None:
    async def use(turning: Turning) -> None:
        await turning.move(Vector(pan=-1.0), 5)
        await turning.stop()

    with onvif_device() as device:
        _turn(device, use)
        assert not device.ptz.moving
        assert device.calls[-2:] == ["ContinuousMove", "Stop"]


def test_steps_positions_and_zoom_alone() -> None:
    async def use(turning: Turning) -> None:
        await turning.go(Vector(pan=0.5, tilt=0.2))
        await turning.step(Vector(pan=-0.1, tilt=0.1))
        await turning.go(Vector(zoom=0.75))

    with onvif_device() as device:
        _turn(device, use)
        for got, wanted in zip(device.ptz.where(), (0.4, 0.3, 0.75), strict=True):
            assert math.isclose(got, wanted, abs_tol=1e-6)


def test_presets_are_listed_made_replaced_called_and_removed() -> None:
    async def use(turning: Turning) -> None:
        assert await turning.presets() == [Preset("1", "大门 Gate", Vector(0.5, 0.1, 0.0))]
        assert (await turning.status()).moving is False
        await turning.go(Vector(pan=-0.7, tilt=0.0))
        made = await turning.set_preset("北墙")
        assert made == Preset("2", "北墙")
        assert await turning.set_preset("北墙 2", "2") == Preset("2", "北墙 2")
        await turning.goto("1")
        assert device.ptz.where()[0] == 0.5
        await turning.goto("2")
        assert device.ptz.where()[0] == pytest.approx(-0.7)
        await turning.remove_preset("1")
        assert [(p.token, p.name) for p in await turning.presets()] == [("2", "北墙 2")]
        with pytest.raises(DeviceFailed, match="ptz: the device refuses GotoPreset: no preset 1"):
            await turning.goto("1")

    with onvif_device() as device:
        _turn(device, use)


def test_without_a_profile_the_first_that_turns_is_taken() -> None:
    async def run(device: TestDevice) -> str:
        async with open_device(device.url, device.user, device.password) as opened:
            return (await Turning.of(opened, None)).profile

    with onvif_device() as device:
        assert asyncio.run(run(device)) == "Profile_1"
        assert "GetStreamUri" not in device.calls


def test_abilities_are_read_from_its_nodes() -> None:
    async def use(turning: Turning) -> None:
        found = await turning.abilities()
        assert found == Abilities(
            pan_tilt=True, zoom=True, absolute=True, relative=True, presets=100
        )

    with onvif_device() as device:
        _turn(device, use)


def test_a_fault_and_a_missing_service_are_said() -> None:
    async def move(turning: Turning) -> None:
        await turning.move(Vector(pan=1.0), 1)

    with (
        onvif_device(Oddities(faults={"ContinuousMove": "电机故障 motor"})) as device,
        pytest.raises(DeviceFailed, match="ptz: the device refuses ContinuousMove: 电机故障 motor"),
    ):
        _turn(device, move)
    with (
        onvif_device(Oddities(services=(TDS, TRT, TR2))) as device,
        pytest.raises(DeviceFailed, match="ptz: the device has no pan-tilt-zoom service"),
    ):
        _turn(device, move)
