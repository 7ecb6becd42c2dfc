"""A small town in a real database."""

from __future__ import annotations

import pytest

from gis.clock import ManualClock
from gis.db import Database
from gis.roads import LiveRoadGraph
from tests.support.town import Town


@pytest.fixture
def town(database: Database, clock: ManualClock) -> Town:
    """An empty town on a clock that stands."""
    return Town(database, clock, LiveRoadGraph(database))
