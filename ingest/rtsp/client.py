"""The RTSP conversation (RFC 2326) as a state machine: bytes in, bytes out, no socket and no clock. Pure.

DESCRIBE, SETUP of the picture and, where it is wanted, the sound, PLAY; then keep-alive until TEARDOWN. Media is
interleaved on the same connection. The first keep-alive is OPTIONS, whose answer says whether the camera knows
GET_PARAMETER. Whatever fails is a :class:`StepFailed`; a camera that lives elsewhere raises :class:`Redirected`.
"""

from __future__ import annotations

import re
import secrets
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from gis.errors import InvalidInput
from gis.said import say
from ingest.address import RtspAddress, parse_address
from ingest.rtsp.digest import Login
from ingest.rtsp.sdp import AUDIO, VIDEO, Track, parse_sdp
from ingest.rtsp.steps import StepFailed
from ingest.rtsp.wire import Framer, Request, Response, Run, WireError, interleaved, message

_STEP = {"DESCRIBE": "describe", "SETUP": "setup", "PLAY": "play"}
_TIMEOUT_S = 60.0  # RFC 2326 section 12.37, where the camera does not say
_KEEP_ALIVE_S = (2.0, 25.0)  # not more often, nor more seldom, whatever the camera says
_LOGINS = 3  # tries to log in for one question
_REDIRECTS = (301, 302, 303, 305, 307, 308)


class Redirected(Exception):
    """The camera's stream is at ``address``."""

    def __init__(self, address: RtspAddress) -> None:
        super().__init__(address.url)
        self.address = address


@dataclass(frozen=True, slots=True)
class Channels:
    """A track that was set up, and the two channels its RTP and RTCP use."""

    track: Track
    rtp: int
    rtcp: int


@dataclass(slots=True)
class _Asked:
    """A request that has no answer yet."""

    method: str
    url: str
    headers: list[tuple[str, str]]
    sequence: int
    logins: int  # how often it was refused and asked again


