"""Each process's settings, built from the environment; entry points call these and nothing else does."""

from __future__ import annotations

import socket

from analytics.settings import AnalyticsSettings
from command.settings import CommandSettings
from ingest.evidence.settings import ExporterSettings
from ingest.settings import IngestSettings
from ingest.telemetry.settings import GatewaySettings
from web.environment import Environment
from web.model import ConsoleSettings, PortalSettings
from web.version import VERSION


def ingest(environment: Environment) -> IngestSettings:
    """For the process that pulls, records and relays the cameras."""
    return IngestSettings(
        database_url=environment.owner_url(),
        var=environment.var,
        recordings=environment.recordings_folder,
        camera_key=environment.camera_key(),
        segment_s=environment.segment_s,
        min_free_bytes=round(environment.min_free_gb * 1e9),
        disk_warn_percent=environment.disk_warn_percent,
        disk_alarm_percent=environment.disk_alarm_percent,
        ice_servers=environment.ice_server_list,
    )


def gateway(environment: Environment) -> GatewaySettings:
    """For the process that speaks with terminals and stations."""
    return GatewaySettings(
        database_url=environment.owner_url(),
        var=environment.var,
        host=environment.host,
        jt808_port=environment.jt808_port,
        hj212_port=environment.hj212_port,
        sl651_port=environment.sl651_port,
        auto_register=environment.auto_register,
    )


def analytics(environment: Environment) -> AnalyticsSettings:
    """For the process that decodes and watches."""
    return AnalyticsSettings(
        database_url=environment.owner_url(),
        var=environment.var,
        timezone=environment.timezone,
        model_threads=environment.model_threads,
    )


def command(environment: Environment) -> CommandSettings:
    """For the process that makes alarms of events."""
    return CommandSettings(database_url=environment.owner_url())


def exporter(environment: Environment) -> ExporterSettings:
    """For the process that makes evidence packages."""
    return ExporterSettings(
        database_url=environment.owner_url(),
        var=environment.var,
        recordings=environment.recordings_folder,
        exports=environment.exports_folder,
        camera_key=environment.camera_key(),
        software=f"Wanglou {VERSION}",
        host=socket.gethostname(),
        keep_days=environment.export_days,
    )


def console(environment: Environment) -> ConsoleSettings:
    """For the inner web server."""
    return ConsoleSettings(
        database_url=environment.owner_url(),
        var=environment.var,
        timezone=environment.timezone,
        recordings=environment.recordings_folder,
        ingest_socket=environment.ingest_socket,
        camera_key=environment.camera_key(),
        static=environment.static,
        host=environment.host,
        port=environment.console_port,
        secure_cookies=environment.secure_cookies,
        exports_folder=environment.exports_folder,
        export_max_bytes=round(environment.export_max_gb * 1e9),
        portal_health_url=f"http://{environment.reachable_host}:{environment.portal_port}/healthz",
    )


def portal(environment: Environment) -> PortalSettings:
    """For the public web server; the owner's address never reaches it."""
    return PortalSettings(
        database_url=environment.portal_url(),
        var=environment.var,
        static=environment.static,
        host=environment.host,
        port=environment.portal_port,
    )
