"""Keeps the service asking the models that the database says are active."""

from __future__ import annotations

import logging
from pathlib import Path

from analytics import model_store
from analytics.detect.labels import Naming
from analytics.detect.onnx_file import Model
from analytics.detect.service import DetectService, Models
from analytics.model_store import StoredModel
from gis.db import Database
from gis.errors import InvalidInput

log = logging.getLogger(__name__)


class Chosen:
    """Which models are active; opens a file only when that changes."""

    def __init__(self, service: DetectService, folder: Path, threads: int) -> None:
        self._service = service
        self._folder = folder
        self._threads = threads
        self._active: tuple[StoredModel, ...] = ()

    def reconcile(self, database: Database) -> None:
        """Looks what is active. A model that cannot be used is told as a problem and left out."""
        active = tuple(m for m in model_store.models(database) if m.active)
        if active == self._active:
            return
        self._active = active
        opened: dict[str, Model] = {}
        problems: list[str] = []
        for stored in active:
            try:
                opened[stored.purpose] = model_store.load(self._folder, stored, self._threads)
                log.info("model-used name=%s family=%s", stored.name, stored.family)
            except InvalidInput as error:
                problems.append(str(error))
                log.error("model-unusable name=%s reason=%s", stored.name, error)
        detector = opened.get("detect")
        self._service.use(
            Models(
                detector,
                Naming(detector.facts.classes) if detector else None,
                opened.get("look"),
            ),
            "; ".join(problems) or None,
        )
