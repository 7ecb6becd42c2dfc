import { describe, expect, it } from 'vitest';
import type { Alarm, Camera, Incident, Sensor, Unit } from '../api/types';
import { alarmFeatures, cameraSymbol, ellipseFeature, fieldsOfView, incidentFeatures, sensorFeatures, sideBySide, unitFeature, unitSymbol } from './features';

const NOW = Date.parse('2026-03-05T06:00:00Z');
const unit = (more: Partial<Unit>) => ({ id: 3, code: 'P-03', service: 'police', status: 'available', panic: false, course_deg: 90, speed_ms: 8, position_at: '2026-03-05T05:59:59Z', ...more }) as Unit;

describe('units', () => {
  it('show whether they are free, how far they are with their task, or that they are away', () => {
    expect(unitSymbol({ service: 'fire', status: 'available' }, false)).toBe('unit|fire|free|0|fresh');
    expect(unitSymbol({ service: 'fire', status: 'enroute' }, false)).toBe('unit|fire|busy|3|fresh');
    expect(unitSymbol({ service: 'fire', status: 'out_of_service' }, true)).toBe('unit|fire|away|0|stale');
  });

  it('say how old a stale position is and stop pointing anywhere', () => {
    const fresh = unitFeature(unit({}), [120, 31], NOW).properties;
    expect(fresh).toMatchObject({ label: 'P-03', moving: true, course: 90 });
    const stale = unitFeature(unit({ position_at: '2026-03-05T05:57:46Z' }), [120, 31], NOW).properties;
    expect(stale).toMatchObject({ label: 'P-03 2:14', moving: false });
  });
});

describe('sideBySide', () => {
  it('sets parked units apart and leaves the others alone', () => {
    const features = [unitFeature(unit({ id: 4 }), [120, 31], NOW), unitFeature(unit({ id: 3 }), [120.00006, 31], NOW), unitFeature(unit({ id: 5 }), [120.1, 31], NOW)];
    const shifts = sideBySide(features).map((feature) => feature.properties?.['shift'] as [number, number]);
    expect(shifts).toEqual([[14, 0], [-14, 0], [0, 0]]);
    expect(features.map((feature) => feature.properties?.['moving'])).toEqual([false, false, true]);
  });
});

describe('cameras', () => {
  const camera = (more: Partial<Camera>) => ({ id: 1, enabled: true, state: 'online', yaw_deg: 10, field_of_view: null, ...more }) as Camera;

  it('look by state, and are domes while their direction is unknown', () => {
    expect(cameraSymbol(camera({}))).toBe('camera|online|wedge');
    expect(cameraSymbol(camera({ state: 'stalled' }))).toBe('camera|trouble|wedge');
    expect(cameraSymbol(camera({ enabled: false, yaw_deg: null }))).toBe('camera|off|dome');
  });

  it('have a field of view only when their pose is known', () => {
    const ring: [number, number][] = [[0, 0], [1, 0], [1, 1], [0, 0]];
    const features = fieldsOfView([camera({}), camera({ id: 2, field_of_view: ring })], new Set([2])).features;
    expect(features).toHaveLength(1);
    expect(features[0]?.properties).toEqual({ id: 2, strong: true });
  });
});

describe('alarms and incidents', () => {
  const alarm = (id: number, more: Partial<Alarm> = {}) => ({ id, state: 'raised', priority: 1, lon: 120, lat: 31, ...more }) as Alarm;

  it('leave out what is handled or has no place, but never the selected one', () => {
    const rows = [alarm(1), alarm(2, { state: 'dismissed' }), alarm(3, { lon: null }), alarm(4, { state: 'linked' })];
    expect(alarmFeatures(rows, 4).features.map((feature) => feature.id)).toEqual([1, 4]);
  });

  it('draw open incidents', () => {
    const rows = [{ id: 1001, closed_at: null, priority: 2, lon: 1, lat: 2 }, { id: 1002, closed_at: 'x', priority: 2, lon: 1, lat: 2 }] as Incident[];
    expect(incidentFeatures(rows, null).features.map((feature) => feature.properties?.['label'])).toEqual(['#1001']);
  });

  it('draw an ellipse only where there is one', () => {
    expect(ellipseFeature(undefined).features).toHaveLength(0);
    expect(ellipseFeature({ lon: 120, lat: 31, ellipse: { major_m: 5, minor_m: 2, angle_deg: 30 } }).features).toHaveLength(1);
  });
});

describe('sensors', () => {
  it('stand out when over a limit and turn hollow when silent', () => {
    const sensor = { id: 1, kind: 'water_level', lon: 120, lat: 31, last_seen_at: '2026-03-05T04:00:00Z', readings: [{ over: true }] } as unknown as Sensor;
    expect(sensorFeatures([sensor], () => 'x', NOW).features[0]?.properties).toMatchObject({ icon: 'sensor|water_level|over|stale' });
  });
});
