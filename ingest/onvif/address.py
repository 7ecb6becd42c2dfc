"""Addresses that a device gives, made reachable and free of secrets. Pure.

A device behind NAT or with two network cards names hosts that we cannot reach, and nobody may make this program
call a third host through a device's answer. So every address is moved to the host that the administrator asked.
"""

from __future__ import annotations

from urllib.parse import SplitResult, parse_qsl, unquote, urlencode, urlsplit

from gis.errors import InvalidInput
from gis.said import say

_SECRET_KEYS = frozenset({"user", "username", "usr", "password", "passwd", "pass", "pwd"})
_DEFAULT_PATH = "/onvif/device_service"


def parse_device_url(url: str) -> SplitResult:
    """The address of a device service; a bare host gets the usual path. Raises :class:`InvalidInput`."""
    text = url.strip() if "://" in url else f"http://{url.strip()}"
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError as error:
        raise InvalidInput(
            say(
                "device_address_unreadable",
                "the address '{url}' cannot be read: {error}",
                url=url,
                error=error,
            ),
            "url",
        ) from error
    if parts.scheme not in ("http", "https") or not parts.hostname or port == 0:
        raise InvalidInput(
            say(
                "no_onvif_address",
                "'{url}' is no address of an ONVIF device: give http://host/onvif/device_service",
                url=url,
            ),
            "url",
        )
    if "@" in parts.netloc:
        raise InvalidInput(
            say(
                "address_holds_login",
                "the address holds a user or password: give them in their own fields",
            ),
            "url",
        )
    path = parts.path if parts.path not in ("", "/") else _DEFAULT_PATH
    return SplitResult(parts.scheme, parts.netloc, path, parts.query, "")


def place(asked: SplitResult) -> str:
    """``host:port``, for messages."""
    return f"{asked.hostname}:{asked.port or (443 if asked.scheme == 'https' else 80)}"


def service_url(said: str, asked: SplitResult) -> str | None:
    """A service's or snapshot's address on the host that was ``asked``; None for what is no HTTP address."""
    parts = _split(said)
    if parts is None or parts.scheme not in ("http", "https"):
        return None
    if parts.hostname == asked.hostname:
        moved = parts._replace(netloc=_netloc(parts.hostname or "", parts.port))
    else:
        # Another host: most likely its own name for the door that we came in by, so port and scheme go with it.
        moved = parts._replace(scheme=asked.scheme, netloc=asked.netloc)
    return _without_secrets(moved).geturl()


def same_host(said: str, asked: SplitResult) -> bool:
    """Whether an address that the device gave is on the host that was ``asked``."""
    parts = _split(said)
    return parts is not None and parts.hostname == asked.hostname


def stream_url(said: str, asked: SplitResult, password: str | None) -> str | None:
    """A stream's address on the host that was ``asked``, its own port kept.

    None for what is no RTSP address, and for one that holds the password in its path, where it cannot be cut out.
    """
    parts = _split(said)
    if parts is None or parts.scheme not in ("rtsp", "rtsps"):
        return None
    moved = _without_secrets(parts._replace(netloc=_netloc(asked.hostname or "", parts.port)))
    if password and password in unquote(moved.path):
        return None
    return moved.geturl()


def _split(said: str) -> SplitResult | None:
    try:
        parts = urlsplit(said.strip().replace("&amp;", "&"))  # some devices escape twice
        if not parts.hostname or parts.port == 0:
            return None
    except ValueError:
        return None
    return parts._replace(fragment="")


def _netloc(host: str, port: int | None) -> str:
    shown = f"[{host}]" if ":" in host else host
    return shown if port is None else f"{shown}:{port}"


def _without_secrets(parts: SplitResult) -> SplitResult:
    query = parse_qsl(parts.query, keep_blank_values=True)
    kept = [(key, value) for key, value in query if key.lower() not in _SECRET_KEYS]
    if len(kept) == len(query):
        return parts  # as it was, in the device's own escaping
    return parts._replace(query=urlencode(kept))
