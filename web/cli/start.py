"""``wanglou up`` and ``wanglou demo``: bring everything up, say where it is, stop all of it on Ctrl-C."""

from __future__ import annotations

import argparse
import errno
import fcntl
import os
import shutil
import signal
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import Any

import httpx
import psutil

from gis.db import Database
from gis.errors import DatabaseAway, SetupError
from gis.migrate import migrate
from web import cli_store
from web.cli import demo_city
from web.environment import ROOT, Environment, read_environment
from web.keeper import DatabaseKeeper
from web.portal.grants import grant
from web.supervisor import Service, Supervisor

LEAST_FREE_BYTES = 1_000_000_000
READY_WITHIN_S = 60.0
SERVICES = ("ingest", "gateway", "analytics", "command", "exporter", "console", "portal")
DEMO_SERVICES = ("demo-cameras", "demo-vehicles", "demo-sensors")


def add(verbs: Any) -> None:
    up = verbs.add_parser("up", help="start the system and keep it running until Ctrl-C")
    up.set_defaults(run=lambda _options: _run(with_demo=False))
    demo = verbs.add_parser("demo", help="start the system with the simulated city")
    demo.set_defaults(run=lambda _options: _run(with_demo=True))
    actions = demo.add_subparsers(dest="action", metavar="ACTION")
    trigger = actions.add_parser("trigger", help="make something happen in the running demo city")
    trigger.add_argument(
        "what",
        choices=("intrusion", "sos"),
        help="somebody climbs into the yard; a driver calls for help",
    )
    trigger.set_defaults(run=_trigger)


def _run(with_demo: bool) -> int:
    started_s = time.monotonic()
    environment = read_environment()
    stop = threading.Event()

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGINT, on_signal)
    signal.signal(signal.SIGTERM, on_signal)
    if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # nohup's wish to outlive the terminal
        signal.signal(signal.SIGHUP, on_signal)
    print("望楼 Wanglou")
    with _only_one(environment.var):
        _check_machine(environment, with_demo)
        cluster = environment.cluster()
        try:
            if cluster is not None:
                with _step("database"):
                    cluster.start()
            owner_url, portal_url = environment.owner_url(), environment.portal_url()
            database = Database(owner_url, size=4, application="wanglou-start")
            with _step("schema"):
                try:
                    steps = migrate(database)
                except DatabaseAway as error:
                    raise SetupError(
                        f"{error}: check DATABASE_URL, and whether that server runs and lets this machine in"
                    ) from error
                grant(database, environment.portal_role())
            if steps:
                print(f"      {', '.join(steps)}")
            login = ""
            if with_demo:
                with _step("demo city"):
                    login = demo_city.prepare(database, environment)
            elif not cli_store.anybody_can_log_in(database):
                login = demo_city.first_admin(database)
            database.close()
            supervisor = Supervisor(
                services(environment, owner_url, portal_url, with_demo),
                environment.var / "log",
                _say,
                stop,
            )
            keeper = DatabaseKeeper(cluster, _say) if cluster is not None else None
            try:
                if keeper is not None:
                    keeper.start()
                with _step("processes"):
                    supervisor.start()
                _await_ready(environment, supervisor, stop)
                if not stop.is_set():
                    _announce(environment, login, with_demo, time.monotonic() - started_s)
                supervisor.watch()
            finally:
                _say("\nstopping …")
                supervisor.shut_down()
                if keeper is not None:
                    keeper.stop()
        finally:
            if cluster is not None:
                cluster.stop()
    _say("stopped")
    return 0


def _say(text: str) -> None:
    """Prints; a terminal that was closed must not keep the system from stopping as a whole."""
    with suppress(OSError):
        print(text, flush=True)


def services(
    environment: Environment, owner_url: str, portal_url: str, with_demo: bool
) -> list[Service]:
    """Every process in the order of starting. The portal's environment never holds the owner's address."""
    base = {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "PORTAL_DATABASE_URL")}
    base |= {"PYTHONPATH": str(ROOT), "PYTHONUNBUFFERED": "1", "WANGLOU_VAR": str(environment.var)}
    inner = base | {"DATABASE_URL": owner_url, "PORTAL_DATABASE_URL": portal_url}
    outer = base | {"PORTAL_DATABASE_URL": portal_url}
    names = (*DEMO_SERVICES, *SERVICES) if with_demo else SERVICES
    return [
        Service(
            name,
            [sys.executable, "-m", "web.cli", "process", name],
            outer if name == "portal" or name in DEMO_SERVICES else inner,
        )
        for name in names
    ]


def _trigger(options: argparse.Namespace) -> int:
    environment = read_environment()
    at = demo_city.trigger(environment.var, options.what)
    print(at)
    return 0


@contextmanager
def _step(name: str) -> Iterator[None]:
    started_s = time.monotonic()
    if sys.stdout.isatty():
        print(f"      {name:<44} …", end="\r", flush=True)
    yield
    print(f"      {name:<44} {time.monotonic() - started_s:5.1f} s", flush=True)


