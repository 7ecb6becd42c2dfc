"""The first steps of RTSP (RFC 2326, digest by RFC 7616), one at a time, to say which one fails.

Streams themselves are pulled by FFmpeg; this client exists because FFmpeg's errors do not name the step.
"""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
import socket
import ssl
from dataclasses import dataclass, field

from gis.errors import WanglouError
from ingest.address import RtspAddress

STEPS = ("resolve", "connect", "describe", "authenticate", "setup", "play")
_MAX_ANSWER_BYTES = 1 << 20


class StepFailed(WanglouError):
    """A step did not succeed. ``state`` is the camera state that it means."""

    def __init__(self, step: str, state: str, message: str) -> None:
        super().__init__(message)
        self.step = step
        self.state = state


@dataclass(frozen=True, slots=True)
class Answer:
    """A response: status, headers in lower case (repeated ones kept), body."""

    status: int
    reason: str
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: str = ""

    def header(self, name: str) -> str | None:
        return next((v for n, v in self.headers if n == name), None)


@dataclass(frozen=True, slots=True)
class Track:
    """The first video track of an SDP."""

    codec: str  # H264, H265, JPEG, …
    control: str


def parse_answer(head: str, body: str = "") -> Answer:
    """Raises :class:`ValueError` when ``head`` is no RTSP response."""
    lines = head.split("\r\n")
    match = re.fullmatch(r"RTSP/1\.\d (\d{3}) ?(.*)", lines[0])
    if match is None:
        raise ValueError(f"no RTSP answer: {lines[0][:80]!r}")
    headers = [
        (n.strip().lower(), v.strip())
        for n, _, v in (line.partition(":") for line in lines[1:])
        if n
    ]
    return Answer(int(match[1]), match[2], headers, body)


def parse_sdp(body: str, base: str) -> Track | None:
    """The first video track, its control address made absolute; None where there is no video."""
    section: list[str] | None = None
    for line in body.splitlines():
        if line.startswith("m="):
            if section is not None:
                break
            if line.startswith("m=video"):
                section = [line]
        elif section is not None:
            section.append(line)
    if section is None:
        return None
    codec = {"26": "JPEG", "32": "MPV"}.get(section[0].split()[-1], "unknown")
    control = ""
    for line in section:
        if match := re.match(r"a=rtpmap:\d+ ([^/\s]+)/", line):
            codec = match[1].upper()
        if line.startswith("a=control:"):
            control = line[len("a=control:") :].strip()
    if not control or control == "*":
        return Track(codec, base)
    if re.match(r"rtsps?://", control):
        return Track(codec, control)
    return Track(codec, base.rstrip("/") + "/" + control.lstrip("/"))


def authorization(
    challenges: list[str], method: str, url: str, user: str, password: str, cnonce: str
) -> str | None:
    """The ``Authorization`` header for the strongest challenge we can answer, else None."""
    digests = [c for c in challenges if c.lower().startswith("digest")]
    digests.sort(key=lambda c: "sha-256" not in c.lower())
    for challenge in digests:
        found = re.findall(r'(\w+)\s*=\s*(?:"([^"]*)"|([^,\s]+))', challenge[6:])
        fields = {n.lower(): q or p for n, q, p in found}
        algorithm = fields.get("algorithm", "MD5")
        if algorithm.upper() not in ("MD5", "SHA-256") or "nonce" not in fields:
            continue
        return _digest(fields, algorithm, method, url, user, password, cnonce)
    if any(c.lower().startswith("basic") for c in challenges):
        return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
    return None


def _digest(
    fields: dict[str, str],
    algorithm: str,
    method: str,
    url: str,
    user: str,
    password: str,
    cnonce: str,
) -> str:
    def h(text: str) -> str:
        return hashlib.new(
            "sha256" if algorithm.upper() == "SHA-256" else "md5", text.encode()
        ).hexdigest()

    realm, nonce = fields.get("realm", ""), fields["nonce"]
    first, second = h(f"{user}:{realm}:{password}"), h(f"{method}:{url}")
    parts = [f'username="{user}"', f'realm="{realm}"', f'nonce="{nonce}"', f'uri="{url}"']
    if "auth" in re.split(r"[,\s]+", fields.get("qop", "")):
        response = h(f"{first}:{nonce}:00000001:{cnonce}:auth:{second}")
        parts += ["qop=auth", "nc=00000001", f'cnonce="{cnonce}"']
    else:
        response = h(f"{first}:{nonce}:{second}")
    parts.append(f'response="{response}"')
    if "algorithm" in fields:
        parts.append(f"algorithm={algorithm}")
    if "opaque" in fields:
        parts.append(f'opaque="{fields["opaque"]}"')
    return "Digest " + ", ".join(parts)


def walk(
    address: RtspAddress, user: str | None, password: str | None, timeout_s: float = 5.0
) -> Track:
    """Goes through :data:`STEPS` up to PLAY and hangs up. Raises :class:`StepFailed` at the first that fails."""
    try:
        found = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise StepFailed(
            "resolve",
            "unreachable",
            f"resolve: the name '{address.host}' is not known ({error.strerror})",
        ) from error
    connection = _connect(address, found[0][4][0], timeout_s)
    with connection:
        return _Dialogue(connection, address, user, password or "").run()


