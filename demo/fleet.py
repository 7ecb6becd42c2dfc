"""One vehicle of the demo: its driver, its terminal, and what it does when a text comes. Pure and seeded."""

from __future__ import annotations

import math
import random
import re
from dataclasses import dataclass, replace
from datetime import datetime

from demo.city_model import DemoVehicle
from demo.driving import Driver, Spot, StreetMap
from demo.terminal import Terminal
from gis.datum import from_wgs84
from gis.errors import InvalidInput
from gis.model import LonLat
from ingest.telemetry import jt808
from ingest.telemetry.jt808_messages import PositionReport

# How often a vehicle reports, in seconds: on a task, and otherwise.
REPORT_S = {"police": 2.0, "fire": 3.0, "ambulance": 3.0, "municipal": 4.0, "taxi": 5.0}
TASK_REPORT_S = 2.0
# How long a roaming vehicle stands at the end of a way.
_DWELL_S = {"police": (10.0, 60.0), "municipal": (40.0, 150.0), "taxi": (5.0, 30.0)}
HEARTBEAT_S = 30.0
ROAMING = frozenset(_DWELL_S)  # fire engines and ambulances wait at their station

_DISPATCH = re.compile(r"DISPATCH #(\d+) lon=(-?\d+(?:\.\d+)?) lat=(-?\d+(?:\.\d+)?)(?:\s|$)")
_CLEAR = re.compile(r"CLEAR #(\d+)(?:\s|$)")


@dataclass(frozen=True, slots=True)
class Order:
    """Go there and stay until cleared."""

    number: int
    place: LonLat


def read_order(text: str) -> Order | int | None:
    """An order, the number that is cleared, or None for any other text."""
    found = _DISPATCH.match(text)
    if found is not None:
        try:
            return Order(int(found[1]), LonLat(float(found[2]), float(found[3])))
        except InvalidInput:
            return None
    cleared = _CLEAR.match(text)
    return None if cleared is None else int(cleared[1])


class Vehicle:
    """A vehicle on the streets. ``faulty`` ones send malformed items and garbage now and then."""

    def __init__(
        self,
        about: DemoVehicle,
        streets: StreetMap,
        rng: random.Random,
        edition_2019: bool = False,
        faulty: bool = False,
    ) -> None:
        self.about = about
        self.faulty = faulty
        self.terminal = Terminal(about.phone, about.plate, edition_2019)
        self._streets = streets
        self._rng = rng
        self._home = streets.at_crossing(about.home)
        # Roaming vehicles are all over town already, the others stand at their station.
        start = streets.random_spot(rng) if about.service in ROAMING else self._home
        self.driver = Driver(streets, start, rng)
        self.order: Order | None = None
        self.hired = about.service == "taxi" and rng.random() < 0.5
        self._dwell_s = rng.uniform(0.0, 10.0)
        self._noise_m = [0.0, 0.0]
        self._reports = 0
        self._mileage_m = rng.randrange(5_000_000, 120_000_000)

    @property
    def on_task(self) -> bool:
        """Whether it has an order: lights and siren until it is there."""
        return self.order is not None

    @property
    def report_s(self) -> float:
        """Seconds until the next report."""
        return TASK_REPORT_S if self.on_task else REPORT_S[self.about.service]

    def take(self, text: str) -> None:
        """Follows a text of the dispatcher, if it is an order."""
        order = read_order(text)
        if isinstance(order, Order):
            goal = self._streets.nearest(self._streets.city.point(order.place))
            self.order = order
            self.driver.drive_to(goal, emergency=True)
        elif order is not None and self.order is not None and order == self.order.number:
            self.order = None
            if self.about.service in ROAMING:
                self.driver.halt()
                self._dwell_s = self._rng.uniform(5.0, 20.0)
            else:
                self.driver.drive_to(self._home)

    def press_sos(self) -> None:
        """The driver presses the panic button and stops."""
        self.terminal.sos = True
        if not self.on_task:
            self.driver.halt()
            self._dwell_s = 60.0

    def advance(self, seconds: float) -> None:
        """Lets ``seconds`` pass on the street."""
        self.driver.advance(seconds)
        if not self.driver.arrived or self.on_task or self.about.service not in ROAMING:
            return
        self._dwell_s -= seconds
        if self._dwell_s <= 0 and not self.terminal.sos:
            self._dwell_s = self._rng.uniform(*_DWELL_S[self.about.service])
            if self.about.service == "taxi":
                self.hired = not self.hired
            self.driver.drive_to(self._next_spot())

    def _next_spot(self) -> Spot:
        if self.about.service == "police" and self._rng.random() < 0.1:
            return self._home
        return self._streets.random_spot(self._rng)

    def report(self, at: datetime) -> PositionReport:
        """What the terminal measures now, in its own datum."""
        self._reports += 1
        # The receiver's error wanders slowly, as it does under an open sky.
        self._noise_m = [0.9 * n + self._rng.gauss(0.0, 0.4) for n in self._noise_m]
        driver = self.driver
        east, north = driver.point
        place = self._streets.city.lonlat((east + self._noise_m[0], north + self._noise_m[1]))
        lon, lat = place.lon, place.lat
        parked = driver.arrived and not self.on_task and self.about.service not in ROAMING
        status = jt808.STATUS_FIXED | (0 if parked else jt808.STATUS_ACC)
        if self.hired or self.on_task:
            status |= jt808.STATUS_FULL
        if self.about.datum == "gcj02":
            lon, lat = from_wgs84("gcj02", lon, lat)
            status |= jt808.STATUS_SHIFTED
        lights = self.on_task and not driver.arrived
        report = PositionReport(
            0,
            status,
            lon,
            lat,
            4,
            driver.speed_ms,
            round(math.degrees(driver.course_rad)) % 360,
            at,
            mileage_m=self._mileage_m + round(driver.mileage_m),
            signals=jt808.SIGNAL_CLEARANCE_LIGHTS | jt808.SIGNAL_HORN if lights else 0,
            signal_strength=self._rng.randrange(18, 31),
            satellites=self._rng.randrange(9, 19),
        )
        if self.faulty and self._reports % 7 == 0:
            # Item 01 holds four bytes; some terminals' firmware says one.
            report = replace(report, mileage_m=None, others=((0x01, b"\x00"), (0xE1, b"\x00" * 3)))
        return report

    def garbage(self) -> bytes:
        """What a faulty terminal puts on the line now and then; mostly empty."""
        if not self.faulty or self._reports % 11 != 5:
            return b""
        return self._rng.randbytes(self._rng.randrange(3, 40)) + b"\x7e\x02\x00\x00\x05broken\x7e"
