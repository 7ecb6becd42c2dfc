"""Addresses of STUN and TURN servers, as an administrator writes them. Pure."""

from __future__ import annotations

import re

from aiortc import RTCIceServer

from gis.errors import SetupError

_FORM = re.compile(
    r"(?P<scheme>stun|turn|turns):(?:(?P<user>[^:@]+):(?P<password>[^@]+)@)?"
    r"(?P<rest>[A-Za-z0-9.-]+(?::\d{1,5})?(?:\?transport=(?:udp|tcp))?)"
)


def ice_server(text: str) -> RTCIceServer:
    """``stun:HOST[:PORT]`` or ``turn:USER:PASSWORD@HOST[:PORT][?transport=tcp]`` (``turns:`` for TLS).

    Raises :class:`SetupError` for anything else.
    """
    found = _FORM.fullmatch(text)
    if found is None or (found["scheme"] == "stun") != (found["user"] is None):
        shown = re.sub(r":[^:@]*@", ":…@", text)
        raise SetupError(
            f"'{shown}' is no ICE server: write stun:HOST:PORT or turn:USER:PASSWORD@HOST:PORT "
            "in WANGLOU_ICE_SERVERS, several with commas"
        )
    address = f"{found['scheme']}:{found['rest']}"
    return RTCIceServer(urls=address, username=found["user"], credential=found["password"])
