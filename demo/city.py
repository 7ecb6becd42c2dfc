"""The demo city, the same on every machine: a made-up town at Kunshan's place on earth."""

from __future__ import annotations

import math
import random

from demo import (
    city_blocks,
    city_cameras,
    city_fixtures,
    city_lines,
    city_pipes,
    city_plan,
    city_streets,
)
from demo.city_model import City
from gis.ground import LocalFrame

SEED = 3138
_CLEAR_M = 14.0


def build_city(seed: int = SEED) -> City:
    """Builds the city. The same ``seed`` gives the same city."""
    rng = random.Random(seed)
    frame = LocalFrame(city_plan.CENTRE)
    water = city_lines.waters()
    drawn = city_lines.arterials(water)
    lines = [*drawn, *city_streets.split_blocks(drawn, water, rng)]
    crossings, streets = city_streets.graph(lines, water)
    ground = city_blocks.build(streets, water, rng)
    cameras, zones = city_cameras.build(frame, crossings, streets, ground, water)
    return City(
        frame=frame,
        crossings=crossings,
        streets=streets,
        areas=ground.areas,
        buildings=ground.buildings,
        fences=ground.fences,
        # A tree in front of the lens would be all the camera sees.
        trees=tuple(
            t for t in ground.trees if all(math.dist(t.at, c.at) > _CLEAR_M for c in cameras)
        ),
        cameras=cameras,
        zones=zones,
        places=ground.places,
        vehicles=city_fixtures.vehicles(crossings, ground.places),
        stations=city_fixtures.stations(water, ground.places),
        pipes=city_pipes.build(crossings, streets, ground.places),
    )
