/** Rows → what the map draws. Pure: the time comes in. */
import type { Feature, FeatureCollection, Geometry } from 'geojson';
import type * as T from '../api/types';
import { isOpenAlarm, isOpenIncident } from '../feed/store';
import { age } from '../i18n/format';
import { ellipseRing } from './geometry';

/** A position older than this is drawn hollow, with its age. */
export const STALE_AFTER_S = 60;
/** A sensor reports every few minutes; the standards' longest reporting interval in normal operation is an hour. */
export const SENSOR_STALE_AFTER_S = 3900;

export const EMPTY: FeatureCollection = { type: 'FeatureCollection', features: [] };

export const collection = (features: Feature[]): FeatureCollection => ({ type: 'FeatureCollection', features });

function point(id: number, lonLat: T.LonLat, properties: Record<string, unknown>): Feature {
  return { type: 'Feature', id, geometry: { type: 'Point', coordinates: lonLat }, properties: { id, ...properties } };
}

function shape(geometry: Geometry, properties: Record<string, unknown> = {}): Feature {
  return { type: 'Feature', geometry, properties };
}

const ageSeconds = (at: string | null, nowMs: number): number => (at === null ? Infinity : (nowMs - Date.parse(at)) / 1000);

const STEPS: Partial<Record<T.Unit['status'], number>> = { dispatched: 1, acknowledged: 2, enroute: 3, onscene: 4 };

/** The symbol of a unit: free, busy with its step, or away; hollow when its position is stale. */
export function unitSymbol(unit: Pick<T.Unit, 'service' | 'status'>, stale: boolean): string {
  const steps = STEPS[unit.status] ?? 0;
  const status = steps > 0 ? 'busy' : unit.status === 'available' ? 'free' : 'away';
  return `unit|${unit.service}|${status}|${steps}|${stale ? 'stale' : 'fresh'}`;
}

export function unitFeature(unit: T.Unit, at: T.LonLat, nowMs: number): Feature {
  const old_s = ageSeconds(unit.position_at, nowMs);
  const stale = old_s > STALE_AFTER_S;
  return point(unit.id, at, {
    kind: 'unit',
    icon: unitSymbol(unit, stale),
    label: stale ? `${unit.code} ${age(old_s)}` : unit.code,
    panic: unit.panic,
    course: unit.course_deg ?? 0,
    moving: !stale && unit.course_deg !== null && (unit.speed_ms ?? 0) > 0.5,
  });
}

/** Parked closer than this, about ten metres, symbols would hide one another. */
const SAME_SPOT_DEG = 1e-4;
const SYMBOL_PX = 28;
const LABEL_PX = 11;
const LABEL_BELOW_EM = 1.7;

/** Units on one spot, such as those waiting at their station, stand side by side instead of on one another. */
export function sideBySide(features: Feature[]): Feature[] {
  const piles: { lon: number; lat: number; features: Feature[] }[] = [];
  for (const feature of [...features].sort((one, other) => Number(one.id) - Number(other.id))) {
    if (feature.geometry.type !== 'Point') continue;
    const [lon = 0, lat = 0] = feature.geometry.coordinates;
    const pile = piles.find((known) => Math.hypot(known.lon - lon, known.lat - lat) < SAME_SPOT_DEG);
    if (pile) pile.features.push(feature);
    else piles.push({ lon, lat, features: [feature] });
  }
  for (const { features: pile } of piles) {
    pile.forEach((feature, i) => {
      const right_px = (i - (pile.length - 1) / 2) * SYMBOL_PX;
      feature.properties = {
        ...feature.properties,
        shift: [right_px, 0],
        labelShift: [right_px / LABEL_PX, LABEL_BELOW_EM],
        moving: pile.length === 1 && feature.properties?.['moving'] === true,
      };
    });
  }
  return features;
}

export function vehicleFeature(vehicle: T.Vehicle, at: T.LonLat, nowMs: number): Feature {
  const old_s = ageSeconds(vehicle.at, nowMs);
  const stale = old_s > STALE_AFTER_S;
  return point(vehicle.id, at, {
    kind: 'vehicle',
    icon: `vehicle|${vehicle.service ?? 'other'}|${stale ? 'stale' : 'fresh'}`,
    label: stale ? age(old_s) : '',
    course: vehicle.course_deg ?? 0,
  });
}

