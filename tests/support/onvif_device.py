"""An ONVIF device for tests: the demo's, odd on request. ::

with onvif_device(Oddities(clock_ahead_s=7200)) as device:
    device.url                  # http://127.0.0.1:<port>/onvif/device_service
    device.user, device.password
    device.ptz.where()          # (pan, tilt, zoom) now
    device.calls                # names of the operations it was asked for, those refused left out
"""

from __future__ import annotations

import contextlib
import hashlib
import re
import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from lxml import etree

from demo.cameras.discovery import DiscoveryResponder, probe_match
from demo.cameras.onvif_device import (
    TDS,
    TPTZ,
    TR2,
    TRT,
    OnvifDevice,
    Refused,
    Stream,
)
from demo.cameras.turret import Position, Turret

__all__ = [
    "STREAMS",
    "TDS",
    "TPTZ",
    "TR2",
    "TRT",
    "Oddities",
    "Stream",
    "TestDevice",
    "discovery_responder",
    "onvif_device",
    "probe_match",
]
USER, PASSWORD = "operator", "onvif-secret"
STREAMS = (
    Stream("Profile_1", "rtsp://127.0.0.1:554/main", "mainStream"),
    Stream("Profile_2", "rtsp://127.0.0.1:554/sub", "subStream", "H264", 640, 360, 15, 512),
)


@dataclass(frozen=True)
class Oddities:
    """How the device differs from a good one."""

    clock_ahead_s: float = 0.0
    impossible_time: bool = False
    time_needs_login: bool = False
    named_host: str | None = None  # the host:port in every address that it gives
    maker: str = "Wang"
    encoding: str = "utf-8"
    declares: str | None = "UTF-8"
    services: tuple[str, ...] = (TDS, TRT, TPTZ)
    http_digest: bool = False
    faults: dict[str, str] = field(default_factory=dict)  # operation -> reason
    answers: dict[str, tuple[int, bytes]] = field(default_factory=dict)  # operation -> raw answer
    redirect_to: str | None = None
    certificate: Path | None = None  # with its key: speaks TLS
    deaf_to_timeouts: bool = False  # turns until it is told to stop, as cheap ones do


class _DeafTurret(Turret):
    def move(self, velocity: Position, for_s: float) -> None:
        super().move(velocity, 1e6 if any(velocity) else for_s)


class _Raw(Exception):
    """An answer that is sent as it stands."""

    def __init__(self, status: int, content: bytes) -> None:
        self.status, self.content = status, content


class TestDevice(OnvifDevice):
    """The running device; see the module's text."""

    __test__ = False  # not a test class
    model, firmware = "Tower-2", "V5.7.3 build 230101"

    def __init__(self, odd: Oddities, streams: tuple[Stream, ...], login: tuple[str, str]) -> None:
        self.odd = odd
        self.services, self.maker = odd.services, odd.maker
        self.ptz = _DeafTurret() if odd.deaf_to_timeouts else Turret()
        self.ptz.presets = {"1": ("大门 Gate", (0.5, 0.1, 0.0))}
        self.calls: list[str] = []
        context = None
        if odd.certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(odd.certificate)
        super().__init__(*login, streams, self.ptz, tls=context)

    def now(self) -> datetime:
        return super().now() + timedelta(seconds=self.odd.clock_ahead_s)

    def answer(
        self, path: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[int, dict[str, str], bytes]:
        if self.odd.redirect_to:
            return 307, {"Location": self.odd.redirect_to}, b""
        if self.odd.http_digest and not self._http_digest_fits(path, headers):
            challenge = 'Digest realm="cam", nonce="0123456789abcdef", qop="auth", algorithm=MD5'
            return 401, {"WWW-Authenticate": challenge}, b""
        try:
            return super().answer(path, headers, body)
        except _Raw as raw:
            return raw.status, {"Content-Type": "application/soap+xml"}, raw.content

    def check_login(self, root: Any, operation: str) -> None:
        if self.odd.http_digest:
            return
        login_first = self.odd.time_needs_login and operation == "GetSystemDateAndTime"
        super().check_login(root, "any other" if login_first else operation)

    def handle(self, name: etree.QName, request: Any) -> str:
        operation = name.localname
        if operation in self.odd.faults:
            raise Refused("ter:Action", self.odd.faults[operation], 500)
        self.calls.append(operation)
        if operation in self.odd.answers:
            raise _Raw(*self.odd.answers[operation])
        text = super().handle(name, request)
        if operation == "GetSystemDateAndTime" and self.odd.impossible_time:
            text = re.sub(r"<tt:Hour>\d+<", "<tt:Hour>31<", text)
        return text

    def encode(self, envelope: str) -> bytes:
        declared = self.odd.declares
        head = f'<?xml version="1.0" encoding="{declared}"?>' if declared else ""
        return (head + envelope).encode(self.odd.encoding)

    def address(self, service: str) -> str:
        usual = super().address(service)
        if self.odd.named_host is None:
            return usual
        return usual.replace(f"{self.host}:{self.port}", self.odd.named_host)

    def _GetSnapshotUri(self, request: Any) -> str:
        """With a login inside, as some give it."""
        token = self._stream(request).token
        address = f"{self.address('snapshot')}?profile={token}&user=x&password=y"
        return self._uri(request, "GetSnapshotUri", address)

    def _http_digest_fits(self, path: str, headers: Mapping[str, str]) -> bool:
        """RFC 7616 with MD5."""
        said = headers.get("Authorization", "")
        values = {n: q or p for n, q, p in re.findall(r'(\w+)=(?:"([^"]*)"|([^,\s]+))', said)}

        def h(text: str) -> str:
            return hashlib.md5(text.encode()).hexdigest()

        first, second = h(f"{self.user}:cam:{self.password}"), h(f"POST:{path}")
        middle = ":".join(values.get(name, "") for name in ("nonce", "nc", "cnonce", "qop"))
        return values.get("response") == h(f"{first}:{middle}:{second}")


@contextlib.contextmanager
def onvif_device(
    odd: Oddities | None = None,
    streams: tuple[Stream, ...] = STREAMS,
    login: tuple[str, str] = (USER, PASSWORD),
) -> Iterator[TestDevice]:
    """A device on a free port of loopback."""
    device = TestDevice(odd or Oddities(), streams, login)
    try:
        yield device
    finally:
        device.close()


@contextlib.contextmanager
def discovery_responder(devices: dict[str, str], scopes: str) -> Iterator[DiscoveryResponder]:
    """Answers probes on a free port of the discovery group."""
    responder = DiscoveryResponder(devices, scopes)
    try:
        yield responder
    finally:
        responder.close()
