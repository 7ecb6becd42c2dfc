"""A camera's address: checked and taken apart. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from gis.errors import InvalidInput
from gis.said import say


@dataclass(frozen=True, slots=True)
class RtspAddress:
    """``rtsp[s]://host:port/path?query``, without user and password."""

    secure: bool
    host: str
    port: int
    path: str

    @property
    def place(self) -> str:
        """``host:port``, for messages."""
        return f"{self.host}:{self.port}"

    @property
    def url(self) -> str:
        """The address as it may be shown and sent in requests."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'rtsps' if self.secure else 'rtsp'}://{host}:{self.port}{self.path}"


def parse_address(url: str) -> RtspAddress:
    """Takes ``url`` apart. Raises :class:`InvalidInput` when it is no RTSP address or holds a password."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise InvalidInput(
            say("address_unreadable", "the address cannot be read: {error}", error=error), "url"
        ) from error
    if parts.scheme not in ("rtsp", "rtsps") or not parts.hostname:
        raise InvalidInput(say("no_rtsp_address", "'{url}' is no rtsp:// address", url=url), "url")
    if "@" in parts.netloc:
        raise InvalidInput(
            say(
                "address_holds_login",
                "the address holds a user or password: give them in their own fields",
            ),
            "url",
        )
    secure = parts.scheme == "rtsps"
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return RtspAddress(secure, parts.hostname, port or (322 if secure else 554), path)
