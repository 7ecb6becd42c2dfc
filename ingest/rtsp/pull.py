"""One try to get a camera's stream: its name, the connection, the conversation, and then its media.

Everything here runs in the engine's thread and waits for nothing; what takes too long is found by :meth:`tick`.
A failure ends the try and names the step.
"""

from __future__ import annotations

import errno
import logging
import secrets
import ssl
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Protocol

from gis.said import say
from ingest.address import RtspAddress
from ingest.rtsp.client import Redirected, RtspClient
from ingest.rtsp.digest import Login
from ingest.rtsp.engine import Engine, Link
from ingest.rtsp.media import TrackReader, check_video
from ingest.rtsp.resolver import Found
from ingest.rtsp.rtp import Frame
from ingest.rtsp.steps import StepFailed

log = logging.getLogger(__name__)

CONNECT_S = 1.5  # the kernel asks again after 1 s, then only after 3 s: a new try is sooner
NO_CONNECTION = "connect_no_answer"
"""The code of a try to connect that nobody answered."""
REPORT_EVERY_S = 5.0
MAX_REDIRECTS = 3


class Owner(Protocol):
    """Takes what a pull brings, in the engine's thread. Nothing comes after :meth:`failed`."""

    def set_up(self, pull: Pull) -> None:
        """The tracks are known; media may come from now on."""
        ...

    def playing(self, pull: Pull) -> None:
        """The camera said that it plays."""
        ...

    def frame(
        self, pull: Pull, reader: TrackReader, frame: Frame, wall: datetime, now_s: float
    ) -> None:
        """An access unit of a track."""
        ...

    def clock(self, pull: Pull, reader: TrackReader, wall: datetime) -> None:
        """A sender report came, ``reader.report``."""
        ...

    def pull_failed(self, pull: Pull, failure: StepFailed) -> None:
        """The try is over."""
        ...


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to be pulled, and how long each answer may take."""

    address: RtspAddress
    user: str | None
    password: str | None
    audio: bool = True
    answer_s: float = 5.0
    connect_s: float = CONNECT_S


class Pull:
    """The try to pull ``wish``; :meth:`begin` starts it, :meth:`close` ends it without a word."""

    def __init__(self, engine: Engine, wish: Wish, owner: Owner) -> None:
        self._engine = engine
        self._wish = wish
        self._owner: Owner | None = owner
        self._address = wish.address
        self._link: Link | None = None
        self._client: RtspClient | None = None
        self._step = "resolve"
        self._waiting_since_s: float | None = None
        self._waiting_limit_s = wish.answer_s
        self._redirects = 0
        self._own_ssrc = secrets.randbits(32)
        self._keep_alive_at_s = self._report_at_s = 0.0
        self._readers: dict[int, TrackReader] = {}  # by channel of RTP
        self._reports: dict[int, TrackReader] = {}  # and of RTCP
        self._playing = False
        self.received_s = 0.0  # when bytes came last
        self._received_at: datetime  # the same, set with the first bytes

    # --- from outside --------------------------------------------------------------------------------------------

    def begin(self, now_s: float) -> None:
        """Looks the name up and goes on from there."""
        self._step = "resolve"
        self._wait(now_s, self._wish.answer_s)
        self._engine.resolve(self._address.host, self._resolved)

    def close(self) -> None:
        """Says goodbye and hangs up; nothing more is handed on."""
        self._owner = None
        if self._link is not None:
            if self._client is not None:
                self._client.teardown()
                self._send()
            self._hang_up()

    def urgent(self, urgent: bool) -> None:
        """Whether somebody waits for the pictures."""
        if self._link is not None:
            self._link.set_urgent(urgent or not self._playing)

    @property
    def over(self) -> bool:
        """Whether nothing more is handed on."""
        return self._owner is None

    @property
    def readers(self) -> list[TrackReader]:
        """The tracks, the picture first."""
        return list(self._readers.values())

    @property
    def garbage_bytes(self) -> int:
        return self._client.garbage_bytes if self._client is not None else 0

    def tick(self, now_s: float) -> None:
        """Finds what takes too long, and keeps the session alive."""
        if self._owner is None:
            return
        since_s = self._waiting_since_s
        if since_s is not None and now_s - since_s >= self._limit_s():
            self._fail(self._too_long())
        elif self._playing and self._client is not None:
            if now_s < self._keep_alive_at_s and now_s < self._report_at_s:
                return
            if now_s >= self._keep_alive_at_s:
                self._keep_alive_at_s = now_s + self._client.keep_alive_s
                self._client.keep_alive()
            if now_s >= self._report_at_s:
                self._report_at_s = now_s + REPORT_EVERY_S
                for reader in self._readers.values():
                    if reader.rtp.received:
                        packet = reader.receiver_report(self._own_ssrc, now_s)
                        self._client.send_rtcp(reader.channels, packet)
            self._send()

    # --- steps ---------------------------------------------------------------------------------------------------

    def _wait(self, now_s: float | None, limit_s: float) -> None:
        self._waiting_since_s, self._waiting_limit_s = now_s, limit_s

    def _limit_s(self) -> float:
        return self._waiting_limit_s + (self._wish.answer_s if self._shaking_hands() else 0.0)

    def _shaking_hands(self) -> bool:
        return self._link is not None and self._link.shaking_hands

    def _too_long(self) -> StepFailed:
        limit_s, place = self._waiting_limit_s, self._address.place
        if self._step == "resolve":
            text = say(
                "name_no_answer", "resolve: the name '{host}' is not answered within {limit_s} s",
                host=self._address.host, limit_s=f"{limit_s:g}",
            )  # fmt: skip
            return StepFailed("resolve", "unreachable", text)
        if self._shaking_hands():
            text = say(
                "not_tls",
                "connect: {place} answers, but not with TLS: is it rtsp:// instead?",
                place=place,
            )
            return StepFailed("connect", "unreachable", text)
        if self._step == "connect" or self._client is None:
            text = say(
                NO_CONNECTION, "connect: {place} does not answer within {limit_s} s",
                place=place, limit_s=f"{limit_s:g}",
            )  # fmt: skip
            return StepFailed("connect", "unreachable", text)
        return self._client.no_answer(limit_s)

    def _resolved(self, found: Found) -> None:
        if self._owner is None:
            return
        host = self._address.host
        if isinstance(found, OSError):
            why = found.strerror or str(found)
            text = say(
                "name_unknown",
                "resolve: the name '{host}' is not known ({error})",
                host=host,
                error=why,
            )
            self._fail(StepFailed("resolve", "unreachable", text))
            return
        self._step = "connect"
        if self._waiting_since_s is not None:
            self._wait(self._engine.now_s(), self._wish.connect_s)
        tls_name = host if self._address.secure else None
        self._link = self._engine.connect(self, found, self._address.port, tls_name)

    def connected(self, now_s: float) -> None:
        """The connection stands: the conversation begins."""
        wish = self._wish
        login = None
        if wish.user is not None:
            # Another host than the row's is not told the password itself.
            trusted = self._address.host == wish.address.host
            login = Login(wish.user, wish.password or "", basic=trusted)
        self._client = RtspClient(self._address, login, wish.audio, check_video)
        self._step = "describe"
        self._wait(now_s, wish.answer_s)
        self._client.begin()
        self._send()

    def received(self, data: bytes, wall: datetime, now_s: float) -> None:
        """Bytes from the camera."""
        client = self._client
        if client is None or self._owner is None:
            return
        self.received_s, self._received_at = now_s, wall
        try:
            if self._playing:
                self._media(client.media(data), wall, now_s)
            else:
                self._media(self._converse(client, data, now_s), wall, now_s)
        except StepFailed as failure:
            self._fail(failure)
        except Redirected as redirected:
            self._go_elsewhere(redirected.address, now_s)

    def _media(self, media: Iterable[tuple[int, bytes]], wall: datetime, now_s: float) -> None:
        owner = self._owner
        if owner is None:
            return
        readers = self._readers
        for channel, packet in media:
            reader = readers.get(channel)
            if reader is not None:
                frames = reader.take(packet)
                if frames is not None:
                    self._frames(reader, frames)
                    if self.over:
                        return
            elif channel in self._reports:
                reader = self._reports[channel]
                if reader.take_rtcp(packet, wall.timestamp(), now_s) is not None:
                    owner.clock(self, reader, wall)
        if self._playing:
            self._send()

    def _frames(self, reader: TrackReader, frames: list[Frame]) -> None:
        """Hands on what is whole by now."""
        owner = self._owner
        if owner is not None:
            for frame in frames:
                owner.frame(self, reader, frame, self._received_at, self.received_s)

    def _converse(self, client: RtspClient, data: bytes, now_s: float) -> list[tuple[int, bytes]]:
        """The same until the camera plays."""
        step, known = client.step, len(client.channels)
        media = client.receive(data)
        if client.step != step or len(client.channels) != known:
            self._wait(now_s, self._wish.answer_s)
        self._send()
        if client.channels and client.step == "play" and not self._readers:
            for channels in client.channels:
                try:
                    reader = TrackReader(channels)
                except ValueError as error:  # a sound track that does not say enough of itself
                    log.warning("track-unusable place=%s reason=%s", self._address.place, error)
                    continue
                self._readers[channels.rtp] = self._reports[channels.rtcp] = reader
                run = reader.run(partial(self._frames, reader))
                if run is not None:
                    client.run(channels.rtp, run)
            if self._owner is not None:
                self._owner.set_up(self)
        if client.playing:
            self._playing = True
            self._wait(None, 0.0)
            # The first question comes soon: its answer says how the session is kept alive.
            self._keep_alive_at_s = now_s + min(2.0, client.keep_alive_s)
            self._report_at_s = now_s + REPORT_EVERY_S
            if self._owner is not None:
                self._owner.playing(self)
        return media

    def _go_elsewhere(self, address: RtspAddress, now_s: float) -> None:
        self._redirects += 1
        if self._redirects > MAX_REDIRECTS:
            text = say(
                "redirects_in_circles",
                "describe: the camera redirects in circles, last to {place}",
                place=address.place,
            )
            self._fail(StepFailed("describe", "unreachable", text))
            return
        self._hang_up()
        self._client = None
        self._address = address
        self.begin(now_s)

    def disconnected(self, error: OSError | None) -> None:
        """The connection is gone."""
        if self._owner is None:
            return
        place = self._address.place
        if self._client is None:
            self._fail(self._not_connected(error))
        elif self._playing or self._client.step == "play":
            if any(reader.said_bye for reader in self._readers.values()):
                text = say("stream_ended", "play: the camera ended the stream")
            elif error is None:
                text = say("connection_closed", "play: the camera closed the connection")
            else:
                text = say(
                    "stream_broke",
                    "play: the stream broke off ({error})",
                    error=error.strerror or error,
                )
            self._fail(StepFailed("play", "stalled", text))
        else:
            step = self._client.step
            why = error.strerror or str(error) if error else "the connection was closed"
            text = say(
                "breaks_off", "{step}: {place} breaks off: {error} without an answer",
                step=step, place=place, error=why,
            )  # fmt: skip
            self._fail(StepFailed(step, "unreachable", text))

    def _not_connected(self, error: OSError | None) -> StepFailed:
        place = self._address.place
        if isinstance(error, ssl.SSLError):
            text = say(
                "not_tls_because", "connect: {place} answers, but not with TLS ({error}): is it rtsp:// instead?",
                place=place, error=error.reason or error,
            )  # fmt: skip
        elif error is None:
            text = say(
                "closes_at_once", "connect: {place} closes the connection at once", place=place
            )
        elif error.errno == errno.ECONNREFUSED:
            text = say(
                "refuses_connections",
                "connect: {place} refuses connections: is the port right and the camera's RTSP service on?",
                place=place,
            )
        else:
            text = say(
                "connect_failed",
                "connect: {place}: {error}",
                place=place,
                error=error.strerror or error,
            )
        return StepFailed("connect", "unreachable", text)

    def failed(self, error: Exception) -> None:
        """A bug of ours, or a stream nobody foresaw."""
        text = say(
            "stream_unreadable",
            "play: the stream cannot be read ({error})",
            error=type(error).__name__,
        )
        self._fail(StepFailed("play", "unsupported", text))

    def _fail(self, failure: StepFailed) -> None:
        owner = self._owner
        self.close()
        if owner is not None:
            owner.pull_failed(self, failure)

    def _send(self) -> None:
        if self._client is not None and self._link is not None:
            data = self._client.outgoing()
            if data:
                self._link.send(data)

    def _hang_up(self) -> None:
        link, self._link = self._link, None
        if link is not None:
            link.close()
