"""The nouns of ONVIF as the rest of the program uses them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FoundDevice:
    """A device that answered a probe. ``url`` is its device service on the address that it answered from."""

    uuid: str  # its endpoint reference, the same over restarts
    url: str
    address: str
    name: str
    hardware: str
    locations: tuple[str, ...]
    said: tuple[str, ...]  # the addresses as it gave them


@dataclass(frozen=True, slots=True)
class DeviceInfo:
    """What the device says of itself."""

    maker: str
    model: str
    firmware: str
    serial: str


@dataclass(frozen=True, slots=True)
class MediaProfile:
    """One stream that the device offers. Addresses are without user and password, on the host that was asked.

    ``codec`` is ``h264``, ``hevc``, ``mjpeg`` or, in lower case, what the device calls it; None where it does
    not say. ``stream_url`` is RTP over RTSP over TCP.
    """

    token: str
    name: str
    codec: str | None
    width_px: int | None
    height_px: int | None
    fps: float | None
    bitrate_bps: int | None
    ptz: bool
    stream_url: str | None = None
    snapshot_url: str | None = None


@dataclass(frozen=True, slots=True)
class Description:
    """A device, its streams, and which of them suit as main and sub stream (tokens)."""

    url: str
    info: DeviceInfo
    clock_ahead_s: float | None  # its clock minus ours; None where it does not tell the time
    profiles: tuple[MediaProfile, ...]
    main: str | None
    sub: str | None
    notes: tuple[str, ...]  # what is odd about it, a sentence each

    @property
    def ptz_profile(self) -> str | None:
        """The profile by which it is turned: the main one where that can be, else the first that can."""
        turning = [profile.token for profile in self.profiles if profile.ptz]
        return self.main if self.main in turning else next(iter(turning), None)

    def profile(self, token: str | None) -> MediaProfile | None:
        """The profile of that token."""
        return next((p for p in self.profiles if p.token == token), None)


@dataclass(frozen=True, slots=True)
class Vector:
    """Pan (right), tilt (up) and zoom (in).

    As a velocity or a step each is -1…1 of the most the device does; as a position pan and tilt are -1…1 of its
    range and zoom 0…1 (ONVIF's generic spaces, PTZ Service Specification, section 5.3). None: not this axis.
    """

    pan: float | None = None
    tilt: float | None = None
    zoom: float | None = None


@dataclass(frozen=True, slots=True)
class Preset:
    """A position that the device remembers; ``at`` is None where it does not tell it."""

    token: str
    name: str
    at: Vector | None = None


@dataclass(frozen=True, slots=True)
class Abilities:
    """What of turning the device offers."""

    pan_tilt: bool
    zoom: bool
    absolute: bool
    relative: bool
    presets: int  # how many it can remember


@dataclass(frozen=True, slots=True)
class Status:
    """Where a device stands: ``moving`` and ``at`` are None where it does not say."""

    moving: bool | None
    at: Vector | None
