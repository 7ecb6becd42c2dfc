"""The demo's stations over TCP: water levels and rain by SL 651, an enterprise's chimney by HJ 212."""

from __future__ import annotations

import asyncio
import logging
import random
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from demo.city import SEED, build_city
from demo.city_model import DemoStation
from demo.link import Link
from demo.stations import EmissionMonitor, HydrologyStation

HOST = "127.0.0.1"
TICK_S = 0.5
LAG_S = 50.0  # how much later the crest passes each next station downstream
SILENCE_S = 180.0
_log = logging.getLogger(__name__)


def run(var: Path, sl651_port: int, hj212_port: int, stop: threading.Event) -> None:
    """Reports to the gateway's two ports until ``stop``. ``var`` is unused by stations: they keep nothing."""
    del var
    asyncio.run(Stations(build_city().stations, sl651_port, hj212_port).serve(stop))


def _now() -> datetime:
    return datetime.now(UTC)


class Stations:
    """Every station with its connection."""

    def __init__(self, stations: tuple[DemoStation, ...], sl651_port: int, hj212_port: int) -> None:
        rng = random.Random(SEED)
        rivers = [s for s in stations if s.kind == "water_level"]
        self.hydrology = [
            HydrologyStation(s, LAG_S * rivers.index(s) if s in rivers else 0.0)
            for s in stations
            if s.protocol == "sl651"
        ]
        self.monitors = [EmissionMonitor(s) for s in stations if s.protocol == "hj212"]
        self._due: list[tuple[Link, Callable[[datetime], bytes]]] = []
        for station in self.hydrology:
            self._due.append((_hydrology_link(station, sl651_port, rng), station.due))
        for monitor in self.monitors:
            self._due.append((_monitor_link(monitor, hj212_port, rng), monitor.due))

    async def serve(self, stop: threading.Event) -> None:
        """Runs until ``stop``."""
        tasks = [asyncio.create_task(link.keep()) for link, _ in self._due]
        _log.info("sensors_ready count=%d", len(self._due))
        try:
            while not stop.is_set():
                now = _now()
                for link, due in self._due:
                    if link.is_open:
                        frames = due(now)
                        if frames:
                            link.send(frames)
                await asyncio.sleep(TICK_S)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


def _hydrology_link(station: HydrologyStation, port: int, rng: random.Random) -> Link:
    return Link(
        station.about.key,
        HOST,
        port,
        lambda: station.connect(_now()),
        station.feed,
        rng,
        silence_s=SILENCE_S,
    )


def _monitor_link(monitor: EmissionMonitor, port: int, rng: random.Random) -> Link:
    return Link(
        monitor.about.key,
        HOST,
        port,
        monitor.connect,
        lambda data: monitor.feed(data, _now()),
        rng,
        silence_s=SILENCE_S,
    )
