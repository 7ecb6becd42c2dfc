"""An ONVIF device: a SOAP server that answers as the specifications say.

Device Management (ver10/device), Media 1 (ver10/media), Media 2 (ver20/media) and PTZ (ver20/ptz), with WS-UsernameToken
digests checked against the device's own clock. It makes the demo's turning camera a real device, and the tests' odd ones.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import itertools
import re
import socket
import ssl
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from xml.sax.saxutils import escape

from lxml import etree

from demo.cameras.turret import Position, Turret
from gis.errors import SetupError

TDS = "http://www.onvif.org/ver10/device/wsdl"
TRT = "http://www.onvif.org/ver10/media/wsdl"
TR2 = "http://www.onvif.org/ver20/media/wsdl"
TPTZ = "http://www.onvif.org/ver20/ptz/wsdl"
WSSE = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
WSU = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd"
_SPACE = "http://www.onvif.org/ver10/tptz"
_HEAD = (
    '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" '
    'xmlns:tt="http://www.onvif.org/ver10/schema" xmlns:ter="http://www.onvif.org/ver10/error" '
    f'xmlns:tds="{TDS}" xmlns:trt="{TRT}" xmlns:tr2="{TR2}" xmlns:tptz="{TPTZ}"><s:Body>'
)
_TAIL = "</s:Body></s:Envelope>"
_MAX_BODY_BYTES = 1 << 20
_NONCES = 10_000  # remembered, so that a signature serves once
_FRESH_S = 300.0  # how far a signature's time may be from the device's


@dataclass(frozen=True)
class Stream:
    """A media profile of the device."""

    token: str | None
    url: str
    name: str = "Profile"
    encoding: str = "H264"
    width_px: int = 1920
    height_px: int = 1080
    fps: int = 25
    kbps: int = 4096


class Refused(Exception):
    """A SOAP fault: a subcode of ``ter`` and a reason."""

    def __init__(self, subcode: str, reason: str, status: int = 400) -> None:
        super().__init__(reason)
        self.subcode, self.status = subcode, status


class OnvifDevice:
    """The running device; see the module's text."""

    services: tuple[str, ...] = (TDS, TRT, TPTZ)
    maker, model, firmware = "Wanglou", "Demo Turret", "1"

    def __init__(
        self,
        user: str,
        password: str,
        streams: tuple[Stream, ...],
        turret: Turret,
        host: str = "127.0.0.1",
        port: int = 0,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.user, self.password = user, password
        self.streams = streams
        self.turret = turret
        self.host, self.tls = host, tls
        self._nonces: OrderedDict[str, None] = OrderedDict()
        self.accepted = 0  # connections so far
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        device = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def setup(self) -> None:
                super().setup()
                device.accepted += 1
                device._open.add(self.connection)

            def finish(self) -> None:
                device._open.discard(self.connection)
                super().finish()

            def do_POST(self) -> None:
                said = self.headers.get("Content-Length", "")
                if not said.isdigit() or int(said) > _MAX_BODY_BYTES:
                    self.close_connection = True
                    self.send_error(413)
                    return
                body = self.rfile.read(int(said))
                status, headers, answer = device.answer(self.path, dict(self.headers), body)
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *arguments: Any) -> None:
                pass

        try:
            self._server = ThreadingHTTPServer((host, port), Handler)
        except OSError as error:
            raise SetupError(
                f"port {port} on {host} is not free ({error.strerror}): stop that program, or set "
                "WANGLOU_DEMO_ONVIF_PORT to another port"
            ) from error
        self._server.daemon_threads = True
        if tls is not None:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self.port: int = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.2,), daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """The address of its device service."""
        return f"{self._scheme}://{self.host}:{self.port}/onvif/device_service"

    @property
    def _scheme(self) -> str:
        return "http" if self.tls is None else "https"

    def now(self) -> datetime:
        """Its clock."""
        return datetime.now(UTC)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        for connection in list(self._open):
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self._thread.join(timeout=5)

    # --- one request -----------------------------------------------------------------------------------------

    def answer(
        self, path: str, headers: Mapping[str, str], body: bytes
    ) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and body of the answer to a POST."""
        if not path.startswith("/onvif/"):
            return 404, {"Content-Type": "text/html"}, b"<html><body>Not found</body></html>"
        with self._lock:
            try:
                root = etree.fromstring(body, etree.XMLParser(resolve_entities=False))
                request = root.find("{*}Body")[0]
                name = etree.QName(request)
            except (etree.XMLSyntaxError, TypeError, IndexError):
                return 400, {"Content-Type": "text/plain"}, b"no SOAP"
            try:
                self.check_login(root, name.localname)
                text, status = self.handle(name, request), 200
            except Refused as fault:
                text, status = _fault(fault), fault.status
        content = self.encode(_HEAD + text + _TAIL)
        return status, {"Content-Type": "application/soap+xml; charset=utf-8"}, content

    def handle(self, name: etree.QName, request: Any) -> str:
        """The content of the answer to an operation. Raises :class:`Refused`."""
        handler: Callable[[Any], str] | None = getattr(self, f"_{name.localname}", None)
        if handler is None or name.namespace not in self.services:
            raise Refused("ter:ActionNotSupported", "Optional Action Not Implemented", 500)
        return handler(request)

    def encode(self, envelope: str) -> bytes:
        """An envelope as it is sent."""
        return ('<?xml version="1.0" encoding="UTF-8"?>' + envelope).encode()

    def check_login(self, root: Any, operation: str) -> None:
        """WS-Security UsernameToken Profile 1.0: Base64(SHA-1(nonce + created + password)). Raises :class:`Refused`."""
        if operation == "GetSystemDateAndTime":
            return
        token = root.find(f".//{{{WSSE}}}UsernameToken")
        refused = Refused("ter:NotAuthorized", "Sender not authorized")
        if token is None:
            raise refused
        nonce, created = token.findtext(f"{{{WSSE}}}Nonce"), token.findtext(f"{{{WSU}}}Created")
        if nonce is None or created is None or nonce in self._nonces:
            raise refused
        try:
            salt = base64.b64decode(nonce) + created.encode()
            age = self.now() - datetime.fromisoformat(created.replace("Z", "+00:00"))
        except (ValueError, TypeError):
            raise refused from None
        digest = base64.b64encode(hashlib.sha1(salt + self.password.encode()).digest()).decode()
        if (
            token.findtext(f"{{{WSSE}}}Username") != self.user
            or token.findtext(f"{{{WSSE}}}Password") != digest
            or abs(age.total_seconds()) > _FRESH_S
        ):
            raise refused
        self._nonces[nonce] = None
        if len(self._nonces) > _NONCES:
            self._nonces.popitem(last=False)

    # --- Device Management -----------------------------------------------------------------------------------

    def address(self, service: str) -> str:
        """A service's address as it is given to clients."""
        return f"{self._scheme}://{self.host}:{self.port}/onvif/{service}"

    def _GetSystemDateAndTime(self, request: Any) -> str:
        now = self.now()
        return (
            "<tds:GetSystemDateAndTimeResponse><tds:SystemDateAndTime><tt:DateTimeType>Manual</tt:DateTimeType>"
            "<tt:DaylightSavings>false</tt:DaylightSavings><tt:TimeZone><tt:TZ>CST-8</tt:TZ></tt:TimeZone>"
            f"<tt:UTCDateTime><tt:Time><tt:Hour>{now.hour}</tt:Hour><tt:Minute>{now.minute}</tt:Minute>"
            f"<tt:Second>{now.second}</tt:Second></tt:Time><tt:Date><tt:Year>{now.year}</tt:Year>"
            f"<tt:Month>{now.month}</tt:Month><tt:Day>{now.day}</tt:Day></tt:Date></tt:UTCDateTime>"
            "</tds:SystemDateAndTime></tds:GetSystemDateAndTimeResponse>"
        )

    def _GetServices(self, request: Any) -> str:
        paths = {TDS: "device_service", TRT: "media", TR2: "media2", TPTZ: "ptz"}
        services = "".join(
            f"<tds:Service><tds:Namespace>{name}</tds:Namespace><tds:XAddr>{self.address(paths[name])}</tds:XAddr>"
            "<tds:Version><tt:Major>2</tt:Major><tt:Minor>60</tt:Minor></tds:Version></tds:Service>"
            for name in self.services
        )
        return f"<tds:GetServicesResponse>{services}</tds:GetServicesResponse>"

    def _GetCapabilities(self, request: Any) -> str:
        media = (
            f"<tt:Media><tt:XAddr>{self.address('media')}</tt:XAddr><tt:StreamingCapabilities/></tt:Media>"
            if TRT in self.services
            else ""
        )
        ptz = f"<tt:PTZ><tt:XAddr>{self.address('ptz')}</tt:XAddr></tt:PTZ>"
        return (
            "<tds:GetCapabilitiesResponse><tds:Capabilities>"
            f"<tt:Device><tt:XAddr>{self.address('device_service')}</tt:XAddr></tt:Device>{media}"
            f"{ptz if TPTZ in self.services else ''}</tds:Capabilities></tds:GetCapabilitiesResponse>"
        )

    def _GetDeviceInformation(self, request: Any) -> str:
        return (
            f"<tds:GetDeviceInformationResponse><tds:Manufacturer>{escape(self.maker)}</tds:Manufacturer>"
            f"<tds:Model>{escape(self.model)}</tds:Model><tds:FirmwareVersion>{self.firmware}</tds:FirmwareVersion>"
            "<tds:SerialNumber>WT20260001</tds:SerialNumber><tds:HardwareId>88</tds:HardwareId>"
            "</tds:GetDeviceInformationResponse>"
        )

    # --- Media 1 and 2 ---------------------------------------------------------------------------------------

    def _GetProfiles(self, request: Any) -> str:
        second = etree.QName(request).namespace == TR2
        profiles = "".join(self._profile(stream, second) for stream in self.streams)
        prefix = "tr2" if second else "trt"
        return f"<{prefix}:GetProfilesResponse>{profiles}</{prefix}:GetProfilesResponse>"

    def _profile(self, stream: Stream, second: bool) -> str:
        token = f' token="{stream.token}"' if stream.token else ""
        name = f"<tt:Name>{escape(stream.name)}</tt:Name>"
        encoder = (
            f"{name}<tt:UseCount>1</tt:UseCount><tt:Encoding>{stream.encoding}</tt:Encoding>"
            f"<tt:Resolution><tt:Width>{stream.width_px}</tt:Width><tt:Height>{stream.height_px}</tt:Height></tt:Resolution>"
        )
        rate = f"<tt:FrameRateLimit>{stream.fps}</tt:FrameRateLimit>"
        bits = f"<tt:BitrateLimit>{stream.kbps}</tt:BitrateLimit>"
        source = (
            f"{name}<tt:UseCount>2</tt:UseCount><tt:SourceToken>V1</tt:SourceToken>"
            '<tt:Bounds x="0" y="0" width="1920" height="1080"/>'
        )
        ptz = (
            f"{name}<tt:UseCount>2</tt:UseCount><tt:NodeToken>N1</tt:NodeToken>"
            if TPTZ in self.services
            else ""
        )
        if second:
            turning = f'<tr2:PTZ token="P1">{ptz}</tr2:PTZ>' if ptz else ""
            return (
                f'<tr2:Profiles{token} fixed="true"><tr2:Name>{escape(stream.name)}</tr2:Name><tr2:Configurations>'
                f'<tr2:VideoSource token="VS">{source}</tr2:VideoSource>'
                f'<tr2:VideoEncoder token="VE" GovLength="50">{encoder}<tt:RateControl ConstantBitRate="false">{rate}'
                f"{bits}</tt:RateControl><tt:Quality>4</tt:Quality></tr2:VideoEncoder>{turning}"
                "</tr2:Configurations></tr2:Profiles>"
            )
        turning = f'<tt:PTZConfiguration token="P1">{ptz}</tt:PTZConfiguration>' if ptz else ""
        return (
            f'<trt:Profiles{token} fixed="true">{name}'
            f'<tt:VideoSourceConfiguration token="VS">{source}</tt:VideoSourceConfiguration>'
            f'<tt:VideoEncoderConfiguration token="VE">{encoder}<tt:Quality>4</tt:Quality><tt:RateControl>{rate}'
            f"<tt:EncodingInterval>1</tt:EncodingInterval>{bits}</tt:RateControl><tt:H264><tt:GovLength>50</tt:GovLength>"
            "<tt:H264Profile>Main</tt:H264Profile></tt:H264><tt:SessionTimeout>PT60S</tt:SessionTimeout>"
            f"</tt:VideoEncoderConfiguration>{turning}</trt:Profiles>"
        )

    def _stream(self, request: Any) -> Stream:
        token = request.findtext("{*}ProfileToken")
        for stream in self.streams:
            if stream.token == token:
                return stream
        raise Refused("ter:NoProfile", f"no profile {token}")

    def _GetStreamUri(self, request: Any) -> str:
        stream = self._stream(request)
        if request.findtext(".//{*}Protocol") != "RTSP":
            raise Refused("ter:InvalidStreamSetup", "only RTP over RTSP over TCP")
        return self._uri(request, "GetStreamUri", stream.url)

    def _uri(self, request: Any, name: str, uri: str) -> str:
        if etree.QName(request).namespace == TR2:
            return f"<tr2:{name}Response><tr2:Uri>{escape(uri)}</tr2:Uri></tr2:{name}Response>"
        return (
            f"<trt:{name}Response><trt:MediaUri><tt:Uri>{escape(uri)}</tt:Uri>"
            "<tt:InvalidAfterConnect>false</tt:InvalidAfterConnect><tt:InvalidAfterReboot>false</tt:InvalidAfterReboot>"
            f"<tt:Timeout>PT0S</tt:Timeout></trt:MediaUri></trt:{name}Response>"
        )

    # --- PTZ -------------------------------------------------------------------------------------------------

    def _GetNodes(self, request: Any) -> str:
        def space(element: str, name: str, two: bool = True) -> str:
            y = "<tt:YRange><tt:Min>-1</tt:Min><tt:Max>1</tt:Max></tt:YRange>" if two else ""
            return (
                f"<tt:{element}><tt:URI>{_SPACE}/{name}</tt:URI><tt:XRange><tt:Min>-1</tt:Min><tt:Max>1</tt:Max>"
                f"</tt:XRange>{y}</tt:{element}>"
            )

        spaces = (
            space("AbsolutePanTiltPositionSpace", "PanTiltSpaces/PositionGenericSpace")
            + space("AbsoluteZoomPositionSpace", "ZoomSpaces/PositionGenericSpace", False)
            + space("RelativePanTiltTranslationSpace", "PanTiltSpaces/TranslationGenericSpace")
            + space("ContinuousPanTiltVelocitySpace", "PanTiltSpaces/VelocityGenericSpace")
            + space("ContinuousZoomVelocitySpace", "ZoomSpaces/VelocityGenericSpace", False)
        )
        return (
            '<tptz:GetNodesResponse><tptz:PTZNode token="N1" FixedHomePosition="false"><tt:Name>N1</tt:Name>'
            f"<tt:SupportedPTZSpaces>{spaces}</tt:SupportedPTZSpaces>"
            "<tt:MaximumNumberOfPresets>100</tt:MaximumNumberOfPresets><tt:HomeSupported>false</tt:HomeSupported>"
            "</tptz:PTZNode></tptz:GetNodesResponse>"
        )

    def _ContinuousMove(self, request: Any) -> str:
        self._stream(request)
        until = re.fullmatch(r"PT(\d+)S", request.findtext("{*}Timeout") or "")
        if until is None:
            raise Refused("ter:InvalidTimeout", "the timeout is no whole number of seconds")
        self.turret.move(_axes(request.find("{*}Velocity"), (0.0, 0.0, 0.0)), float(until[1]))
        return "<tptz:ContinuousMoveResponse/>"

    def _RelativeMove(self, request: Any) -> str:
        by = _axes(request.find("{*}Translation"), (0.0, 0.0, 0.0))
        pan, tilt, zoom = (a + b for a, b in zip(self.turret.where(), by, strict=True))
        self.turret.go((pan, tilt, zoom))
        return "<tptz:RelativeMoveResponse/>"

    def _AbsoluteMove(self, request: Any) -> str:
        self.turret.go(_axes(request.find("{*}Position"), self.turret.where()))
        return "<tptz:AbsoluteMoveResponse/>"

    def _Stop(self, request: Any) -> str:
        self.turret.stop()
        return "<tptz:StopResponse/>"

    def _GetPresets(self, request: Any) -> str:
        presets = "".join(
            f'<tptz:Preset token="{token}"><tt:Name>{escape(name)}</tt:Name>'
            f"<tt:PTZPosition>{_placed(at)}</tt:PTZPosition></tptz:Preset>"
            for token, (name, at) in self.turret.presets.items()
        )
        return f"<tptz:GetPresetsResponse>{presets}</tptz:GetPresetsResponse>"

    def _GetStatus(self, request: Any) -> str:
        self._stream(request)
        how = "MOVING" if self.turret.moving else "IDLE"
        return (
            "<tptz:GetStatusResponse><tptz:PTZStatus>"
            f"<tt:Position>{_placed(self.turret.where())}</tt:Position>"
            f"<tt:MoveStatus><tt:PanTilt>{how}</tt:PanTilt><tt:Zoom>{how}</tt:Zoom></tt:MoveStatus>"
            f"<tt:UtcTime>{self.now():%Y-%m-%dT%H:%M:%SZ}</tt:UtcTime></tptz:PTZStatus></tptz:GetStatusResponse>"
        )

    def _SetPreset(self, request: Any) -> str:
        token = request.findtext("{*}PresetToken") or self._free_token()
        name = request.findtext("{*}PresetName") or token
        self.turret.presets[token] = (name, self.turret.where())
        return f"<tptz:SetPresetResponse><tptz:PresetToken>{token}</tptz:PresetToken></tptz:SetPresetResponse>"

    def _RemovePreset(self, request: Any) -> str:
        del self.turret.presets[self._preset(request)]
        return "<tptz:RemovePresetResponse/>"

    def _GotoPreset(self, request: Any) -> str:
        self.turret.go(self.turret.presets[self._preset(request)][1])
        return "<tptz:GotoPresetResponse/>"

    def _free_token(self) -> str:
        return next(t for n in itertools.count(1) if (t := str(n)) not in self.turret.presets)

    def _preset(self, request: Any) -> str:
        token: str = request.findtext("{*}PresetToken")
        if token not in self.turret.presets:
            raise Refused("ter:NoToken", f"no preset {token}")
        return token


def _placed(at: Position) -> str:
    pan, tilt, zoom = at
    return f'<tt:PanTilt x="{pan:.6f}" y="{tilt:.6f}"/><tt:Zoom x="{zoom:.6f}"/>'


def _axes(vector: Any, otherwise: Position) -> Position:
    pan, tilt, zoom = otherwise
    turning, closer = vector.find("{*}PanTilt"), vector.find("{*}Zoom")
    if turning is not None:
        pan, tilt = float(turning.get("x")), float(turning.get("y"))
    return pan, tilt, zoom if closer is None else float(closer.get("x"))


def _fault(fault: Refused) -> str:
    return (
        "<s:Fault><s:Code><s:Value>s:Sender</s:Value><s:Subcode><s:Value>"
        f'{fault.subcode}</s:Value></s:Subcode></s:Code><s:Reason><s:Text xml:lang="en">{escape(str(fault))}</s:Text>'
        "</s:Reason></s:Fault>"
    )
