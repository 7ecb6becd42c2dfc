"""``wanglou user add|list|password``."""

from __future__ import annotations

import argparse
import getpass
import secrets
import sys
from typing import Any

from gis.errors import InvalidInput
from web import cli_store, user_store, users
from web.cli.connection import open_database
from web.cli.output import print_json, table
from web.model import LANGUAGES, ROLES


def add(verbs: Any) -> None:
    parser = verbs.add_parser("user", help="people who may log in")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    new = actions.add_parser(
        "add", help="make an account; the password is asked for, or made up and printed"
    )
    new.add_argument("name", help="login name, 2 to 32 of A-Z a-z 0-9 . _ -")
    new.add_argument("--display-name", help="the name on the screen (default: the login name)")
    new.add_argument(
        "--role", action="append", choices=ROLES, required=True, help="may be given several times"
    )
    new.add_argument("--camera", action="append", metavar="CODE", help="may see only these cameras")
    new.add_argument("--unit", metavar="CODE", help="a responder's unit")
    new.add_argument("--language", choices=LANGUAGES, default="zh-CN")
    new.add_argument(
        "--ask", action="store_true", help="ask for the password instead of making one up"
    )
    new.add_argument("--json", action="store_true")
    new.set_defaults(run=_add)
    listing = actions.add_parser("list", help="all accounts")
    listing.add_argument("--json", action="store_true")
    listing.set_defaults(run=_list)
    change = actions.add_parser(
        "password", help="give a new password, made up and printed; ends their sessions"
    )
    change.add_argument("name")
    change.add_argument("--ask", action="store_true", help="ask for it instead of making one up")
    change.set_defaults(run=_password)


def _password_for(ask: bool) -> str:
    if not ask:
        return secrets.token_urlsafe(12)
    first = getpass.getpass("password: ")
    if getpass.getpass("once more: ") != first:
        raise InvalidInput("the two passwords differ", "password")
    return first


def _add(options: argparse.Namespace) -> int:
    password = _password_for(options.ask)
    with open_database() as database:
        camera_ids = cli_store.camera_ids(database, options.camera) if options.camera else None
        unit_id = cli_store.unit_id(database, options.unit) if options.unit else None
        made = users.create_user(
            database,
            options.name,
            options.display_name or options.name,
            password,
            options.role,
            camera_ids=camera_ids,
            unit_id=unit_id,
            language=options.language,
            actor="command line",
        )
    facts = {"id": made.id, "name": made.name, "roles": made.roles}
    if not options.ask:
        facts["password"] = password
    if options.json:
        print_json(facts)
    else:
        print("\n".join(f"{key}: {value}" for key, value in facts.items()))
    return 0


def _list(options: argparse.Namespace) -> int:
    with open_database() as database:
        rows = user_store.everybody(database)
    if options.json:
        print_json(
            [
                {
                    "id": r.id,
                    "name": r.name,
                    "display_name": r.display_name,
                    "roles": r.roles,
                    "active": r.active,
                }
                for r in rows
            ]
        )
    else:
        print(
            table(
                [
                    (r.id, r.name, r.display_name, ",".join(r.roles), "yes" if r.active else "no")
                    for r in rows
                ],
                ("id", "name", "display name", "roles", "active"),
            )
        )
    return 0


def _password(options: argparse.Namespace) -> int:
    password = _password_for(options.ask)
    with open_database() as database:
        users.set_password(database, options.name, password, actor="command line")
    if not options.ask:
        print(password)
    else:
        print("changed", file=sys.stderr)
    return 0
