"""The nouns of the web: how the console and the portal are set up, and who is asking."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from gis.clock import Clock, SystemClock

ROLES = ("admin", "dispatcher", "commander", "reviewer", "responder")
LANGUAGES = ("zh-CN", "en")


@dataclass(frozen=True, slots=True)
class ConsoleSettings:
    """What the console needs to know; built by ``web/settings.py`` and by tests.

    ``camera_key`` encrypts the cameras' passwords (a Fernet key, URL-safe base64 of 32 bytes).
    ``timezone`` is the city's, an IANA name. ``static`` is the built interface. ``portal_health_url`` is asked for the portal's state, which has
    no right to write its own heartbeat.
    """

    database_url: str
    var: Path
    recordings: Path
    ingest_socket: Path
    camera_key: bytes
    static: Path
    host: str = "127.0.0.1"
    port: int = 8080
    secure_cookies: bool = False
    session_idle_s: float = 3600.0
    session_absolute_s: float = 16 * 3600.0
    portal_health_url: str | None = None
    ptz_stand_look_s: float = 5.0  # how often cameras that turn are asked where they stand
    ptz_home_look_s: float = 5.0  # how often it is looked for cameras that are to return home
    exports_folder: Path | None = None
    export_max_bytes: int = 500_000_000_000
    export_free_bytes: int = 1 << 30
    clock: Clock = field(default_factory=SystemClock)
    timezone: str = "Asia/Shanghai"

    @property
    def exports(self) -> Path:
        """The folder of evidence packages."""
        return self.exports_folder or self.var / "exports"

    @property
    def models(self) -> Path:
        """Detection models, by their checksums."""
        return self.var / "models"

    @property
    def snapshots(self) -> Path:
        """The folder of the events' pictures."""
        return self.var / "snapshots"


@dataclass(frozen=True, slots=True)
class PortalSettings:
    """What the portal needs to know: the public database role's address and the folder of HLS files."""

    database_url: str
    var: Path
    static: Path
    host: str = "127.0.0.1"
    port: int = 8081
    clock: Clock = field(default_factory=SystemClock)
    timezone: str = "Asia/Shanghai"

    @property
    def hls(self) -> Path:
        """``<code>/index.json``, ``init-*.mp4`` and ``*.m4s``, written by ingest."""
        return self.var / "hls"


@dataclass(frozen=True, slots=True)
class CurrentUser:
    """The person behind a request. ``camera_ids`` None means every camera."""

    id: int
    name: str
    display_name: str
    roles: frozenset[str]
    camera_ids: frozenset[int] | None
    unit_id: int | None
    language: str
    version: int = 1

    def has(self, *roles: str) -> bool:
        """Whether the person holds any of ``roles``."""
        return not self.roles.isdisjoint(roles)

    def sees(self, camera_id: int | None) -> bool:
        """Whether the person may look at this camera; a thing of no camera is seen by all."""
        return camera_id is None or self.camera_ids is None or camera_id in self.camera_ids


@dataclass(frozen=True, slots=True)
class Session:
    """An open session: the hash of its cookie, the token its changes must carry, and its owner."""

    token_hash: bytes
    csrf: str
    expires_at: datetime
    user: CurrentUser
