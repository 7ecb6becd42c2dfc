"""Whether a request comes from our own pages."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit


def same_origin(headers: Mapping[str, str]) -> bool:
    """Whether ``Origin`` names the host the request was sent to.

    A browser always sends ``Origin`` with a WebSocket and with a change from another site; a request without
    one comes from a program, which has no cookies to misuse. ``Sec-Fetch-Site`` is believed where present.
    """
    if headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        return False
    origin = headers.get("origin")
    if origin is None:
        return True
    return urlsplit(origin).netloc.lower() == headers.get("host", "").lower() != ""
