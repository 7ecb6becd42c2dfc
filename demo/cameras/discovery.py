"""WS-Discovery (2005/04) from the device's side: answers probes that come by multicast on loopback."""

from __future__ import annotations

import contextlib
import socket
import threading

from lxml import etree

GROUP = "239.255.255.250"
PORT = 3702


class DiscoveryResponder:
    """Answers probes for ``devices`` (uuid → addresses) in a thread of its own until :meth:`close`.

    ``scopes`` are what all of them say of themselves, separated by spaces; ``port`` 0 takes any free one (then see
    :attr:`group`). Raises :class:`OSError` where the port cannot be had.
    """

    def __init__(self, devices: dict[str, str], scopes: str, port: int = 0) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            # Others on this machine may answer for devices of theirs.
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self._socket.bind(("", port))
            self.group = (GROUP, int(self._socket.getsockname()[1]))
            member = socket.inet_aton(GROUP) + socket.inet_aton("127.0.0.1")
            self._socket.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, member)
        except OSError:
            self._socket.close()
            raise
        self._devices, self._scopes = devices, scopes
        self.probes = 0
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while not self._closing.is_set():
            data, sender = self._socket.recvfrom(65536)
            try:
                root = etree.fromstring(data, etree.XMLParser(resolve_entities=False))
            except etree.XMLSyntaxError:
                continue
            asked = root.findtext(".//{*}MessageID")
            wanted = (root.findtext(".//{*}Types") or "").split(":")[-1]
            if asked is None or wanted not in ("", "NetworkVideoTransmitter"):
                continue
            self.probes += 1
            for uuid, xaddrs in self._devices.items():
                with contextlib.suppress(OSError):
                    self._socket.sendto(probe_match(asked, uuid, xaddrs, self._scopes), sender)

    def close(self) -> None:
        """Answers no more."""
        self._closing.set()
        wake = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        wake.sendto(b"", ("127.0.0.1", self.group[1]))
        wake.close()
        self._thread.join(timeout=5)
        self._socket.close()


def probe_match(message_id: str, uuid: str, xaddrs: str, scopes: str) -> bytes:
    """A ProbeMatches answer (WS-Discovery 2005/04, section 5.3)."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?><SOAP-ENV:Envelope xmlns:SOAP-ENV="http://www.w3.org/2003/05/soap-envelope" '
        'xmlns:wsa="http://schemas.xmlsoap.org/ws/2004/08/addressing" '
        'xmlns:d="http://schemas.xmlsoap.org/ws/2005/04/discovery" xmlns:dn="http://www.onvif.org/ver10/network/wsdl">'
        f"<SOAP-ENV:Header><wsa:MessageID>urn:uuid:9f0e-{uuid}</wsa:MessageID><wsa:RelatesTo>{message_id}</wsa:RelatesTo>"
        "<wsa:Action>http://schemas.xmlsoap.org/ws/2005/04/discovery/ProbeMatches</wsa:Action></SOAP-ENV:Header>"
        "<SOAP-ENV:Body><d:ProbeMatches><d:ProbeMatch><wsa:EndpointReference><wsa:Address>"
        f"urn:uuid:{uuid}</wsa:Address></wsa:EndpointReference><d:Types>dn:NetworkVideoTransmitter tds:Device</d:Types>"
        f"<d:Scopes>{scopes}</d:Scopes><d:XAddrs>{xaddrs}</d:XAddrs><d:MetadataVersion>1</d:MetadataVersion>"
        "</d:ProbeMatch></d:ProbeMatches></SOAP-ENV:Body></SOAP-ENV:Envelope>"
    ).encode()
