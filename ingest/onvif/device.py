"""A device's services, clock, identity and media profiles."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from gis.said import say
from ingest.onvif import address
from ingest.onvif.errors import DeviceFailed
from ingest.onvif.model import Description, DeviceInfo, MediaProfile
from ingest.onvif.soap import DEVICE, MEDIA, MEDIA2, PTZ, Connection, Kind
from ingest.onvif.suggest import suggest

TIMEOUT_S = 8.0  # for one answer
DESCRIBE_TIMEOUT_S = 40.0  # for all of them
MAX_PROFILES = 32
_CLOCK_NOTED_S = 30.0
_CODECS = {"jpeg": "mjpeg", "h265": "hevc", "mpv4-es": "mpeg4"}


class Device:
    """A device that has been spoken to: its services' addresses are known, and its clock."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.notes: list[str] = []
        self._urls: dict[str, str] = {}

    @property
    def url(self) -> str:
        """The address of its device service."""
        return self.connection.asked.geturl()

    @property
    def clock_ahead_s(self) -> float | None:
        """Its clock minus ours; None where it does not tell the time."""
        ahead = self.connection.ahead
        return None if ahead is None else ahead.total_seconds()

    def has(self, kind: Kind) -> bool:
        """Whether it offers the service."""
        return kind.namespace in self._urls

    async def call(self, kind: Kind, operation: str, **values: Any) -> Any:
        """Calls an operation of one of its services. Raises :class:`DeviceFailed`."""
        step = {PTZ.namespace: "ptz", DEVICE.namespace: "onvif"}.get(kind.namespace, "profiles")
        url = self.url if kind is DEVICE else self._urls[kind.namespace]
        return await self.connection.call(kind, url, operation, step, **values)  # type: ignore[arg-type]

    async def begin(self) -> None:
        """Reads its clock, then its services. Raises :class:`DeviceFailed`."""
        await self._read_clock()
        await self._read_services()

    async def _read_clock(self) -> None:
        # Unsigned: the signature holds the time, and a device whose clock differs refuses what is signed with ours.
        # The library signs with the system's clock, so it is that one to compare with.
        before = datetime.now(UTC)
        try:
            answer = await self.connection.call(
                DEVICE, self.url, "GetSystemDateAndTime", "onvif", login=False
            )
        except DeviceFailed as error:
            if error.step == "connect" or "is no ONVIF service" in str(error):
                raise
            self.notes.append(
                "the device does not tell its time before login, so ours is used to sign"
            )
            return
        told = device_time(answer)
        if told is None:
            self.notes.append("the device's time cannot be read, so ours is used to sign")
            return
        # It tells whole seconds, on average half a one ago, and halfway through the call.
        half = timedelta(seconds=0.5)
        ahead = told + half - (before + (datetime.now(UTC) - before) / 2)
        if abs(ahead.total_seconds()) > _CLOCK_NOTED_S:
            self.notes.append(
                f"the device's clock is {abs(ahead.total_seconds()):.0f} s "
                f"{'ahead' if ahead > timedelta() else 'behind'}: set it by NTP"
            )
        await self.connection.with_clock(ahead)

    async def _read_services(self) -> None:
        try:
            answer = await self.connection.call(
                DEVICE, self.url, "GetServices", "services", IncludeCapability=False
            )
            said = [(service.Namespace, service.XAddr) for service in answer or ()]
        except DeviceFailed as error:
            if error.step in ("connect", "login"):
                raise
            said = await self._old_services()
        moved = False
        for namespace, given in said:
            url = address.service_url(given or "", self.connection.asked)
            if namespace and url:
                self._urls[namespace] = url
                moved = moved or not address.same_host(given, self.connection.asked)
        if moved:
            self.notes.append(
                "the device names its services on another host; they are asked on the one given"
            )

    async def _old_services(self) -> list[tuple[str, str]]:
        # Before GetServices there was GetCapabilities (Device Management, section 5.3).
        answer = await self.connection.call(
            DEVICE, self.url, "GetCapabilities", "services", Category=["All"]
        )
        parts = ((MEDIA, answer.Media), (PTZ, answer.PTZ))
        return [(kind.namespace, part.XAddr) for kind, part in parts if part is not None]

    async def info(self) -> DeviceInfo:
        """Maker, model, firmware and serial number."""
        told = await self.call(DEVICE, "GetDeviceInformation")
        fields = (told.Manufacturer, told.Model, told.FirmwareVersion, told.SerialNumber)
        return DeviceInfo(*((str(field).strip() if field else "") for field in fields))

    async def profiles(self) -> list[MediaProfile]:
        """Its streams with their addresses."""
        kind, profiles = await self._listed()
        return [await self._with_addresses(kind, profile) for profile in profiles]

    async def turning_profile(self) -> str | None:
        """The token of the first profile by which it is turned."""
        _, profiles = await self._listed()
        return next((profile.token for profile in profiles if profile.ptz), None)

    async def _listed(self) -> tuple[Kind, list[MediaProfile]]:
        """The profiles without addresses; by Media 2 where it is offered, for it alone knows H.265."""
        failure = DeviceFailed(
            "services",
            say(
                "device_no_media",
                "the device offers no media service: it is no camera, or the account may not see its streams",
            ),
        )
        for kind in (MEDIA2, MEDIA):
            if not self.has(kind):
                continue
            try:
                values = {"Type": ["All"]} if kind is MEDIA2 else {}
                answer = await self.call(kind, "GetProfiles", **values)
            except DeviceFailed as error:
                if error.step in ("connect", "login"):
                    raise
                failure = error
                continue
            read = [_profile(kind, told) for told in answer or ()]
            known = [profile for profile in read if profile is not None]
            if len(known) < len(read):
                self.notes.append(
                    f"{len(read) - len(known)} media profiles without a token left out"
                )
            if known:
                return kind, known[:MAX_PROFILES]
            failure = DeviceFailed(
                "profiles",
                say(
                    "device_no_profile", "the device has no media profile: make one on its web page"
                ),
            )
        raise failure

    async def _with_addresses(self, kind: Kind, profile: MediaProfile) -> MediaProfile:
        transport: dict[str, Any] = {
            "Protocol": "RTSP"
        }  # RTP in the RTSP connection: TCP, one port
        if kind is MEDIA:
            transport = {"StreamSetup": {"Stream": "RTP-Unicast", "Transport": transport}}
        asked, password = self.connection.asked, self.connection.password
        stream = await self._uri(kind, "GetStreamUri", profile, transport)
        snapshot = await self._uri(kind, "GetSnapshotUri", profile, {})
        moved = address.stream_url(stream, asked, password) if stream else None
        if stream and moved is None:
            self.notes.append(
                f"the stream address of profile '{profile.token}' is no rtsp:// address, or holds the password"
            )
        return replace(
            profile,
            stream_url=moved,
            snapshot_url=address.service_url(snapshot, asked) if snapshot else None,
        )

    async def _uri(
        self, kind: Kind, operation: str, profile: MediaProfile, values: dict[str, Any]
    ) -> str | None:
        try:
            answer = await self.call(kind, operation, ProfileToken=profile.token, **values)
        except DeviceFailed as error:
            if error.step in ("connect", "login"):
                raise
            if operation == "GetStreamUri":
                self.notes.append(f"profile '{profile.token}' has no stream address: {error}")
            return None
        uri = answer if isinstance(answer, str) else getattr(answer, "Uri", None)
        return uri or None


