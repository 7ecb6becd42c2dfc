"""A private PostgreSQL cluster: made, started and stopped by the program, on a Unix socket only.

Passwords are made up on the spot and kept in a file that only this user can read. PostgreSQL refuses to run
as root, so where the program is root the server runs as the package's own user ``postgres``.
"""

from __future__ import annotations

import hashlib
import json
import os
import pwd
import secrets
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psutil
import psycopg2

from gis.errors import SetupError

OWNER_ROLE = "wanglou"
PORTAL_ROLE = "wanglou_portal"
DATABASE = "wanglou"
_REAPED_WITHIN_S = 20.0
_SOCKET_LIMIT = 90  # sun_path holds 107 bytes and PostgreSQL adds '/.s.PGSQL.5432.lock'


def find_binaries() -> Path:
    """The newest PostgreSQL ``bin`` folder on this machine. Raises :class:`SetupError` when older than 15."""
    candidates = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/postgres"),
        key=lambda p: int(p.parent.parent.name) if p.parent.parent.name.isdigit() else 0,
    )
    if candidates:
        if int(candidates[-1].parent.parent.name) < 15:
            raise SetupError(
                "PostgreSQL here is older than 15: apt-get install postgresql-15 or newer"
            )
        return candidates[-1].parent
    found = shutil.which("postgres")
    if found:
        return Path(found).resolve().parent
    raise SetupError("PostgreSQL is not installed: apt-get install postgresql postgresql-postgis")


@dataclass(frozen=True, slots=True)
class _Account:
    uid: int
    gid: int
    name: str


def _server_account() -> _Account | None:
    """The user to run the server as when we are root, else None."""
    if os.geteuid() != 0:
        return None
    try:
        entry = pwd.getpwnam("postgres")
    except KeyError:
        raise SetupError(
            "started as root, and there is no user 'postgres' to run the database as: "
            "apt-get install postgresql, or start as an ordinary user"
        ) from None
    return _Account(entry.pw_uid, entry.pw_gid, entry.pw_name)


def _reachable(path: Path, account: _Account) -> bool:
    """Whether every folder above ``path`` lets another user pass through."""
    existing = [p for p in path.resolve().parents if p.exists()]
    return all(p.stat().st_mode & 0o001 or p.stat().st_uid == account.uid for p in existing)