def _connect(address: RtspAddress, ip: str | int, timeout_s: float) -> socket.socket:
    try:
        connection = socket.create_connection((str(ip), address.port), timeout=timeout_s)
        if address.secure:
            # Cameras carry certificates of their own making; the address was given by an administrator.
            context = ssl.create_default_context()
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
            connection = context.wrap_socket(connection, server_hostname=address.host)
        return connection
    except TimeoutError as error:
        why = f"{address.place} does not answer within {timeout_s:g} s"
        raise StepFailed("connect", "unreachable", f"connect: {why}") from error
    except ConnectionRefusedError as error:
        why = f"{address.place} refuses connections: is the port right and the camera's RTSP service on?"
        raise StepFailed("connect", "unreachable", f"connect: {why}") from error
    except OSError as error:
        why = f"{address.place}: {error.strerror or error}"
        raise StepFailed("connect", "unreachable", f"connect: {why}") from error


class _Dialogue:
    """Requests and answers on one connection."""

    def __init__(
        self, connection: socket.socket, address: RtspAddress, user: str | None, password: str
    ) -> None:
        self._socket = connection
        self._reader = connection.makefile("rb")
        self._address = address
        self._user = user
        self._password = password
        self._sequence = 0
        self._challenges: list[str] = []

    def run(self) -> Track:
        url = self._address.url
        described = self._ask("describe", "DESCRIBE", url, {"Accept": "application/sdp"})
        if described.status == 401:
            described = self._log_in(described)
        self._must("describe", described)
        track = parse_sdp(described.body, described.header("content-base") or url)
        if track is None:
            raise StepFailed("describe", "unsupported", "describe: the camera offers no video")
        setup = self._ask(
            "setup", "SETUP", track.control, {"Transport": "RTP/AVP/TCP;unicast;interleaved=0-1"}
        )
        self._must("setup", setup)
        session = (setup.header("session") or "").split(";")[0]
        self._must(
            "play", self._ask("play", "PLAY", url, {"Session": session, "Range": "npt=0.000-"})
        )
        self._send("TEARDOWN", url, {"Session": session})
        return track

    def _log_in(self, refused: Answer) -> Answer:
        if self._user is None:
            raise StepFailed(
                "authenticate",
                "refused",
                "authenticate: the camera asks for a user name and password",
            )
        self._challenges = [v for n, v in refused.headers if n == "www-authenticate"]
        again = self._ask(
            "authenticate", "DESCRIBE", self._address.url, {"Accept": "application/sdp"}
        )
        if again.status in (401, 403):
            raise StepFailed(
                "authenticate",
                "refused",
                f"authenticate: the camera refuses user '{self._user}' or its password ({again.status})",
            )
        return again

    def _must(self, step: str, answer: Answer) -> None:
        if answer.status == 200:
            return
        path = self._address.path
        if answer.status == 404:
            raise StepFailed(
                step, "unreachable", f"{step}: the camera has no stream at '{path}' (404)"
            )
        if answer.status in (401, 403):
            raise StepFailed(
                "authenticate",
                "refused",
                f"authenticate: the camera forbids '{path}' ({answer.status})",
            )
        raise StepFailed(
            step,
            "unreachable",
            f"{step}: the camera answers {answer.status} {answer.reason}".rstrip(),
        )

    def _send(self, method: str, url: str, headers: dict[str, str]) -> None:
        self._sequence += 1
        lines = [f"{method} {url} RTSP/1.0", f"CSeq: {self._sequence}", "User-Agent: wanglou"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        if self._challenges and self._user is not None:
            login = authorization(
                self._challenges, method, url, self._user, self._password, secrets.token_hex(8)
            )
            if login is not None:
                lines.append(f"Authorization: {login}")
        self._socket.sendall(("\r\n".join(lines) + "\r\n\r\n").encode())

    def _ask(self, step: str, method: str, url: str, headers: dict[str, str]) -> Answer:
        try:
            self._send(method, url, headers)
            return self._receive()
        except TimeoutError as error:
            raise StepFailed(
                step, "unreachable", f"{step}: {self._address.place} does not answer {method}"
            ) from error
        except (OSError, ValueError) as error:
            raise StepFailed(
                step, "unreachable", f"{step}: {self._address.place} breaks off: {error}"
            ) from error

    def _receive(self) -> Answer:
        lines = [self._first_line()]
        while (following := self._reader.readline(4096)) not in (b"\r\n", b"\n", b""):
            lines.append(following)
            if len(lines) > 200:
                raise ValueError("an answer with more than 200 header lines")
        answer = parse_answer("\r\n".join(one.decode(errors="replace").strip() for one in lines))
        length = int(answer.header("content-length") or 0)
        if not 0 <= length <= _MAX_ANSWER_BYTES:
            raise ValueError(f"an answer of {length} bytes")
        body = self._reader.read(length).decode(errors="replace") if length else ""
        return Answer(answer.status, answer.reason, answer.headers, body)

    def _first_line(self) -> bytes:
        """The status line; media interleaved in front of it is passed over."""
        while (first := self._reader.read(1)) == b"$":
            _channel, *length = self._reader.read(3)
            self._reader.read(int.from_bytes(bytes(length), "big"))
        if not first:
            raise ValueError("the connection was closed without an answer")
        return first + self._reader.readline(4096)
