"""``wanglou process NAME``: one process of the system, as the supervisor starts it."""

from __future__ import annotations

import argparse
import signal
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any

import uvicorn

from gis import log
from gis.cluster import Cluster
from web import settings
from web.environment import Environment, read_environment


def add(verbs: Any) -> None:
    parser = verbs.add_parser(
        "process", help="run one process of the system (the supervisor uses this)"
    )
    parser.add_argument("name", choices=sorted(ENTRIES))
    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    log.setup(options.name)
    stop = threading.Event()

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, on_signal)
    signal.signal(signal.SIGINT, on_signal)
    environment = read_environment()
    (environment.var / "run").mkdir(parents=True, exist_ok=True)
    ENTRIES[options.name](environment, stop)
    return 0


def _ingest(environment: Environment, stop: threading.Event) -> None:
    from ingest.main import run

    run(settings.ingest(environment), stop)


def _gateway(environment: Environment, stop: threading.Event) -> None:
    from ingest.telemetry.main import run

    run(settings.gateway(environment), stop)


def _analytics(environment: Environment, stop: threading.Event) -> None:
    from analytics.main import run

    run(settings.analytics(environment), stop)


def _exporter(environment: Environment, stop: threading.Event) -> None:
    from ingest.evidence.main import run
    from ingest.evidence.model import MakeFilter, Mask

    def make_mask(mask: Mask) -> MakeFilter:
        # Decoders and detectors are a hundred megabytes that most exporters never need.
        from analytics.mask import make_mask

        return make_mask(mask)

    run(settings.exporter(environment), stop, make_mask)


def _command(environment: Environment, stop: threading.Event) -> None:
    from command.main import run

    run(settings.command(environment), stop)


def _console(environment: Environment, stop: threading.Event) -> None:
    from web.app import create_console

    _serve(
        create_console(settings.console(environment)), environment.host, environment.console_port
    )


def _portal(environment: Environment, stop: threading.Event) -> None:
    from web.portal.app import create_portal

    _serve(create_portal(settings.portal(environment)), environment.host, environment.portal_port)


def _demo_cameras(environment: Environment, stop: threading.Event) -> None:
    from demo.cameras.main import run

    codes = [code for code in environment.demo_cameras.split(",") if code]
    password = Cluster(environment.var).password("demo-rtsp")
    run(
        environment.var,
        environment.demo_rtsp_port,
        password,
        stop,
        codes or None,
        environment.demo_onvif_port,
    )


def _demo_vehicles(environment: Environment, stop: threading.Event) -> None:
    from demo.vehicles import run

    run(environment.var, environment.jt808_port, stop)


def _demo_sensors(environment: Environment, stop: threading.Event) -> None:
    from demo.sensors import run

    run(environment.var, environment.sl651_port, environment.hj212_port, stop)


def _serve(app: Any, host: str, port: int) -> None:
    # uvicorn installs its own handlers for SIGTERM and SIGINT and closes open connections itself.
    uvicorn.run(
        app,
        host=host,
        port=port,
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=3,
        server_header=False,
        ws_max_size=1 << 20,
        ws_per_message_deflate=False,  # video does not shrink, and a hidden buffer would hide a slow viewer
    )


ENTRIES: dict[str, Callable[[Environment, threading.Event], None]] = {
    "ingest": _ingest,
    "gateway": _gateway,
    "analytics": _analytics,
    "command": _command,
    "exporter": _exporter,
    "console": _console,
    "portal": _portal,
    "demo-cameras": _demo_cameras,
    "demo-vehicles": _demo_vehicles,
    "demo-sensors": _demo_sensors,
}