class Cluster:
    """One cluster under ``folder``. ``fast_unsafe`` drops durability, for tests."""

    def __init__(self, folder: Path, fast_unsafe: bool = False) -> None:
        folder = folder.resolve()
        self.account = _server_account()
        self.folder = folder
        if self.account is not None and not _reachable(folder / "pg", self.account):
            digest = hashlib.sha256(str(folder).encode()).hexdigest()[:12]
            self.folder = Path("/var/lib/wanglou") / digest
        self.data = self.folder / "pg"
        self._secrets = folder / "secrets.json"
        socket_dir = self.folder / "pgrun"
        if len(str(socket_dir)) > _SOCKET_LIMIT:
            digest = hashlib.sha256(str(folder).encode()).hexdigest()[:12]
            socket_dir = Path("/tmp") / f"wanglou-{os.geteuid()}-{digest}"
        self.socket_dir = socket_dir
        self.log = self.folder / "pg.log"
        self._fast = fast_unsafe

    def password(self, name: str) -> str:
        """The secret ``name``, made up on first use. The file is readable by its owner only."""
        known: dict[str, str] = {}
        if self._secrets.exists():
            known = json.loads(self._secrets.read_text())
        if name not in known:
            known[name] = secrets.token_urlsafe(24)
            self._secrets.parent.mkdir(parents=True, exist_ok=True)
            temporary = self._secrets.with_suffix(".new")
            temporary.touch(mode=0o600)
            temporary.write_text(json.dumps(known, indent=1))
            temporary.replace(self._secrets)
        return known[name]

    def url(self, role: str = OWNER_ROLE, database: str = DATABASE) -> str:
        """A connection string for ``role``."""
        return (
            f"postgresql://{role}:{quote(self.password(role))}@/{database}"
            f"?host={quote(str(self.socket_dir), safe='')}"
        )

    def running(self) -> bool:
        """Whether the server answers."""
        return self._pg("pg_ctl", "-D", str(self.data), "status", check=False).returncode == 0

    def alive(self) -> bool:
        """Whether the server's process exists; cheap enough to ask every second, unlike :meth:`running`."""
        return self._status() not in (None, psutil.STATUS_ZOMBIE)

    def _status(self) -> str | None:
        """The state of the process that the server's file names, None where there is none."""
        try:
            pid = int((self.data / "postmaster.pid").read_text().splitlines()[0])
            return str(psutil.Process(pid).status())
        except (OSError, ValueError, IndexError, psutil.NoSuchProcess):
            return None

    def start(self) -> None:
        """Makes the cluster if it is not there, and starts it. Raises :class:`SetupError` with the reason."""
        self._own(self.socket_dir)
        if not (self.data / "PG_VERSION").exists():
            self._init()
        if not self.alive():
            self._launch()
        self._roles()

    def _launch(self) -> None:
        # A killed server keeps its number until its parent takes note of the end, and PostgreSQL takes that
        # for a running one. The file is not ours to remove: it guards the memory of sessions still ending.
        deadline = time.monotonic() + _REAPED_WITHIN_S
        while self._status() == psutil.STATUS_ZOMBIE and time.monotonic() < deadline:
            time.sleep(0.1)
        options = f"-c listen_addresses= -c unix_socket_directories={self.socket_dir}"
        if self._fast:
            options += " -c fsync=off -c synchronous_commit=off -c full_page_writes=off"
        self.log.touch(exist_ok=True)
        if self.account is not None:
            os.chown(self.log, self.account.uid, self.account.gid)
        done = self._pg(
            "pg_ctl",
            "-D",
            str(self.data),
            "-l",
            str(self.log),
            "-w",
            "-t",
            "60",
            "-o",
            options,
            "start",
            check=False,
        )
        if done.returncode != 0:
            tail = "\n".join(self.log.read_text(errors="replace").splitlines()[-5:])
            raise SetupError(f"PostgreSQL did not start; the last lines of {self.log}:\n{tail}")

    def stop(self) -> None:
        """Stops the server, ending its sessions; the data stay."""
        if (self.data / "PG_VERSION").exists() and self.running():
            self._pg(
                "pg_ctl", "-D", str(self.data), "-m", "fast", "-w", "-t", "60", "stop", check=False
            )

    def _init(self) -> None:
        self._own(self.data, mode=0o700)
        pwfile = self.folder / "initdb.pw"
        pwfile.touch(mode=0o600)
        try:
            pwfile.write_text(self.password("postgres") + "\n")
            if self.account is not None:
                os.chown(pwfile, self.account.uid, self.account.gid)
            done = self._pg(
                "initdb",
                "-D",
                str(self.data),
                "-U",
                "postgres",
                "--auth=scram-sha-256",
                f"--pwfile={pwfile}",
                "-E",
                "UTF8",
                "--locale=C.UTF-8",
                "--no-instructions",
                *(["--no-sync"] if self._fast else []),
                check=False,
            )
        finally:
            pwfile.unlink(missing_ok=True)
        if done.returncode != 0:
            raise SetupError(
                f"initdb failed in {self.data}: {done.stderr.strip() or done.stdout.strip()}"
            )
        with (self.data / "postgresql.conf").open("a") as conf:
            conf.write(
                "\n# wanglou: one machine, many small writers\n"
                "shared_buffers = 256MB\nmax_connections = 100\nwal_compression = on\n"
                "max_wal_size = 2GB\nrandom_page_cost = 1.1\ntimezone = 'UTC'\nlog_timezone = 'UTC'\n"
                "log_min_duration_statement = 1000\njit = off\n"
            )

    def _roles(self) -> None:
        """Creates the owner and portal roles and the database; a second call changes nothing."""
        deadline = time.monotonic() + 30
        while True:
            try:
                connection = psycopg2.connect(self.url("postgres", "postgres"), connect_timeout=5)
                break
            except psycopg2.OperationalError as error:
                if not self.alive():  # it was just dying when it was looked at first
                    self._launch()
                if time.monotonic() > deadline:
                    raise SetupError(f"the private database does not answer: {error}") from error
                time.sleep(0.1)
        connection.autocommit = True
        try:
            with connection.cursor() as cursor:
                for role, extra in ((OWNER_ROLE, "SUPERUSER"), (PORTAL_ROLE, "")):
                    cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (role,))
                    if cursor.fetchone() is None:
                        cursor.execute(
                            f"CREATE ROLE {role} LOGIN {extra} PASSWORD %s", (self.password(role),)
                        )
                cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", (DATABASE,))
                if cursor.fetchone() is None:
                    cursor.execute(f"CREATE DATABASE {DATABASE} OWNER {OWNER_ROLE}")
        finally:
            connection.close()

    def _own(self, folder: Path, mode: int = 0o755) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(mode)
        if self.account is not None:
            os.chown(folder, self.account.uid, self.account.gid)

    def _pg(
        self, program: str, *arguments: str, check: bool = True
    ) -> subprocess.CompletedProcess[str]:
        # A pipe would stay open in the started server, so "start" writes to its log file alone.
        sink = subprocess.DEVNULL if "start" in arguments else subprocess.PIPE
        account = self.account
        return subprocess.run(
            [str(find_binaries() / program), *arguments],
            check=check,
            text=True,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=sink,
            start_new_session=True,  # Ctrl-C in the terminal must not reach the server before its clients
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
        )
