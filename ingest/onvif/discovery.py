"""WS-Discovery 1.0 (2005/04), the client's half: one probe by multicast, and who answers.

Only the Probe and ProbeMatch of section 5 are needed; why not a library: ``docs/design/0005-onvif.md``.
"""

from __future__ import annotations

import asyncio
import logging
import re
import socket
import uuid
from collections.abc import Iterable, Sequence
from urllib.parse import unquote_to_bytes, urlsplit

import psutil

from ingest.onvif import xml
from ingest.onvif.model import FoundDevice

log = logging.getLogger(__name__)
GROUP = ("239.255.255.250", 3702)
MAX_DEVICES = 1000
_REPEAT_AFTER_S = 0.3  # UDP loses; SOAP-over-UDP, appendix I, has senders repeat
_SOAP = "http://www.w3.org/2003/05/soap-envelope"
_WSA = "http://schemas.xmlsoap.org/ws/2004/08/addressing"
_WSD = "http://schemas.xmlsoap.org/ws/2005/04/discovery"
_SCOPE = "onvif://www.onvif.org/"

_PROBE = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    f'<s:Envelope xmlns:s="{_SOAP}" xmlns:a="{_WSA}" xmlns:d="{_WSD}" '
    'xmlns:dn="http://www.onvif.org/ver10/network/wsdl">'
    "<s:Header><a:MessageID>urn:uuid:{message_id}</a:MessageID>"
    "<a:To>urn:schemas-xmlsoap-org:ws:2005:04:discovery</a:To>"
    f"<a:Action>{_WSD}/Probe</a:Action></s:Header>"
    "<s:Body><d:Probe><d:Types>dn:NetworkVideoTransmitter</d:Types></d:Probe></s:Body></s:Envelope>"
)


def probe(message_id: str) -> bytes:
    """The question for every video transmitter."""
    return _PROBE.replace("{message_id}", message_id).encode()


def parse_matches(data: bytes, sender: str, message_id: str) -> list[FoundDevice]:
    """The devices in an answer from ``sender`` to the probe ``message_id``.

    Raises :class:`ValueError` for what is no answer to it.
    """
    root = xml.parse(data)
    related = root.findtext(f".//{{{_WSA}}}RelatesTo")
    if related is None or related.strip().removeprefix("urn:").removeprefix("uuid:") != message_id:
        raise ValueError(f"relates to {related!r}, not to our probe")
    found = []
    for match in root.iter(f"{{{_WSD}}}ProbeMatch"):
        said = tuple((match.findtext(f"{{{_WSD}}}XAddrs") or "").split())
        url = _reachable(said, sender)
        if url is None:
            continue
        scopes = (match.findtext(f"{{{_WSD}}}Scopes") or "").split()
        endpoint = match.findtext(f"{{{_WSA}}}EndpointReference/{{{_WSA}}}Address") or url
        found.append(
            FoundDevice(
                uuid=re.sub(r"^(urn:)?(uuid:)?", "", endpoint.strip()).lower(),
                url=url,
                address=sender,
                name=" ".join(_scopes(scopes, "name")),
                hardware=" ".join(_scopes(scopes, "hardware")),
                locations=_scopes(scopes, "location"),
                said=said,
            )
        )
    return found


def _scopes(scopes: Iterable[str], kind: str) -> tuple[str, ...]:
    start = f"{_SCOPE}{kind}/"
    found = []
    for scope in scopes:
        if scope.startswith(start):
            raw = unquote_to_bytes(scope[len(start) :])
            try:
                found.append(raw.decode())
            except UnicodeDecodeError:
                found.append(raw.decode("gb18030", "replace"))
    return tuple(found)


def _reachable(said: Sequence[str], sender: str) -> str | None:
    """The device service on the address that answered; where none of those said is on it, the first moved there."""
    usable = []
    for address in said:
        try:
            parts = urlsplit(address)
            if parts.scheme in ("http", "https") and parts.hostname and parts.port != 0:
                usable.append(parts)
        except ValueError:
            continue
    if not usable:
        return None
    chosen = next((parts for parts in usable if parts.hostname == sender), usable[0])
    host = f"[{sender}]" if ":" in sender else sender
    netloc = host if chosen.port is None else f"{host}:{chosen.port}"
    return chosen._replace(netloc=netloc, query="", fragment="").geturl()


def own_addresses() -> list[str]:
    """The IPv4 addresses of this machine's interfaces that are up, loopback too."""
    up = {name for name, stats in psutil.net_if_stats().items() if stats.isup}
    return [
        address.address
        for name, addresses in psutil.net_if_addrs().items()
        if name in up
        for address in addresses
        if address.family == socket.AF_INET
    ]


class _Answers(asyncio.DatagramProtocol):
    def __init__(self, message_id: str, found: dict[tuple[str, str], FoundDevice]) -> None:
        self._message_id = message_id
        self._found = found

    def datagram_received(self, data: bytes, address: tuple[str, int]) -> None:
        try:
            matches = parse_matches(data, address[0], self._message_id)
        except ValueError as error:
            log.debug("discovery-answer-refused sender=%s reason=%s", address[0], error)
            return
        for match in matches:
            if len(self._found) < MAX_DEVICES:
                # Cheap devices share one uuid.
                self._found.setdefault((match.uuid, match.address), match)


async def discover(
    timeout_s: float = 3.0,
    interfaces: Sequence[str] | None = None,
    group: tuple[str, int] | None = None,
) -> list[FoundDevice]:
    """The devices that answer within ``timeout_s`` on the networks of ``interfaces`` (addresses of ours; None: all),
    by address. An interface that cannot multicast is passed over."""
    message_id = str(uuid.uuid4())
    found: dict[tuple[str, str], FoundDevice] = {}
    loop = asyncio.get_running_loop()
    transports: list[asyncio.DatagramTransport] = []
    try:
        for interface in interfaces if interfaces is not None else own_addresses():
            try:
                transport, _ = await loop.create_datagram_endpoint(
                    lambda: _Answers(message_id, found), sock=_socket(interface)
                )
            except OSError as error:
                log.info("discovery-interface-skipped address=%s reason=%s", interface, error)
                continue
            transports.append(transport)
        first_s = min(_REPEAT_AFTER_S, timeout_s / 2)
        for wait_s in (first_s, timeout_s - first_s):
            for transport in transports:
                transport.sendto(probe(message_id), group or GROUP)
            await asyncio.sleep(wait_s)
    finally:
        for transport in transports:
            transport.close()
    return sorted(
        found.values(), key=lambda device: (socket.inet_aton(device.address), device.uuid)
    )


def _socket(interface: str) -> socket.socket:
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        made.setblocking(False)
        made.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(interface))
        made.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 4)
        made.bind((interface, 0))
    except OSError:
        made.close()
        raise
    return made
