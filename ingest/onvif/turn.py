"""Pan, tilt, zoom and presets of one device (ONVIF PTZ Service Specification)."""

from __future__ import annotations

import math
from datetime import timedelta
from typing import Any

from gis.said import say
from ingest.onvif.device import Device
from ingest.onvif.errors import DeviceFailed
from ingest.onvif.model import Abilities, Preset, Status, Vector
from ingest.onvif.soap import PTZ


class Turning:
    """Turns the device by one media ``profile`` (token)."""

    def __init__(self, device: Device, profile: str) -> None:
        if not device.has(PTZ):
            raise DeviceFailed(
                "ptz",
                say(
                    "device_no_ptz",
                    "the device has no pan-tilt-zoom service, or the account may not turn it",
                ),
            )
        self.device = device
        self.profile = profile

    @classmethod
    async def of(cls, device: Device, profile: str | None) -> Turning:
        """Turns by ``profile``, or where that is None by the first that can be turned."""
        if profile is None and device.has(PTZ):
            profile = await device.turning_profile()
            if profile is None:
                raise DeviceFailed(
                    "ptz",
                    say(
                        "device_no_turning_profile",
                        "none of the device's media profiles can be turned",
                    ),
                )
        return cls(device, profile or "")

    async def move(self, velocity: Vector, timeout_s: float) -> None:
        """Moves until told otherwise, or for ``timeout_s``: the device stops by itself then, rounded up to whole
        seconds because many read no fractions."""
        await self._call(
            "ContinuousMove",
            Velocity=_vector(velocity),
            Timeout=timedelta(seconds=math.ceil(timeout_s)),
        )

    async def step(self, by: Vector) -> None:
        """Moves a step from where it stands."""
        await self._call("RelativeMove", Translation=_vector(by))

    async def go(self, to: Vector) -> None:
        """Moves to a position."""
        await self._call("AbsoluteMove", Position=_vector(to))

    async def stop(self) -> None:
        """Stops every axis."""
        await self._call("Stop", PanTilt=True, Zoom=True)

    async def presets(self) -> list[Preset]:
        """The positions it remembers; those without a token, which cannot be called, left out."""
        told = await self._call("GetPresets")
        return [
            Preset(
                preset.token,
                preset.Name or preset.token,
                _position(getattr(preset, "PTZPosition", None)),
            )
            for preset in told or ()
            if getattr(preset, "token", None)
        ]

    async def status(self) -> Status:
        """Where it stands and whether it turns, as far as it says."""
        told = await self._call("GetStatus")
        how = getattr(told, "MoveStatus", None)
        axes = [getattr(how, name, None) for name in ("PanTilt", "Zoom")] if how else []
        said = [str(axis) for axis in axes if axis in ("IDLE", "MOVING")]
        moving = "MOVING" in said if said else None
        return Status(moving, _position(getattr(told, "Position", None)))

    async def set_preset(self, name: str, token: str | None = None) -> Preset:
        """Remembers where it stands, as a new preset or in place of ``token``."""
        values = {"PresetName": name} | ({"PresetToken": token} if token else {})
        made = await self._call("SetPreset", **values)
        made = made if isinstance(made, str) else getattr(made, "PresetToken", None)
        if not made:
            raise DeviceFailed(
                "ptz",
                say(
                    "device_no_preset_token",
                    "the device gave the preset '{name}' no token",
                    name=name,
                ),
            )
        return Preset(made, name)

    async def remove_preset(self, token: str) -> None:
        """Forgets a position."""
        await self._call("RemovePreset", PresetToken=token)

    async def goto(self, token: str) -> None:
        """Moves to a remembered position."""
        await self._call("GotoPreset", PresetToken=token)

    async def abilities(self) -> Abilities:
        """What it offers, over all its nodes."""
        told = await self.device.call(PTZ, "GetNodes")
        spaces = [node.SupportedPTZSpaces for node in told or () if node.SupportedPTZSpaces]

        def any_of(*names: str) -> bool:
            return any(getattr(space, name, None) for space in spaces for name in names)

        return Abilities(
            pan_tilt=any_of("ContinuousPanTiltVelocitySpace"),
            zoom=any_of("ContinuousZoomVelocitySpace"),
            absolute=any_of("AbsolutePanTiltPositionSpace", "AbsoluteZoomPositionSpace"),
            relative=any_of("RelativePanTiltTranslationSpace", "RelativeZoomTranslationSpace"),
            presets=max((node.MaximumNumberOfPresets or 0 for node in told or ()), default=0),
        )

    async def _call(self, operation: str, **values: Any) -> Any:
        return await self.device.call(PTZ, operation, ProfileToken=self.profile, **values)


def _position(told: Any) -> Vector | None:
    """A position as the device gives it; None where it names no axis."""
    turning, closer = getattr(told, "PanTilt", None), getattr(told, "Zoom", None)
    if turning is None and closer is None:
        return None
    return Vector(
        None if turning is None or turning.x is None else float(turning.x),
        None if turning is None or turning.y is None else float(turning.y),
        None if closer is None or closer.x is None else float(closer.x),
    )


def _vector(of: Vector) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if of.pan is not None or of.tilt is not None:
        found["PanTilt"] = {"x": of.pan or 0.0, "y": of.tilt or 0.0}
    if of.zoom is not None:
        found["Zoom"] = {"x": of.zoom}
    return found
