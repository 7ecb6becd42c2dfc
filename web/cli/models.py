"""``wanglou models add|list|test|use|rest|remove``: the files that tell persons from vehicles, and their licences."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import cv2

from analytics import model_store
from analytics.detect.model import Bgr
from analytics.detect.onnx_file import Model, ModelFailed
from analytics.detect.trying import Tried, decoded, drawn, pictures, try_on
from analytics.model_store import PURPOSES, StoredModel
from gis.db import Database
from gis.errors import InvalidInput
from ingest.model import MAIN
from web import audit_store, cli_store
from web.cli.connection import open_database
from web.cli.output import print_json, table
from web.environment import Environment, read_environment
from web.ingest_client import IngestClient

ACTOR = "command line"
FAMILIES = ("yolox", "nanodet", "picodet", "persons", "look")


def add(verbs: Any) -> None:
    parser = verbs.add_parser("models", help="ONNX models that say what a moving thing is")
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    new = actions.add_parser("add", help="try a file and keep a copy of it")
    new.add_argument("file", type=Path)
    new.add_argument("--licence", required=True, help="under which it may be used: Apache-2.0")
    new.add_argument("--source", help="where it came from")
    new.add_argument("--name", help="what it is called here; the file's name without one")
    new.add_argument("--family", choices=FAMILIES, help="where the file does not show it")
    new.add_argument("--classes", type=Path, metavar="FILE", help="class names, one a line")
    new.add_argument("--use", action="store_true", help="ask it from now on")
    new.add_argument("--json", action="store_true")
    new.set_defaults(run=_add)
    listing = actions.add_parser("list", help="every model, its licence, and which are asked")
    listing.add_argument("--json", action="store_true")
    listing.set_defaults(run=_list)
    test = actions.add_parser("test", help="what a model finds in a picture, a clip or a camera")
    test.add_argument("name")
    what = test.add_mutually_exclusive_group(required=True)
    what.add_argument("--file", type=Path, help="a picture or a clip")
    what.add_argument("--camera", metavar="CODE", help="a camera's newest picture")
    test.add_argument("--out", type=Path, metavar="FILE", help="write the last picture with frames")
    test.add_argument("--json", action="store_true")
    test.set_defaults(run=_test)
    for name, help_text, run in (
        ("use", "ask a model from now on", _use),
        ("remove", "remove a model and its file", _remove),
    ):
        action = actions.add_parser(name, help=help_text)
        action.add_argument("name")
        action.set_defaults(run=run)
    stop = actions.add_parser("rest", help="ask no model; size, speed and shape decide")
    stop.add_argument("purpose", choices=PURPOSES)
    stop.set_defaults(run=_rest)


def folder(environment: Environment) -> Path:
    """Where model files lie."""
    return environment.var / "models"


def _add(options: argparse.Namespace) -> int:
    environment = read_environment()
    classes = None
    if options.classes is not None:
        try:
            classes = options.classes.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise InvalidInput(f"'{options.classes}' cannot be read: {error}", "classes") from error
    with open_database(environment) as database:
        known = model_store.models(database)
        with database.transaction() as cursor:
            made = model_store.add(
                cursor,
                folder(environment),
                options.file,
                name=options.name or options.file.stem,
                licence=options.licence,
                source=options.source,
                added_by=ACTOR,
                known=known,
                family=options.family,
                classes=classes,
            )
            _audit(
                cursor, "add_model", made, {"file": options.file.name, "licence": options.licence}
            )
        stored = model_store.by_id(database, made)
        if options.use:
            _ask_from_now_on(database, stored)
            stored = model_store.by_id(database, made)
    _show([stored], options.json)
    if not options.json and not stored.active:
        print(f"kept, not asked yet: wanglou models use {stored.name}")
    return 0


def _list(options: argparse.Namespace) -> int:
    with open_database() as database:
        _show(model_store.models(database), options.json)
    return 0


def _test(options: argparse.Namespace) -> int:
    environment = read_environment()
    with open_database(environment) as database:
        stored = model_store.by_name(database, options.name)
        model = model_store.load(folder(environment), stored, environment.model_threads)
        shown = (
            pictures(options.file)
            if options.file is not None
            else iter([_still(environment, database, options.camera)])
        )
        tried = list(_tried(model, shown, options.out))
    if options.json:
        print_json([asdict(t) for t, _ in tried])
        return 0
    for i, (found, _) in enumerate(tried):
        what = ", ".join(f"{s.label} {s.confidence:.2f}" for s in found.sights) or (
            f"a look of {found.look_length} numbers" if found.look_length else "nothing it knows"
        )
        print(
            f"{i + 1:3d}  {found.width_px}×{found.height_px}  {found.seconds * 1000:6.1f} ms  {what}"
        )
    return 0


def _tried(model: Model, shown: Iterator[Bgr], out: Path | None) -> Iterator[tuple[Tried, Bgr]]:
    last: tuple[Tried, Bgr] | None = None
    for picture in shown:
        try:
            last = (try_on(model, picture), picture)
        except ModelFailed as error:
            raise InvalidInput(f"the model fails on this picture: {error}") from error
        yield last
    if last is None:
        raise InvalidInput("there is no picture in it")
    if out is not None and not cv2.imwrite(str(out), drawn(last[1], last[0])):
        raise InvalidInput(f"'{out}' cannot be written", "out")


def _still(environment: Environment, database: Database, code: str) -> Bgr:
    """A camera's newest picture from the running system."""
    (camera_id,) = cli_store.camera_ids(database, [code])

    async def fetch() -> bytes:
        client = IngestClient(environment.ingest_socket)
        try:
            still = await client.snapshot(camera_id, MAIN, None)
        finally:
            await client.close()
        assert still.jpeg is not None
        return still.jpeg

    return decoded(asyncio.run(fetch()))


