"""SOAP with one device: the ``onvif-zeep-async`` library's services over an HTTP client that trusts nobody.

The library brings ONVIF's WSDLs, the WS-Security digest with a clock offset, and the workarounds that Home Assistant's
many devices taught it. Its own HTTP client follows redirects to any host and reads answers of any size, so the
services are given another transport here.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult

import httpx
from lxml.etree import LxmlError
from zeep.exceptions import Error as ZeepError
from zeep.exceptions import Fault
from zeep.transports import Transport
from zeep.wsdl.utils import etree_to_string

from gis.said import say
from ingest.onvif import xml
from ingest.onvif.address import place
from ingest.onvif.errors import DeviceFailed, Step, connection_failed

log = logging.getLogger(__name__)
_root = logging.getLogger()
_handlers, _level = list(_root.handlers), _root.level
import onvif  # noqa: E402
from onvif.definition import SERVICES  # noqa: E402
from onvif.util import (  # noqa: E402
    create_no_verify_ssl_context,
    is_auth_error,
    stringify_onvif_error,
)

# The library sets up the program's logging when it is imported; that is ours to do.
_root.handlers[:], _root.level = _handlers, _level

_WSDL = Path(onvif.__file__).parent / "wsdl"
_CONNECT_TIMEOUT_S = 4.0
# Over an answer of another shape than the WSDL's, zeep raises these from deep within.
_STUMBLES = (IndexError, KeyError, TypeError, ValueError, AttributeError)


@dataclass(frozen=True, slots=True)
class Kind:
    """A service: its namespace, its WSDL and the name of its binding."""

    namespace: str
    wsdl: Path
    binding: str


def _bundled(name: str) -> Kind:
    service = SERVICES[name]
    return Kind(service["ns"], _WSDL / service["wsdl"], service["binding"])


DEVICE, MEDIA, PTZ = _bundled("devicemgmt"), _bundled("media"), _bundled("ptz")
MEDIA2 = Kind(
    "http://www.onvif.org/ver20/media/wsdl", Path(__file__).parent / "media2.wsdl", "Media2Binding"
)


@dataclass(frozen=True, slots=True)
class _Reply:
    """An HTTP answer in the shape that zeep reads."""

    status_code: int
    headers: Mapping[str, str]
    content: bytes
    encoding: str = "utf-8"


class Connection:
    """The HTTP connection to one device, whatever number of its services is called."""

    def __init__(
        self, asked: SplitResult, user: str | None, password: str | None, timeout_s: float
    ) -> None:
        self.asked = asked
        self.user, self.password = user, password
        self.timeout_s = timeout_s
        self.ahead: timedelta | None = None  # the device's clock minus ours
        self._http = httpx.AsyncClient(
            # Devices have certificates of their own making; there is nobody to check them with.
            verify=create_no_verify_ssl_context(),
            timeout=httpx.Timeout(timeout_s, connect=min(timeout_s, _CONNECT_TIMEOUT_S)),
            # For devices that want HTTP's digest besides WS-Security's, or instead of it.
            auth=httpx.DigestAuth(user, password or "") if user else None,
            follow_redirects=False,
            trust_env=False,
        )
        self._transport = _DeviceTransport(self._http, place(asked), timeout_s)
        self._services: dict[str, Any] = {}

    async def close(self) -> None:
        """Closes the connection."""
        await self._http.aclose()

    async def call(
        self, kind: Kind, url: str, operation: str, step: Step, *, login: bool = True, **values: Any
    ) -> Any:
        """Calls an ``operation`` of the service at ``url``. Raises :class:`DeviceFailed`."""
        service = self._services.get(url)
        if service is None:
            service = self._services[url] = await self._service(kind, url)
        name = operation if login and self.user else f"authless_{operation}"
        try:
            return await getattr(service, name)(values)
        except Fault as fault:
            raise _fault(fault, operation, step) from fault
        except (ZeepError, LxmlError, *_STUMBLES) as error:
            log.info("onvif-answer-unread operation=%s", operation, exc_info=True)
            raise DeviceFailed(
                step,
                say(
                    "device_answer_unreadable",
                    "'{place}' answers {operation} with what cannot be read: {error}",
                    place=place(self.asked),
                    operation=operation,
                    error=_short(error),
                ),
            ) from error

    async def with_clock(self, ahead: timedelta | None) -> None:
        """Signs from now on with the device's time."""
        self.ahead = ahead
        self._services.clear()

    async def _service(self, kind: Kind, url: str) -> Any:
        service = onvif.ONVIFService(
            url,
            self.user,
            self.password or "",
            str(kind.wsdl),
            no_cache=True,
            dt_diff=self.ahead,
            binding_name=f"{{{kind.namespace}}}{kind.binding}",
        )
        await service.close()  # its own HTTP client, which is not used
        service.transport = self._transport
        await service.setup()
        return service


class _DeviceTransport(Transport):
    """Sends envelopes; refuses redirects and endless answers."""

    def __init__(self, http: httpx.AsyncClient, place: str, timeout_s: float) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._http, self._place, self._timeout_s = http, place, timeout_s

    async def post_xml(self, address: str, envelope: Any, headers: dict[str, str]) -> _Reply:
        message: bytes = etree_to_string(envelope)  # type: ignore[no-untyped-call]
        try:
            try:
                return await self._post(address, message, headers)
            except httpx.RemoteProtocolError as error:
                if "disconnected" not in str(error):
                    raise
                # The device closed a resting connection just when it was used again (RFC 9112, section 9.3.1).
                return await self._post(address, message, headers)
        except httpx.HTTPError as error:
            raise connection_failed(error, self._place, self._timeout_s) from error

    async def _post(self, address: str, message: bytes, headers: dict[str, str]) -> _Reply:
        async with self._http.stream("POST", address, content=message, headers=headers) as answer:
            content = bytearray()
            async for piece in answer.aiter_bytes():
                content += piece
                if len(content) > xml.MAX_BYTES:
                    raise DeviceFailed(
                        "onvif",
                        say(
                            "device_answer_long",
                            "'{place}' answers with more than {bytes} bytes",
                            place=self._place,
                            bytes=xml.MAX_BYTES,
                        ),
                    )
        status = answer.status_code
        if 300 <= status < 400:
            where = answer.headers.get("Location", "elsewhere")
            raise DeviceFailed(
                "onvif",
                say(
                    "device_redirects",
                    "'{place}' sends us on to '{where}': give that address instead",
                    place=self._place,
                    where=where,
                ),
            )
        body = xml.to_utf8(bytes(content))
        if b"Envelope" not in body:
            if status == 401:
                raise DeviceFailed("login", WRONG_LOGIN)
            raise DeviceFailed(
                "onvif",
                say(
                    "device_no_onvif",
                    "'{place}' is no ONVIF service at '{path}' (HTTP {status}): check the path, and that ONVIF is switched on in the device",
                    place=self._place,
                    path=httpx.URL(address).path,
                    status=status,
                ),
            )
        return _Reply(status, {"Content-Type": "application/soap+xml"}, body)


WRONG_LOGIN = say(
    "device_login_refused",
    "the device refuses the user or password; many have accounts for ONVIF apart from those of their web page",
)


def _fault(fault: Fault, operation: str, step: Step) -> DeviceFailed:
    if is_auth_error(fault):
        return DeviceFailed("login", WRONG_LOGIN)
    return DeviceFailed(
        step,
        say(
            "device_refuses",
            "the device refuses {operation}: {error}",
            operation=operation,
            error=_short(stringify_onvif_error(fault)),
        ),
    )


def _short(error: object) -> str:
    return " ".join(str(error).split())[:300]