class RtspClient:
    """One conversation with the camera at ``address``.

    Bytes to send are taken with :meth:`outgoing` after every call. ``described`` is asked with each track before
    it is set up and raises :class:`StepFailed` for one that cannot be taken.
    """

    def __init__(
        self,
        address: RtspAddress,
        login: Login | None,
        audio: bool = True,
        check: Callable[[Track], None] = lambda track: None,
        cnonce: Callable[[], str] = lambda: secrets.token_hex(8),
    ) -> None:
        self._address = address
        self._login = login
        self._audio = audio
        self._check = check
        self._cnonce = cnonce
        self._framer = Framer()
        self._out: list[bytes] = []
        self._asked: deque[_Asked] = deque()
        self._sequence = 0
        self._session: str | None = None
        self._control = address.url
        self._to_set_up: deque[Track] = deque()
        self._keep_alive = "OPTIONS"
        self.channels: list[Channels] = []
        self.playing = False
        self.keep_alive_s = _KEEP_ALIVE_S[1]

    # --- driving it ----------------------------------------------------------------------------------------------

    def begin(self) -> None:
        """Asks the first question."""
        self._ask("DESCRIBE", self._address.url, [("Accept", "application/sdp")])

    def outgoing(self) -> bytes:
        """What is to be sent now, once."""
        data = b"".join(self._out)
        self._out.clear()
        return data

    def receive(self, data: bytes) -> list[tuple[int, bytes]]:
        """Takes what came; returns media as (channel, packet). Raises :class:`StepFailed`, :class:`Redirected`."""
        return list(self.media(data))

    def run(self, channel: int, run: Run) -> None:
        """Has ``run`` take the plain packets of a channel; :meth:`media` leaves them out."""
        self._framer.runs[channel] = run

    def media(self, data: bytes) -> Iterator[tuple[int, bytes]]:
        """The same as :meth:`receive`, one by one."""
        try:
            for item in self._framer.items(data):
                if type(item) is tuple:
                    yield item
                elif isinstance(item, Response):
                    self._answered(item)
                elif isinstance(item, Request):
                    self._requested(item)
        except WireError as error:
            step = self.step
            text = say(
                "answer_unreadable", "{step}: {place} sends what cannot be read: {error}",
                step=step, place=self._address.place, error=error,
            )  # fmt: skip
            raise StepFailed(step, "unreachable", text) from error

    @property
    def step(self) -> str:
        """The step that is under way."""
        if self._asked and not self.playing:
            return _STEP.get(self._asked[0].method, "describe")
        return "play"

    def no_answer(self, waited_s: float) -> StepFailed:
        """The error for a camera that did not answer for ``waited_s`` seconds."""
        method = self._asked[0].method if self._asked else "anything"
        text = say(
            "no_answer", "{step}: {place} does not answer {method} within {limit_s} s",
            step=self.step, place=self._address.place, method=method, limit_s=f"{waited_s:g}",
        )  # fmt: skip
        return StepFailed(self.step, "unreachable", text)

    @property
    def garbage_bytes(self) -> int:
        """What was passed over because it was neither media nor a message."""
        return self._framer.garbage_bytes

    def keep_alive(self) -> None:
        """To be called every :attr:`keep_alive_s` while it plays; a camera that never answers it is let be."""
        if len(self._asked) < 4:
            self._ask(self._keep_alive, self._control, [])

    def send_rtcp(self, channels: Channels, packet: bytes) -> None:
        """Sends a report on the track's second channel."""
        self._out.append(interleaved(channels.rtcp, packet))

    def teardown(self) -> None:
        """Says goodbye, if there is a session; its answer need not be waited for."""
        if self._session is not None:
            self._ask("TEARDOWN", self._control, [])

    # --- asking and being answered -----------------------------------------------------------------------------

    def _ask(self, method: str, url: str, headers: list[tuple[str, str]], logins: int = 0) -> None:
        self._sequence += 1
        lines = [("CSeq", str(self._sequence)), ("User-Agent", "wanglou"), *headers]
        if self._session is not None:
            lines.append(("Session", self._session))
        login = self._login
        answer = login.authorization(method, url, self._cnonce()) if login is not None else None
        if answer is not None:
            lines.append(("Authorization", answer))
        try:
            self._out.append(message(f"{method} {url} RTSP/1.0", lines))
        except ValueError as error:
            text = say(
                "request_unwritable",
                "describe: the request cannot be written: {error}",
                error=error,
            )
            raise StepFailed("describe", "unreachable", text) from error
        self._asked.append(_Asked(method, url, headers, self._sequence, logins))

    def _answered(self, answer: Response) -> None:
        if answer.status < 200:
            return  # 100 Continue: the answer follows
        asked = self._question(answer)
        if asked is None:
            return
        if answer.status == 401:
            self._log_in(asked, answer)
        elif asked.method == "DESCRIBE":
            self._described(asked, answer)
        elif asked.method == "SETUP":
            self._set_up(answer)
        elif asked.method == "PLAY":
            self._must("play", answer)
            self.playing = True
        elif answer.status == 454:
            text = say(
                "session_forgotten",
                "play: the camera has forgotten the session (454), connecting anew",
            )
            raise StepFailed("play", "stalled", text)
        elif asked.method == "OPTIONS" and "GET_PARAMETER" in (answer.header("public") or ""):
            self._keep_alive = "GET_PARAMETER"

    def _question(self, answer: Response) -> _Asked | None:
        """What this answers: by its number, or the oldest question where the camera does not say."""
        number = answer.header("cseq")
        for asked in self._asked:
            if number == str(asked.sequence):
                # Questions before it will not be answered any more.
                while self._asked[0] is not asked:
                    self._asked.popleft()
                return self._asked.popleft()
        if number is not None and number.isdecimal() and int(number) < self._sequence:
            return None  # an answer to what is long answered
        return self._asked.popleft() if self._asked else None

    def _log_in(self, asked: _Asked, answer: Response) -> None:
        login = self._login
        if login is None:
            text = say(
                "login_missing", "authenticate: the camera asks for a user name and password"
            )
            raise StepFailed("authenticate", "refused", text)
        challenges = [v for n, v in answer.headers if n == "www-authenticate"]
        if not login.challenge(challenges):
            text = say(
                "login_unknown",
                "authenticate: the camera asks for a login that is neither Digest nor Basic",
            )
            raise StepFailed("authenticate", "refused", text)
        # The same login again would be refused again; only a nonce that grew old deserves another.
        stale = any("stale=true" in c.lower().replace('"', "") for c in challenges)
        if asked.logins == 0 or (stale and asked.logins < _LOGINS):
            self._ask(asked.method, asked.url, asked.headers, asked.logins + 1)
        elif not self.playing:
            text = say(
                "login_refused",
                "authenticate: the camera refuses user '{user}' or its password (401)",
                user=login.user,
            )
            raise StepFailed("authenticate", "refused", text)

    def _must(self, step: str, answer: Response) -> None:
        """Raises what an answer other than success means."""
        status, path = answer.status, self._address.path
        if 200 <= status < 300:
            return
        if status in _REDIRECTS:
            raise Redirected(self._elsewhere(step, answer))
        if status == 404:
            text = say(
                "no_stream",
                "{step}: the camera has no stream at '{path}' (404)",
                step=step,
                path=path,
            )
            raise StepFailed(step, "unreachable", text)
        if status == 403:
            text = say(
                "path_forbidden", "authenticate: the camera forbids '{path}' (403)", path=path
            )
            raise StepFailed("authenticate", "refused", text)
        if status == 453:
            text = say(
                "no_bandwidth",
                "{step}: the camera has no bandwidth left for another client (453)",
                step=step,
            )
            raise StepFailed(step, "unreachable", text)
        if status == 461:
            text = say(
                "no_tcp",
                "{step}: the camera does not send over TCP (461): allow RTP over RTSP in its settings",
                step=step,
            )
            raise StepFailed(step, "unsupported", text)
        text = say(
            "answers_other", "{step}: the camera answers {answer}",
            step=step, answer=f"{status} {answer.reason}".strip(),
        )  # fmt: skip
        raise StepFailed(step, "unreachable", text)

    def _elsewhere(self, step: str, answer: Response) -> RtspAddress:
        target = answer.header("location") or ""
        try:
            # A login inside the address is the camera's own business; ours is in the row.
            return parse_address(re.sub(r"^(rtsps?://)[^/@]*@", r"\1", target))
        except InvalidInput as error:
            text = say(
                "redirects_nowhere", "{step}: the camera redirects ({status}) to no address: {target}",
                step=step, status=answer.status, target=repr(target[:200]),
            )  # fmt: skip
            raise StepFailed(step, "unreachable", text) from error

    # --- the steps -----------------------------------------------------------------------------------------------

    def _described(self, asked: _Asked, answer: Response) -> None:
        self._must("describe", answer)
        base = answer.header("content-base") or answer.header("content-location") or asked.url
        description = parse_sdp(answer.body, base if "://" in base else asked.url)
        video = description.first(VIDEO)
        if video is None:
            text = say("no_video", "describe: the camera offers no video")
            raise StepFailed("describe", "unsupported", text)
        self._check(video)
        self._control = description.control
        self._to_set_up.append(video)
        audio = description.first(AUDIO)
        if self._audio and audio is not None and audio.codec is not None:
            self._to_set_up.append(audio)
        self._next_track()

    def _next_track(self) -> None:
        if not self._to_set_up:
            self._ask("PLAY", self._control, [("Range", "npt=0.000-")])
            return
        first = 2 * len(self.channels)
        transport = f"RTP/AVP/TCP;unicast;interleaved={first}-{first + 1}"
        self._ask("SETUP", self._to_set_up[0].control, [("Transport", transport)])

    def _set_up(self, answer: Response) -> None:
        track = self._to_set_up.popleft()
        if track.kind == AUDIO and not 200 <= answer.status < 300:
            self._next_track()  # pictures without sound are better than neither
            return
        self._must("setup", answer)
        session = answer.header("session")
        if session is not None:
            name, _, rest = session.partition(";")
            self._session = name.strip() or None
            match = re.search(r"timeout\s*=\s*(\d+)", rest)
            timeout_s = float(match[1]) if match else _TIMEOUT_S
            low, high = _KEEP_ALIVE_S
            self.keep_alive_s = min(high, max(low, timeout_s / 2))
        transport = answer.header("transport") or ""
        if "client_port" in transport and "interleaved" not in transport:
            text = say(
                "answers_udp",
                "setup: the camera answers with UDP when asked for TCP: allow RTP over RTSP in its settings",
            )
            raise StepFailed("setup", "unsupported", text)
        rtp = 2 * len(self.channels)
        match = re.search(r"interleaved\s*=\s*(\d{1,3})(?:-(\d{1,3}))?", transport)
        if match is not None and int(match[1]) < 255:
            rtp = int(match[1])
        rtcp = int(match[2]) if match is not None and match[2] else rtp + 1
        self._framer.highest_channel = max(self._framer.highest_channel, rtp, rtcp & 255)
        self.channels.append(Channels(track, rtp, rtcp & 255))
        self._next_track()

    def _requested(self, request: Request) -> None:
        """A camera may ask whether we are alive, and say that it ends."""
        number = request.header("cseq")
        if request.method in ("TEARDOWN", "REDIRECT"):
            text = say("session_ended", "play: the camera ended the session")
            raise StepFailed("play", "stalled", text)
        known = request.method in ("OPTIONS", "GET_PARAMETER", "SET_PARAMETER")
        status = "200 OK" if known else "501 Not Implemented"
        headers = [("CSeq", number)] if number is not None else []
        self._out.append(message(f"RTSP/1.0 {status}", headers))
