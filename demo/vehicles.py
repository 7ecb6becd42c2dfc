"""Sixty vehicles of the demo city as JT/T 808 terminals over TCP, in one asyncio process."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import random
import socket
import threading
from datetime import UTC, datetime
from pathlib import Path

from demo.city import SEED, build_city
from demo.city_model import City
from demo.driving import StreetMap
from demo.fleet import HEARTBEAT_S, Vehicle
from demo.link import Link
from gis.errors import NotFound, SetupError

HOST = "127.0.0.1"
TICK_S = 0.25
_log = logging.getLogger(__name__)


def control_path(var: Path) -> Path:
    """The control socket: one JSON line in, one out."""
    return var / "run" / "demo-vehicles.sock"


def make_fleet(city: City, seed: int = SEED) -> list[Vehicle]:
    """The city's vehicles. One in five has a terminal of the 2019 edition; the last taxi's is faulty."""
    streets = StreetMap(city)
    taxis = [v.phone for v in city.vehicles if v.service == "taxi"]
    return [
        Vehicle(
            about,
            streets,
            random.Random(f"{seed} {about.phone}"),
            edition_2019=index % 5 == 4,
            faulty=about.phone == taxis[-1] if taxis else False,
        )
        for index, about in enumerate(city.vehicles)
    ]


def run(var: Path, port: int, stop: threading.Event) -> None:
    """Drives and reports to the gateway on ``port`` until ``stop``."""
    asyncio.run(Fleet(var, port, make_fleet(build_city())).serve(stop))


class Fleet:
    """The vehicles, their connections, and the control socket."""

    def __init__(self, var: Path, port: int, vehicles: list[Vehicle]) -> None:
        self._control = control_path(var)
        self.vehicles = vehicles
        rng = random.Random(SEED)
        self._links = [self._link(vehicle, port, rng) for vehicle in vehicles]
        self._due_s = [0.0] * len(vehicles)
        self._moved_s = [0.0] * len(vehicles)
        self._beat_s = [0.0] * len(vehicles)

    def _link(self, vehicle: Vehicle, port: int, rng: random.Random) -> Link:
        terminal = vehicle.terminal

        def opened() -> bytes:
            return terminal.connect()

        def received(data: bytes) -> bytes:
            heard = terminal.feed(data)
            for text in heard.texts:
                _log.info("text vehicle=%s %s", vehicle.about.code or vehicle.about.plate, text)
                vehicle.take(text)
            if terminal.state == "refused":
                # The platform does not know us yet; dial again later.
                terminal.lost()
                link.close()
            return heard.answer

        link = Link(vehicle.about.phone, HOST, port, opened, received, rng, terminal.lost)
        return link

    async def serve(self, stop: threading.Event) -> None:
        """Runs until ``stop``."""
        loop = asyncio.get_running_loop()
        self._control.parent.mkdir(parents=True, exist_ok=True)
        self._control.unlink(missing_ok=True)
        control = await asyncio.start_unix_server(self._answer, self._control)
        now_s = loop.time()
        for i, vehicle in enumerate(self.vehicles):
            self._moved_s[i] = now_s
            self._due_s[i] = now_s + vehicle.report_s * i / len(self.vehicles)
        tasks = [asyncio.create_task(link.keep()) for link in self._links]
        _log.info("vehicles_ready count=%d", len(self.vehicles))
        try:
            while not stop.is_set():
                self._tick(loop.time())
                await asyncio.sleep(TICK_S)
        finally:
            for vehicle, link in zip(self.vehicles, self._links, strict=True):
                link.send(vehicle.terminal.logout())
            control.close()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            self._control.unlink(missing_ok=True)

    def _tick(self, now_s: float) -> None:
        for i, vehicle in enumerate(self.vehicles):
            if now_s < self._due_s[i]:
                continue
            self._report(i, vehicle, now_s)

    def _report(self, i: int, vehicle: Vehicle, now_s: float) -> None:
        vehicle.advance(now_s - self._moved_s[i])
        self._moved_s[i] = now_s
        self._due_s[i] = now_s + vehicle.report_s
        frames = vehicle.terminal.report(vehicle.report(datetime.now(UTC)))
        if frames:
            frames += vehicle.garbage()
            if now_s - self._beat_s[i] >= HEARTBEAT_S:
                self._beat_s[i] = now_s
                frames += vehicle.terminal.heartbeat()
            self._links[i].send(frames)

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while line := await reader.readline():
                writer.write(json.dumps(self._do(line), ensure_ascii=False).encode() + b"\n")
                await writer.drain()
        except (ConnectionError, ValueError):  # gone, or a line without end
            pass
        finally:
            writer.close()

    def _do(self, line: bytes) -> dict[str, object]:
        try:
            request = json.loads(line)
            if not isinstance(request, dict):
                raise ValueError("not a JSON object")
            if request.get("do") == "sos":
                return {"ok": True, "phone": self._sos(request.get("phone"))}
            if request.get("do") == "list":
                return {"ok": True, "vehicles": [self._state(v) for v in self.vehicles]}
            raise ValueError(f"do is {request.get('do')!r}: sos or list is understood")
        except (ValueError, NotFound) as error:
            return {"ok": False, "error": str(error)}

    def _sos(self, phone: object) -> str:
        for i, vehicle in enumerate(self.vehicles):
            if phone is None and vehicle.about.service != "taxi":
                continue
            if phone is None or vehicle.about.phone == phone:
                vehicle.press_sos()
                self._report(i, vehicle, asyncio.get_running_loop().time())
                return vehicle.about.phone
        raise NotFound(f"no vehicle has the phone number {phone!r}")

    @staticmethod
    def _state(vehicle: Vehicle) -> dict[str, object]:
        return {
            "phone": vehicle.about.phone,
            "code": vehicle.about.code,
            "service": vehicle.about.service,
            "state": vehicle.terminal.state,
            "order": vehicle.order.number if vehicle.order else None,
            "arrived": vehicle.driver.arrived,
            "speed_ms": round(vehicle.driver.speed_ms, 2),
            "point": [round(x, 1) for x in vehicle.driver.point],
        }


def ask(var: Path, request: dict[str, object]) -> dict[str, object]:
    """One request to the running vehicles. Raises :class:`SetupError` when they do not run."""
    path = control_path(var)
    try:
        with contextlib.closing(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)) as client:
            client.settimeout(5.0)
            client.connect(str(path))
            client.sendall(json.dumps(request).encode() + b"\n")
            with client.makefile("rb") as answers:
                answer: dict[str, object] = json.loads(answers.readline())
    except (OSError, ValueError) as error:
        raise SetupError(
            f"the demo's vehicles do not answer on {path}: start the demo with ./run demo"
        ) from error
    return answer


def trigger_sos(var: Path, phone: str | None = None) -> str:
    """Presses the panic button of a vehicle (some taxi where ``phone`` is None); returns its phone number.

    Raises :class:`SetupError` when the vehicles do not run, :class:`NotFound` for an unknown number.
    """
    answer = ask(var, {"do": "sos", "phone": phone})
    if not answer.get("ok"):
        raise NotFound(str(answer.get("error")))
    return str(answer["phone"])