export function cameraSymbol(camera: Pick<T.Camera, 'state' | 'enabled' | 'yaw_deg'>): string {
  const state = !camera.enabled || camera.state === 'off' ? 'off' : camera.state === 'online' ? 'online' : 'trouble';
  return `camera|${state}|${camera.yaw_deg === null ? 'dome' : 'wedge'}`;
}

export function cameraFeatures(cameras: readonly T.Camera[], name: (camera: T.Camera) => string): FeatureCollection {
  return collection(
    cameras.map((camera) =>
      point(camera.id, [camera.lon, camera.lat], { kind: 'camera', icon: cameraSymbol(camera), yaw: camera.yaw_deg ?? 0, label: name(camera) }),
    ),
  );
}

/** Fields of view on the ground; `strong` ones are drawn plainer. */
export function fieldsOfView(cameras: readonly T.Camera[], strong: ReadonlySet<number>): FeatureCollection {
  return collection(
    cameras.flatMap((camera) =>
      camera.field_of_view && camera.field_of_view.length > 3
        ? [shape({ type: 'Polygon', coordinates: [camera.field_of_view] }, { id: camera.id, strong: strong.has(camera.id) })]
        : [],
    ),
  );
}

/** Open alarms with a place, and the selected one in whatever state; those in an incident are shown by the incident. */
export function alarmFeatures(alarms: readonly T.Alarm[], selectedId: number | null): FeatureCollection {
  return collection(
    alarms.flatMap((alarm) =>
      alarm.lon !== null && alarm.lat !== null && (isOpenAlarm(alarm) || alarm.id === selectedId)
        ? [
            point(alarm.id, [alarm.lon, alarm.lat], {
              kind: 'alarm',
              icon: `alarm|${alarm.priority}|${alarm.state === 'raised' ? 'raised' : 'handled'}`,
              sort: 10 - alarm.priority + (alarm.state === 'raised' ? 10 : 0),
            }),
          ]
        : [],
    ),
  );
}

export function incidentFeatures(incidents: readonly T.Incident[], selectedId: number | null): FeatureCollection {
  return collection(
    incidents
      .filter((incident) => isOpenIncident(incident) || incident.id === selectedId)
      .map((incident) =>
        point(incident.id, [incident.lon, incident.lat], {
          kind: 'incident',
          icon: `incident|${incident.priority}`,
          label: `#${incident.id}`,
          sort: 10 - incident.priority,
        }),
      ),
  );
}

export function sensorFeatures(sensors: readonly T.Sensor[], name: (sensor: T.Sensor) => string, nowMs: number): FeatureCollection {
  return collection(
    sensors.flatMap((sensor) => {
      if (sensor.lon === null || sensor.lat === null) return [];
      const stale = ageSeconds(sensor.last_seen_at, nowMs) > SENSOR_STALE_AFTER_S;
      const over = sensor.readings.some((reading) => reading.over);
      return [
        point(sensor.id, [sensor.lon, sensor.lat], {
          kind: 'sensor',
          icon: `sensor|${sensor.kind}|${over ? 'over' : 'within'}|${stale ? 'stale' : 'fresh'}`,
          label: name(sensor),
        }),
      ];
    }),
  );
}

/** The 95 % ellipse of a thing that has one. */
export function ellipseFeature(thing: { lon: number | null; lat: number | null; ellipse: T.Ellipse | null } | undefined): FeatureCollection {
  if (!thing?.ellipse || thing.lon === null || thing.lat === null) return EMPTY;
  return collection([shape({ type: 'Polygon', coordinates: [ellipseRing([thing.lon, thing.lat], thing.ellipse)] })]);
}

export function lineFeature(line: readonly T.LonLat[] | null | undefined): FeatureCollection {
  if (!line || line.length < 2) return EMPTY;
  return collection([shape({ type: 'LineString', coordinates: [...line] })]);
}
