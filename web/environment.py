"""The environment's variables: the one place that reads them, checked once with a clear message."""

from __future__ import annotations

import base64
import hashlib
import os
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from gis.cluster import PORTAL_ROLE, Cluster
from gis.errors import SetupError

ROOT = Path(__file__).resolve().parent.parent


class Environment(BaseSettings):
    """Every variable the program knows; ``docs/administration.md`` describes each."""

    model_config = SettingsConfigDict(env_prefix="WANGLOU_", extra="ignore")

    database_url: str | None = Field(default=None, validation_alias="DATABASE_URL")
    portal_database_url: str | None = Field(default=None, validation_alias="PORTAL_DATABASE_URL")
    var: Path = ROOT / "var"
    recordings: Path | None = None
    static: Path = ROOT / "web" / "static"
    host: str = "127.0.0.1"
    console_port: int = Field(default=8080, ge=1, le=65535)
    portal_port: int = Field(default=8081, ge=1, le=65535)
    jt808_port: int = Field(default=6808, ge=1, le=65535)
    hj212_port: int = Field(default=6212, ge=1, le=65535)
    sl651_port: int = Field(default=6651, ge=1, le=65535)
    demo_rtsp_port: int = Field(default=8554, ge=1, le=65535)
    demo_onvif_port: int = Field(default=8555, ge=1, le=65535)
    demo_cameras: str = ""
    secure_cookies: bool = False
    auto_register: bool = False
    min_free_gb: float = Field(default=2.0, ge=0)
    exports: Path | None = None
    export_days: int = Field(default=7, ge=1, le=3650)
    export_max_gb: float = Field(default=500.0, gt=0)
    disk_warn_percent: float = Field(default=85.0, gt=0, le=100)
    disk_alarm_percent: float = Field(default=95.0, gt=0, le=100)
    model_threads: int = Field(default=1, ge=1, le=64)
    segment_s: float = Field(default=300.0, ge=10, le=3600)
    ice_servers: str = ""
    timezone: str = "Asia/Shanghai"

    @field_validator("timezone")
    @classmethod
    def _known_timezone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError):
            raise ValueError("no such time zone: give an IANA name, as Asia/Shanghai") from None
        return value

    @property
    def recordings_folder(self) -> Path:
        """Where footage lies."""
        return (self.recordings or self.var / "recordings").resolve()

    @property
    def exports_folder(self) -> Path:
        """Where evidence packages lie until they are fetched."""
        return (self.exports or self.var / "exports").resolve()

    @property
    def ingest_socket(self) -> Path:
        """The Unix socket of ingest's own HTTP server."""
        return self.var / "run" / "ingest.sock"

    @property
    def reachable_host(self) -> str:
        """An address of this machine at which a server bound to ``host`` answers."""
        return "127.0.0.1" if self.host in ("0.0.0.0", "::", "") else self.host

    @property
    def ice_server_list(self) -> tuple[str, ...]:
        """STUN and TURN servers for live views."""
        return tuple(part.strip() for part in self.ice_servers.split(",") if part.strip())

    def cluster(self) -> Cluster | None:
        """The private cluster, or None where ``DATABASE_URL`` names another server."""
        return None if self.database_url else Cluster(self.var)

    def owner_url(self) -> str:
        """The database's address with full rights."""
        return self.database_url or Cluster(self.var).url()

    def portal_url(self) -> str:
        """The database's address for the portal's role.

        Raises :class:`SetupError` when ``DATABASE_URL`` is set without it.
        """
        if self.portal_database_url:
            return self.portal_database_url
        if self.database_url:
            raise SetupError(
                "DATABASE_URL is set, PORTAL_DATABASE_URL is not: the portal never uses the owner's login. "
                f"Create a login role {PORTAL_ROLE} on that server and give its address in PORTAL_DATABASE_URL"
            )
        return Cluster(self.var).url(PORTAL_ROLE)

    def portal_role(self) -> str:
        """The name of the role that :meth:`portal_url` logs in as."""
        return urlsplit(self.portal_url()).username or PORTAL_ROLE

    def camera_key(self) -> bytes:
        """The Fernet key that encrypts camera passwords, derived from a secret made up on first use."""
        secret = Cluster(self.var).password("camera-key")
        return base64.urlsafe_b64encode(hashlib.sha256(secret.encode()).digest())


def read_environment() -> Environment:
    """Reads the environment. Raises :class:`SetupError` that names the variable and quotes its value."""
    try:
        environment = Environment()
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0])
        variable = name if name.isupper() else f"WANGLOU_{name.upper()}"
        raise SetupError(f"{variable}={os.environ.get(variable)!r}: {first['msg']}") from error
    if environment.ice_servers:
        # Here, because it loads a library that other starts need not wait for.
        from ingest.live.ice import ice_server

        for text in environment.ice_server_list:
            ice_server(text)
    environment.var = environment.var.resolve()
    return environment
