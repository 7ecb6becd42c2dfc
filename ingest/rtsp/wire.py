"""RTSP on a byte stream (RFC 2326): responses, requests, and the media interleaved with them. Pure.

Cameras get this wrong in many ways, so it is read with patience: bare line feeds, blank lines and rubbish
between messages, media of an earlier client in front of the first answer. What is passed over is counted.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

HEAD_BYTES = 64 << 10
BODY_BYTES = 1 << 20
CHANNELS = 16  # nobody uses more, so a larger number is rubbish
GARBAGE_BYTES = 256 << 10  # more than this passed over: the stream cannot be followed
_DOLLAR = 0x24
_METHOD = re.compile(rb"[A-Z_]{3,20} ")
_STATUS = re.compile(r"RTSP/\d\.\d +(\d{3})(?: +(.*))?")

Headers = tuple[tuple[str, str], ...]


class WireError(ValueError):
    """The bytes are no RTSP."""


def _header(headers: Headers, name: str) -> str | None:
    return next((v for n, v in headers if n == name), None)


@dataclass(frozen=True, slots=True)
class Response:
    """An answer; header names in lower case, repeated ones kept."""

    status: int
    reason: str
    headers: Headers = ()
    body: bytes = b""

    def header(self, name: str) -> str | None:
        """The first header of this name (lower case)."""
        return _header(self.headers, name)


@dataclass(frozen=True, slots=True)
class Request:
    """What a camera asks of us."""

    method: str
    uri: str
    headers: Headers = ()

    def header(self, name: str) -> str | None:
        """The first header of this name (lower case)."""
        return _header(self.headers, name)


Item = tuple[int, bytes] | Response | Request
"""Media as (channel, bytes of one RTP or RTCP packet), or a message."""

Run = Callable[[bytes, int, int], int]
"""Takes the plain packets of one channel that stand in ``buffer[at:end]`` one after another, headers included, as far
as it can; returns where it stopped."""


class Framer:
    """Cuts what comes from a camera into items, however it arrives in pieces."""

    def __init__(self) -> None:
        self._rest = b""
        self._answered = False
        self.garbage_bytes = 0
        self.highest_channel = CHANNELS - 1  # raised for a camera that uses more
        self.runs: dict[
            int, Run
        ] = {}  # by channel: who takes its plain packets without their being cut out first

    def feed(self, data: bytes) -> list[Item]:
        """The items completed by ``data``. Raises :class:`WireError` when they cannot be RTSP."""
        return list(self.items(data))

    def items(self, data: bytes) -> Iterator[Item]:
        """The same one by one: each is handed on before what follows it is looked at, as :attr:`runs` need it."""
        buffer = self._rest + data if self._rest else data
        self._rest = b""
        at, end = 0, len(buffer)
        runs = self.runs
        while at < end:
            if buffer[at] == _DOLLAR:
                if end - at < 4:
                    break
                if buffer[at + 1] > self.highest_channel and self._answered:
                    at = self._resync(buffer, at)
                    continue
                stop = at + 4 + (buffer[at + 2] << 8 | buffer[at + 3])
                if stop > end:
                    break
                channel = buffer[at + 1]
                if channel in runs:
                    stopped = runs[channel](buffer, at, end)
                    if stopped > at:
                        at = stopped
                        continue
                yield channel, buffer[at + 4 : stop]
                at = stop
                continue
            out: list[Item] = []
            stop = self._message(buffer, at, out)
            if stop < 0:
                break
            yield from out
            at = stop
        self._rest = buffer[at:]

    def _message(self, buffer: bytes, at: int, out: list[Item]) -> int:
        """Reads what is no media at ``at``; returns where it ends, -1 while it is not whole."""
        if buffer[at] in b"\r\n \x00":
            return at + 1
        left = len(buffer) - at
        if left < 20 and self._may_begin(buffer[at:]):
            return -1
        if not (buffer.startswith(b"RTSP/", at) or _METHOD.match(buffer, at)):
            return self._resync(buffer, at)
        head_end, body_at = _end_of_head(buffer, at)
        if head_end < 0:
            if left > HEAD_BYTES:
                raise WireError(f"a header of more than {HEAD_BYTES} bytes")
            return -1
        if head_end - at > HEAD_BYTES:
            raise WireError(f"a header of {head_end - at} bytes")
        lines = buffer[at:head_end].decode("utf-8", errors="replace").splitlines()
        headers = tuple(
            (n.strip().lower(), v.strip())
            for n, colon, v in (line.partition(":") for line in lines[1:])
            if colon
        )
        length = _content_length(headers)
        if len(buffer) - body_at < length:
            return -1
        body = buffer[body_at : body_at + length]
        out.append(self._parse(lines[0], headers, body))
        return body_at + length

    def _parse(self, first: str, headers: Headers, body: bytes) -> Item:
        match = _STATUS.fullmatch(first.strip())
        if match is not None:
            self._answered = True
            return Response(int(match[1]), (match[2] or "").strip(), headers, body)
        words = first.split()
        if len(words) < 2 or words[0].startswith("RTSP/"):
            raise WireError(f"no RTSP answer: {first[:80]!r}")
        if not self._answered and not words[-1].startswith("RTSP/"):
            raise WireError(f"no RTSP answer: {first[:80]!r}")
        return Request(words[0], words[1], headers)

    @staticmethod
    def _may_begin(left: bytes) -> bool:
        """Whether so few bytes may be the beginning of a message."""
        return b"RTSP/1.0 200 OK".startswith(left[:5]) or left.isalpha() or b" " in left

    def _resync(self, buffer: bytes, at: int) -> int:
        """Passes over rubbish up to what looks like media or an answer again."""
        if not self._answered:
            raise WireError(f"no RTSP answer: {buffer[at : at + 40]!r}")
        stop = at + 1
        end = len(buffer)
        while stop < end:
            byte = buffer[stop]
            # An RTP or RTCP packet of version 2 on one of the first channels, as far as it is there.
            if (
                byte == _DOLLAR
                and (stop + 1 >= end or buffer[stop + 1] <= self.highest_channel)
                and (stop + 4 >= end or buffer[stop + 4] >> 6 == 2)
            ):
                break
            if byte == 0x52 and b"RTSP/1.".startswith(buffer[stop : stop + 7]):
                break
            stop += 1
        self.garbage_bytes += stop - at
        if self.garbage_bytes > GARBAGE_BYTES:
            raise WireError(f"{self.garbage_bytes} bytes that are neither media nor answers")
        return stop


def _end_of_head(buffer: bytes, at: int) -> tuple[int, int]:
    """Where the header ends and the body begins; (-1, -1) while it is not whole."""
    crlf, lf = buffer.find(b"\r\n\r\n", at), buffer.find(b"\n\n", at)
    if crlf >= 0 and (lf < 0 or crlf < lf):
        return crlf, crlf + 4
    return (lf, lf + 2) if lf >= 0 else (-1, -1)


def _content_length(headers: Headers) -> int:
    text = _header(headers, "content-length")
    if text is None:
        return 0
    if not text.isdecimal() or int(text) > BODY_BYTES:
        raise WireError(f"a body of '{text[:20]}' bytes, at most {BODY_BYTES} are read")
    return int(text)


def interleaved(channel: int, packet: bytes) -> bytes:
    """``packet`` (at most 65535 bytes) as it is sent on the connection."""
    return b"$" + bytes([channel]) + len(packet).to_bytes(2, "big") + packet


def message(first: str, headers: list[tuple[str, str]], body: bytes = b"") -> bytes:
    """A request or an answer as bytes. Raises :class:`ValueError` when a field holds a line break."""
    lines = [first, *(f"{name}: {value}" for name, value in headers)]
    if any("\r" in line or "\n" in line for line in lines):
        raise ValueError(f"a line break within the header of {first!r}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body
