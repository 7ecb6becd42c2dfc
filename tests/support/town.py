"""A small town in a real database: what tests of alarms, incidents and units put in and read back."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from command import alarms, dispatch, incidents, store, unit_store
from command.alarms import Raised
from command.incidents import NewIncident
from command.model import Assignment, Incident, LogEntry
from gis.clock import Clock, SystemClock
from gis.db import Database
from gis.model import LonLat
from gis.roads import LiveRoadGraph

SPOT = LonLat(120.98, 31.38)
POINT = "ST_SetSRID(ST_MakePoint(%(lon)s, %(lat)s), 4326)"


@dataclass(frozen=True, slots=True)
class Town:
    """What tests put into the database, and what they read from it."""

    database: Database
    clock: Clock
    roads: LiveRoadGraph

    def _id(self, sql: str, params: dict[str, Any]) -> int:
        row = self.database.row(sql + " RETURNING id", params)
        assert row is not None
        return int(row[0])

    def camera(
        self, code: str, at: LonLat = SPOT, yaw_deg: float | None = 90.0, **more: Any
    ) -> int:
        values = {
            "code": code,
            "name": f"相机{code}",
            "name_en": f"Camera {code}",
            "lon": at.lon,
            "lat": at.lat,
            "yaw": yaw_deg,
            "enabled": True,
        } | more
        return self._id(
            "INSERT INTO camera (code, name, name_en, url, geom, height_m, yaw_deg, pitch_deg, hfov_deg, enabled) "
            f"VALUES (%(code)s, %(name)s, %(name_en)s, 'rtsp://127.0.0.1/x', {POINT}, 8, %(yaw)s, -20, 70, %(enabled)s)",
            values,
        )

    def zone(self, camera_id: int, name: str = "重点院落", name_en: str = "guarded yard") -> int:
        return self._id(
            "INSERT INTO zone (camera_id, name, name_en, rule, points) "
            "VALUES (%(c)s, %(n)s, %(e)s, 'intrusion', '{0,0,1,0,1,1}')",
            {"c": camera_id, "n": name, "e": name_en},
        )

    def event(
        self,
        camera_id: int,
        zone_id: int | None,
        at: datetime | None = None,
        where: LonLat | None = SPOT,
        **more: Any,
    ) -> int:
        values = {
            "uid": str(uuid.uuid4()),
            "camera": camera_id,
            "zone": zone_id,
            "at": at or self.clock.now(),
            "lon": where.lon if where else None,
            "lat": where.lat if where else None,
            "rule": "intrusion",
            "kind": "person",
            "priority": 2,
            "place": "北门水厂西侧",
            "place_en": "west of North Gate waterworks",
            "snapshot": None,
        } | more
        return self._id(
            "INSERT INTO event (uid, camera_id, zone_id, rule, kind, priority, confidence, at, box, geom, place, "
            "place_en, why, why_en, snapshot, ellipse_major_m, ellipse_minor_m, ellipse_angle_deg) VALUES "
            "(%(uid)s, %(camera)s, %(zone)s, %(rule)s, %(kind)s, %(priority)s, 0.9, %(at)s, '{0,0,1,1}', "
            f"{POINT}, %(place)s, %(place_en)s, '因', 'why', %(snapshot)s, 2, 1, 30)",
            values,
        )

    def device(self, key: str, kind: str = "vehicle", protocol: str = "jt808", **more: Any) -> int:
        values = {
            "key": key,
            "kind": kind,
            "protocol": protocol,
            "name": f"设备{key}",
            "name_en": None,
            "plate": None,
        } | more
        return self._id(
            "INSERT INTO device (protocol, key, kind, name, name_en, plate) "
            "VALUES (%(protocol)s, %(key)s, %(kind)s, %(name)s, %(name_en)s, %(plate)s)",
            values,
        )

    def device_event(
        self, device_id: int, kind: str = "sos", where: LonLat | None = SPOT, **more: Any
    ) -> int:
        values = {
            "device": device_id,
            "kind": kind,
            "at": self.clock.now(),
            "quantity": None,
            "value": None,
            "limit": None,
            "priority": 2,
            "lon": where.lon if where else None,
            "lat": where.lat if where else None,
        } | more
        return self._id(
            "INSERT INTO device_event (device_id, kind, at, quantity, value, limit_value, priority, geom) "
            f"VALUES (%(device)s, %(kind)s, %(at)s, %(quantity)s, %(value)s, %(limit)s, %(priority)s, {POINT})",
            values,
        )

    def position(
        self, device_id: int, at: LonLat, when: datetime | None = None, flags: int = 0
    ) -> None:
        self.database.run(
            "INSERT INTO position_latest (device_id, at, geom, speed_ms, course_deg, flags, received_at) "
            f"VALUES (%(d)s, %(at)s, {POINT}, 8, 90, %(flags)s, %(at)s) ON CONFLICT (device_id) DO UPDATE "
            "SET at = excluded.at, geom = excluded.geom, flags = excluded.flags",
            {
                "d": device_id,
                "at": when or self.clock.now(),
                "lon": at.lon,
                "lat": at.lat,
                "flags": flags,
            },
        )

    def unit(
        self, code: str, service: str = "police", at: LonLat | None = SPOT, **more: Any
    ) -> int:
        device_id = self.device(f"013{code}", plate=f"苏E·{code}")
        if at is not None:
            self.position(device_id, at)
        values = {"code": code, "service": service, "device": device_id, "duty": "available"} | more
        return self._id(
            "INSERT INTO unit (code, name, name_en, service, device_id, duty) "
            "VALUES (%(code)s, '巡组', 'Patrol', %(service)s, %(device)s, %(duty)s)",
            values,
        )

    def street(self, number: int, start: LonLat, end: LonLat, speed_kmh: float = 36.0) -> None:
        for offset, place in ((0, start), (1, end)):
            self.database.run(
                f"INSERT INTO road_node (id, geom) VALUES (%(id)s, {POINT})",
                {"id": number * 10 + offset, "lon": place.lon, "lat": place.lat},
            )
        self.database.run(
            "INSERT INTO road_edge (id, source, target, class, speed_kmh, length_m, geom) SELECT %(id)s, a.id, b.id, "
            "'primary', %(v)s, ST_Distance(a.geom::geography, b.geom::geography), ST_MakeLine(a.geom, b.geom) "
            "FROM road_node a, road_node b WHERE a.id = %(id)s * 10 AND b.id = %(id)s * 10 + 1",
            {"id": number, "v": speed_kmh},
        )

    def raised(self, event_id: int) -> Raised:
        with self.database.transaction() as cursor:
            (cause,) = alarms.event_causes(cursor, [event_id])
        done = alarms.handle(self.database, self.clock, cause)
        assert done is not None
        return done

    def device_raised(self, event_id: int) -> Raised:
        with self.database.transaction() as cursor:
            (cause,) = alarms.device_event_causes(cursor, [event_id])
        done = alarms.handle(self.database, self.clock, cause)
        assert done is not None
        return done

    def open(self, where: LonLat = SPOT, **more: Any) -> int:
        new = NewIncident(**({"type": "intrusion", "priority": 2, "where": where} | more))
        return incidents.open_incident(self.database, self.clock, "dora", new)

    def send(self, incident_id: int, unit_id: int, actor: str = "dora") -> int:
        version = self.incident(incident_id).version
        return dispatch.dispatch(
            self.database, self.clock, self.roads, actor, incident_id, unit_id, version
        )

    def step(
        self, assignment_id: int, step: Any, at: datetime | None = None, **more: Any
    ) -> Assignment:
        tasking = dispatch.advance(
            self.database,
            self.clock,
            more.pop("actor", "resi"),
            assignment_id,
            step,
            at or self.clock.now(),
            more.pop("version", self.assignment(assignment_id).version),
            more.pop("key", str(uuid.uuid4())),
            **more,
        )
        return tasking.assignment

    def incident(self, incident_id: int) -> Incident:
        with self.database.transaction() as cursor:
            return store.incident(cursor, incident_id)

    def assignment(self, assignment_id: int) -> Assignment:
        with self.database.transaction() as cursor:
            return unit_store.tasking(cursor, assignment_id).assignment

    def assignments(self, incident_id: int) -> list[Assignment]:
        with self.database.transaction() as cursor:
            return [t.assignment for t in unit_store.taskings(cursor, incident_id)]

    def log(self, incident_id: int) -> list[LogEntry]:
        with self.database.transaction() as cursor:
            return store.log(cursor, incident_id)

    def kinds(self, incident_id: int) -> list[str]:
        return [e.kind for e in self.log(incident_id) if e.kind != "evidence_held"]

    def downlinks(self) -> list[str]:
        return [row.body for row in self.database.rows("SELECT body FROM downlink ORDER BY id")]

    def after(self, seconds: float) -> datetime:
        return self.clock.now() + timedelta(seconds=seconds)


def real_time(database: Database) -> Town:
    """A town on the machine's own clock, for tests of running processes."""
    return Town(database, SystemClock(), LiveRoadGraph(database))