def device_time(answer: Any) -> datetime | None:
    """The UTC time in an answer to GetSystemDateAndTime; None where it has none, or an impossible one."""
    told = getattr(answer, "UTCDateTime", None)
    try:
        day, time = told.Date, told.Time  # type: ignore[union-attr]
        return datetime(
            day.Year, day.Month, day.Day, time.Hour, time.Minute, min(time.Second, 59), tzinfo=UTC
        )
    except (AttributeError, TypeError, ValueError):
        return None


def _profile(kind: Kind, told: Any) -> MediaProfile | None:
    token = getattr(told, "token", None)
    if not token:
        return None
    if kind is MEDIA2:
        video = getattr(told.Configurations, "VideoEncoder", None)
        turns = getattr(told.Configurations, "PTZ", None) is not None
    else:
        video, turns = told.VideoEncoderConfiguration, told.PTZConfiguration is not None
    size, rate = getattr(video, "Resolution", None), getattr(video, "RateControl", None)
    encoding = str(getattr(video, "Encoding", None) or "").lower()
    fps, kbps = getattr(rate, "FrameRateLimit", None), getattr(rate, "BitrateLimit", None)
    return MediaProfile(
        token=token,
        name=told.Name or token,
        codec=_CODECS.get(encoding, encoding) or None,
        width_px=getattr(size, "Width", None),
        height_px=getattr(size, "Height", None),
        fps=float(fps) if fps else None,
        bitrate_bps=kbps * 1000 if kbps else None,
        ptz=turns,
    )


@asynccontextmanager
async def open_device(
    url: str,
    user: str | None = None,
    password: str | None = None,
    timeout_s: float = TIMEOUT_S,
) -> AsyncIterator[Device]:
    """A device, its clock and services read. Raises :class:`InvalidInput` for a bad ``url``, :class:`DeviceFailed`."""
    device = await connect(url, user, password, timeout_s)
    try:
        yield device
    finally:
        await device.connection.close()


async def connect(
    url: str,
    user: str | None,
    password: str | None,
    timeout_s: float = TIMEOUT_S,
) -> Device:
    """The same, for the caller to close its ``connection``."""
    connection = Connection(address.parse_device_url(url), user, password, timeout_s)
    device = Device(connection)
    try:
        await device.begin()
    except BaseException:
        await connection.close()
        raise
    return device


async def describe(
    url: str,
    user: str | None = None,
    password: str | None = None,
    timeout_s: float = TIMEOUT_S,
) -> Description:
    """Who the device is and what streams it has. Raises :class:`InvalidInput` and :class:`DeviceFailed`."""
    try:
        async with (
            asyncio.timeout(DESCRIBE_TIMEOUT_S),
            open_device(url, user, password, timeout_s) as device,
        ):
            info = await device.info()
            profiles = tuple(await device.profiles())
            main, sub = suggest(profiles)
            ahead_s = device.clock_ahead_s
            return Description(device.url, info, ahead_s, profiles, main, sub, tuple(device.notes))
    except TimeoutError:
        where = address.place(address.parse_device_url(url))
        raise DeviceFailed(
            "connect",
            say(
                "device_slow",
                "'{place}' takes more than {limit_s} s to describe itself",
                place=where,
                limit_s=f"{DESCRIBE_TIMEOUT_S:g}",
            ),
        ) from None
