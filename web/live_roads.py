"""The road graph that all requests of a console share."""

from __future__ import annotations

import threading
from typing import Annotated
from weakref import WeakKeyDictionary

from fastapi import Depends

from gis.db import Database
from gis.roads import LiveRoadGraph
from web.deps import DatabaseDep

_graphs: WeakKeyDictionary[Database, LiveRoadGraph] = WeakKeyDictionary()
_lock = threading.Lock()


def roads(database: DatabaseDep) -> LiveRoadGraph:
    """The graph of the console's database, read when first needed and again after an import."""
    with _lock:
        return _graphs.setdefault(database, LiveRoadGraph(database))


RoadsDep = Annotated[LiveRoadGraph, Depends(roads)]
