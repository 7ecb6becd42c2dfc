"""What ``wanglou demo`` puts into the database before the processes start, and how to stir the running city."""

from __future__ import annotations

import secrets
from pathlib import Path

from gis.cluster import Cluster
from gis.db import Database
from ingest import secret
from web import cli_store, user_store, users
from web.environment import Environment

# login name, display name, roles; the responders follow, one per police unit
OFFICERS = (
    ("admin", "系统管理员", ("admin",)),
    ("officer", "值班调度", ("dispatcher",)),
    ("commander", "值班指挥长", ("commander",)),
    ("reviewer", "录像复核", ("reviewer",)),
)
RESPONDER_SERVICE = "police"


def prepare(database: Database, environment: Environment) -> str:
    """Loads the city and its people; returns the lines that tell who may log in. A second call changes nothing."""
    from demo.city import build_city
    from demo.load import load

    secrets_file = Cluster(environment.var)
    key = environment.camera_key()
    load(
        database,
        build_city(),
        environment.demo_rtsp_port,
        secrets_file.password("demo-rtsp"),
        lambda text: secret.encrypt(key, text),
        environment.var / "demo" / "city",
        environment.demo_onvif_port,
    )
    password = secrets_file.password("demo-login")
    known = {row.name for row in user_store.everybody(database)}
    for name, shown, roles in OFFICERS:
        if name not in known:
            users.create_user(database, name, shown, password, roles, actor="demo")
    responders = []
    for unit in cli_store.units_of_service(database, RESPONDER_SERVICE):
        name = unit.code.lower()
        responders.append(name)
        if name not in known:
            users.create_user(
                database, name, unit.name, password, ("responder",), unit_id=unit.id, actor="demo"
            )
    names = ", ".join(name for name, _, _ in OFFICERS)
    return (
        f"  登录 login       officer     (also {names.replace('officer, ', '')};\n"
        f"                               on the phone {responders[0]} … {responders[-1]})\n"
        f"  密码 password    {password}"
    )


def first_admin(database: Database) -> str:
    """Makes the first account of an empty system; returns the lines that tell its made-up password."""
    password = secrets.token_urlsafe(12)
    users.create_user(
        database, "admin", "admin", password, ("admin", "dispatcher", "reviewer"), actor="set-up"
    )
    return (
        "  登录 login       admin\n"
        f"  密码 password    {password}\n"
        "                   (shown this once; change it after the first login)"
    )


def trigger(var: Path, what: str) -> str:
    """Makes ``what`` happen in the running city; returns one sentence. Raises :class:`SetupError` when it is not running."""
    if what == "intrusion":
        from demo.cameras.control import trigger_intrusion

        return f"enters at {trigger_intrusion(var):.3f}"
    from demo.vehicles import trigger_sos

    return f"SOS from {trigger_sos(var)}"
