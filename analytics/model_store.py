"""The models that are kept: their rows, their files under ``var/models``, which are asked, and that none was changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from analytics.detect.model import FamilyName, Purpose
from analytics.detect.onnx_file import Model, checksum, open_model, read
from analytics.store import QUERIES
from gis.db import Database
from gis.errors import InvalidInput, NotFound
from gis.said import say

PURPOSES: tuple[Purpose, ...] = ("detect", "look")


@dataclass(frozen=True, slots=True)
class StoredModel:
    """A model's row."""

    id: int
    name: str
    sha256: str
    purpose: Purpose
    family: FamilyName
    width_px: int
    height_px: int
    classes: tuple[str, ...]
    size_bytes: int
    licence: str
    source: str | None
    active: bool
    added_by: str
    added_at: datetime

    def path(self, folder: Path) -> Path:
        """Where its file lies."""
        return folder / f"{self.sha256}.onnx"


def models(database: Database) -> list[StoredModel]:
    """Every model, detectors first."""
    return [_stored(row) for row in database.rows(QUERIES["models"])]


def by_name(database: Database, name: str) -> StoredModel:
    """A model by its name. Raises :class:`NotFound`."""
    for model in models(database):
        if model.name == name:
            return model
    raise NotFound(f"there is no model {name!r}; see wanglou models list")


def by_id(database: Database, model_id: int) -> StoredModel:
    """A model by its id. Raises :class:`NotFound`."""
    for model in models(database):
        if model.id == model_id:
            return model
    raise NotFound(say("no_model", "there is no model {id}", id=model_id))


def add(
    cursor: Any,
    folder: Path,
    file: Path,
    *,
    name: str,
    licence: str,
    source: str | None,
    added_by: str,
    known: Sequence[StoredModel],
    family: FamilyName | None = None,
    classes: Sequence[str] | None = None,
) -> int:
    """Tries a file, copies it under its checksum and writes its row; returns the row's id.

    Raises :class:`InvalidInput` when it does not work here, is kept already, or lacks a name or a licence.
    """
    if not licence.strip():
        raise InvalidInput("give the licence under which the model may be used", "licence")
    if not name.strip():
        raise InvalidInput("give the model a name", "name")
    data = read(file)
    sha256 = checksum(data)
    for other in known:
        if other.sha256 == sha256:
            raise InvalidInput(f"this very file is kept already, as '{other.name}'")
        if other.name == name:
            raise InvalidInput(f"a model '{name}' is kept already; choose another --name", "name")
    facts = open_model(data, file.name, family, classes).facts
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{sha256}.onnx"
    part = target.with_suffix(".part")
    part.write_bytes(data)
    part.replace(target)
    values = {
        "name": name.strip(),
        "sha256": sha256,
        "purpose": facts.purpose,
        "family": facts.family,
        "width_px": facts.width_px,
        "height_px": facts.height_px,
        "classes": list(facts.classes),
        "size_bytes": len(data),
        "licence": licence.strip(),
        "source": source,
        "added_by": added_by,
    }
    cursor.execute(QUERIES["insert_model"], values)
    made: int = cursor.fetchone().id
    return made


def use(cursor: Any, model: StoredModel) -> None:
    """Asks this model from now on instead of any other of its purpose."""
    cursor.execute(QUERIES["rest_models"], {"purpose": model.purpose, "but": model.id})
    cursor.execute(QUERIES["use_model"], {"id": model.id})


def rest(cursor: Any, purpose: Purpose) -> None:
    """Asks no model of this purpose any more."""
    cursor.execute(QUERIES["rest_models"], {"purpose": purpose, "but": 0})


def remove(cursor: Any, folder: Path, model: StoredModel) -> None:
    """Removes a model and its file."""
    cursor.execute(QUERIES["delete_model"], {"id": model.id})
    model.path(folder).unlink(missing_ok=True)


def load(folder: Path, model: StoredModel, threads: int = 1) -> Model:
    """Opens a kept model. Raises :class:`InvalidInput` when its file is gone or not what was added."""
    data = read(model.path(folder))
    found = checksum(data)
    if found != model.sha256:
        raise InvalidInput(
            f"the file of model '{model.name}' was changed since it was added: its checksum is {found[:12]}…, not "
            f"{model.sha256[:12]}…; it is not used. Remove it and add it again"
        )
    return open_model(data, model.name, model.family, model.classes or None, threads)


def _stored(row: Any) -> StoredModel:
    values = row._asdict()
    return StoredModel(**(values | {"classes": tuple(row.classes)}))
