"""What goes wrong with an ONVIF device, by the step at which it did."""

from __future__ import annotations

import socket
import ssl
from typing import Literal

import httpx

from gis.errors import WanglouError
from gis.said import ahead, say

Step = Literal["connect", "onvif", "login", "services", "profiles", "ptz"]


class DeviceFailed(WanglouError):
    """A device did not do what was asked; the message begins with the ``step``."""

    def __init__(self, step: Step, message: str) -> None:
        super().__init__(ahead(step, message))
        self.step = step


def connection_failed(error: Exception, place: str, timeout_s: float) -> DeviceFailed:
    """What an error of the HTTP client means for the device at ``place`` (``host:port``)."""
    causes = _causes(error)
    if any(isinstance(cause, socket.gaierror) for cause in causes):
        why = say("device_name_unknown", "the name in '{place}' is not known", place=place)
    elif any(isinstance(cause, ssl.SSLError) for cause in causes):
        why = say(
            "device_no_tls",
            "'{place}' does not speak TLS as it should: try http:// instead of https://",
            place=place,
        )
    elif any(isinstance(cause, ConnectionRefusedError) for cause in causes):
        why = say(
            "device_no_listener",
            "nothing listens on '{place}': check the port and that ONVIF is switched on in the device",
            place=place,
        )
    elif isinstance(error, httpx.TimeoutException | TimeoutError):
        why = say(
            "device_no_answer",
            "'{place}' does not answer within {limit_s} s",
            place=place,
            limit_s=f"{timeout_s:g}",
        )
    elif isinstance(error, httpx.RemoteProtocolError):
        why = say(
            "device_no_http", "'{place}' does not speak HTTP: {error}", place=place, error=error
        )
    else:
        why = say(
            "device_unreachable",
            "'{place}' cannot be reached: {error}",
            place=place,
            error=causes[-1],
        )
    return DeviceFailed("connect", why)


def _causes(error: BaseException) -> list[BaseException]:
    chain: list[BaseException] = []
    at: BaseException | None = error
    while at is not None and at not in chain:
        chain.append(at)
        at = at.__cause__ or at.__context__
    return chain
