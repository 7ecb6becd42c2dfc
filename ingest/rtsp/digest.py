"""Logging in: digest (RFC 7616, and RFC 2069 as old cameras do it) and basic authentication. Pure."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

_FIELD = re.compile(r'(\w+)\s*=\s*(?:"([^"]*)"|([^,\s]+))')
_HASHES: dict[str, Callable[[bytes], str]] = {
    "MD5": lambda data: hashlib.md5(data, usedforsecurity=False).hexdigest(),
    "SHA-256": lambda data: hashlib.sha256(data).hexdigest(),
}


@dataclass(slots=True)
class Login:
    """A user's answers to one server's challenges; ``basic`` False keeps the password off the wire."""

    user: str
    password: str = field(repr=False)
    basic: bool = True
    _fields: dict[str, str] | None = field(default=None, init=False)
    _algorithm: str = field(default="MD5", init=False)
    _basic_asked: bool = field(default=False, init=False)
    _count: int = field(default=0, init=False)

    def challenge(self, challenges: Sequence[str]) -> bool:
        """Takes the ``WWW-Authenticate`` headers of a 401; returns whether one of them can be answered."""
        self._fields, self._count = None, 0
        digests = [c for c in challenges if c.lower().startswith("digest")]
        digests.sort(key=lambda c: "sha-256" not in c.lower())
        for text in digests:
            fields = {n.lower(): q or p for n, q, p in _FIELD.findall(text[6:])}
            algorithm = fields.get("algorithm", "MD5")
            if algorithm.upper() in _HASHES and "nonce" in fields:
                self._fields, self._algorithm = fields, algorithm
                return True
        self._basic_asked = self.basic and any(c.lower().startswith("basic") for c in challenges)
        return self._basic_asked

    def authorization(self, method: str, url: str, cnonce: str) -> str | None:
        """The ``Authorization`` header for a request; None before a challenge."""
        if self._fields is not None:
            self._count += 1
            return self._digest(self._fields, method, url, cnonce)
        if self._basic_asked:
            login = base64.b64encode(f"{self.user}:{self.password}".encode()).decode()
            return f"Basic {login}"
        return None

    def _digest(self, fields: dict[str, str], method: str, url: str, cnonce: str) -> str:
        hashed = _HASHES[self._algorithm.upper()]

        def h(*parts: str) -> str:
            return hashed(":".join(parts).encode())

        user = self.user.replace("\\", "\\\\").replace('"', '\\"')
        realm, nonce = fields.get("realm", ""), fields["nonce"]
        first, second = h(self.user, realm, self.password), h(method, url)
        parts = [f'username="{user}"', f'realm="{realm}"', f'nonce="{nonce}"', f'uri="{url}"']
        if "auth" in re.split(r"[,\s]+", fields.get("qop", "")):
            count = f"{self._count:08x}"
            parts.append(f'response="{h(first, nonce, count, cnonce, "auth", second)}"')
            parts += ["qop=auth", f"nc={count}", f'cnonce="{cnonce}"']
        else:
            parts.append(f'response="{h(first, nonce, second)}"')
        if "algorithm" in fields:
            parts.append(f"algorithm={self._algorithm}")
        if "opaque" in fields:
            parts.append(f'opaque="{fields["opaque"]}"')
        return "Digest " + ", ".join(parts)