@contextmanager
def _only_one(var: Path) -> Iterator[None]:
    """Holds ``var`` for this process. Raises :class:`SetupError` when another one has it."""
    folder = var / "run"
    _check_folder(folder, "WANGLOU_VAR")
    with (folder / "supervisor.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise SetupError(
                f"the system already runs from {var} (process {lock.read().strip() or 'unknown'}): "
                "stop it there with Ctrl-C, or set WANGLOU_VAR to another folder"
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def _check_folder(folder: Path, variable: str) -> None:
    """Makes the folder and tries to write there. Raises :class:`SetupError`."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise SetupError(
            f"nothing can be written in {folder} ({error.strerror or error}): "
            f"give this user the right to, or set {variable} to another folder"
        ) from error


def _check_machine(environment: Environment, with_demo: bool) -> None:
    """Everything that would make a start fail later, said now in one sentence."""
    free_bytes = shutil.disk_usage(environment.var).free
    if free_bytes < LEAST_FREE_BYTES:
        raise SetupError(
            f"only {free_bytes / 1e6:.0f} MB are free where {environment.var} lies; "
            f"at least {LEAST_FREE_BYTES / 1e6:.0f} MB are needed: free some, or set WANGLOU_VAR to another disk"
        )
    _check_folder(environment.recordings_folder, "WANGLOU_RECORDINGS")
    if not (environment.static / "index.html").exists():
        raise SetupError(f"the web interface is not built in {environment.static}: run ./run ui")
    for variable, port in ports(environment, with_demo):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((environment.host, port))
            except OSError as error:
                if error.errno != errno.EADDRINUSE:
                    raise SetupError(
                        f"port {port} on {environment.host} cannot be opened ({error.strerror or error}): "
                        f"set WANGLOU_HOST to an address of this machine, or {variable} to another port"
                    ) from error
                raise SetupError(
                    f"port {port} on {environment.host} is not free ({error.strerror or error}{_holder(port)}): "
                    f"stop that program, or set {variable} to another port"
                ) from error


def ports(environment: Environment, with_demo: bool) -> list[tuple[str, int]]:
    """Each TCP port the system listens on, with the variable that sets it."""
    found = [
        ("WANGLOU_CONSOLE_PORT", environment.console_port),
        ("WANGLOU_PORTAL_PORT", environment.portal_port),
        ("WANGLOU_JT808_PORT", environment.jt808_port),
        ("WANGLOU_HJ212_PORT", environment.hj212_port),
        ("WANGLOU_SL651_PORT", environment.sl651_port),
    ]
    if with_demo:
        found.append(("WANGLOU_DEMO_RTSP_PORT", environment.demo_rtsp_port))
        found.append(("WANGLOU_DEMO_ONVIF_PORT", environment.demo_onvif_port))
    return found


def _holder(port: int) -> str:
    try:
        for connection in psutil.net_connections("tcp"):
            if (
                connection.laddr
                and connection.laddr.port == port
                and connection.status == "LISTEN"
                and connection.pid
            ):
                return f", held by process {connection.pid} {psutil.Process(connection.pid).name()}"
    except (psutil.AccessDenied, psutil.NoSuchProcess):
        pass
    return ""


def _await_ready(environment: Environment, supervisor: Supervisor, stop: threading.Event) -> None:
    """Waits for the console and the portal to answer, restarting meanwhile what dies."""
    waiting: dict[str, Callable[[], bool]] = {
        "console": lambda: _answers(environment.reachable_host, environment.console_port),
        "portal": lambda: _answers(environment.reachable_host, environment.portal_port),
    }
    deadline = time.monotonic() + READY_WITHIN_S
    with _step("console and portal answer"):
        while waiting and not stop.wait(0.1):
            supervisor.look()
            for name in [n for n, ready in waiting.items() if ready()]:
                del waiting[name]
            if time.monotonic() > deadline:
                print(
                    f"      {', '.join(waiting)} did not answer within {READY_WITHIN_S:.0f} s; see {supervisor.log_folder}"
                )
                return


def _answers(host: str, port: int) -> bool:
    try:
        # Health may say "degraded" (503) while cameras still connect: it answers, so it is up.
        return httpx.get(f"http://{host}:{port}/healthz", timeout=2).status_code in (
            200,
            503,
        )
    except httpx.HTTPError:
        return False


def _announce(environment: Environment, login: str, with_demo: bool, took_s: float) -> None:
    host = environment.reachable_host
    lines = [
        "",
        f"  ready in {took_s:.1f} s",
        "",
        f"  控制台 console   http://{host}:{environment.console_port}/",
        f"  手机 phone       http://{host}:{environment.console_port}/phone",
        f"  公众网 portal    http://{host}:{environment.portal_port}/",
    ]
    if login:
        lines += ["", login]
    if with_demo:
        lines += [
            "",
            "  Somebody climbs into the waterworks' yard every three minutes. At once:",
            "    ./run wanglou demo trigger intrusion",
        ]
    print("\n".join([*lines, "", "  Ctrl-C stops everything.", ""]), flush=True)