def _use(options: argparse.Namespace) -> int:
    with open_database() as database:
        stored = model_store.by_name(database, options.name)
        _ask_from_now_on(database, stored)
    print(f"{stored.name} is asked from now on ({stored.purpose})")
    return 0


def _rest(options: argparse.Namespace) -> int:
    with open_database() as database, database.transaction() as cursor:
        model_store.rest(cursor, options.purpose)
        audit_store.add(cursor, ACTOR, "rest_models", f"models:{options.purpose}", {}, "")
    print(f"no model is asked any more ({options.purpose})")
    return 0


def _remove(options: argparse.Namespace) -> int:
    environment = read_environment()
    with open_database(environment) as database:
        stored = model_store.by_name(database, options.name)
        with database.transaction() as cursor:
            model_store.remove(cursor, folder(environment), stored)
            _audit(cursor, "remove_model", stored.id, {"name": stored.name})
    print(f"{stored.name} is removed")
    return 0


def _ask_from_now_on(database: Database, stored: StoredModel) -> None:
    with database.transaction() as cursor:
        model_store.use(cursor, stored)
        _audit(cursor, "use_model", stored.id, {"name": stored.name})


def _audit(cursor: Any, action: str, model_id: int, detail: dict[str, Any]) -> None:
    audit_store.add(cursor, ACTOR, action, f"model:{model_id}", detail, "")


def _show(found: list[StoredModel], as_json: bool) -> None:
    if as_json:
        print_json([asdict(model) for model in found])
        return
    rows = [
        (
            m.name, "asked" if m.active else "", m.purpose, m.family, f"{m.width_px}×{m.height_px}",
            len(m.classes) or "", f"{m.size_bytes / 1e6:.1f} MB", m.licence, m.source, m.sha256[:12],
        )
        for m in found
    ]  # fmt: skip
    print(
        table(
            rows,
            (
                "name",
                "",
                "for",
                "family",
                "input",
                "classes",
                "size",
                "licence",
                "source",
                "sha256",
            ),
        )
    )
