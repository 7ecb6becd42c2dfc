import { describe, expect, it } from 'vitest';
import type { LonLat } from '../api/types';
import { bounds, distance_m, edgePoint, ellipseRing, offset } from './geometry';

const KUNSHAN: LonLat = [120.98, 31.38];

describe('distance_m', () => {
  it('is a degree of latitude long where it should be', () => {
    expect(distance_m([120.98, 31], [120.98, 32])).toBeCloseTo(111_195, -1);
  });

  it('agrees with offset', () => {
    expect(distance_m(KUNSHAN, offset(KUNSHAN, 300, 400))).toBeCloseTo(500, 0);
  });
});

describe('ellipseRing', () => {
  it('lays the major axis clockwise from north', () => {
    const ring = ellipseRing(KUNSHAN, { major_m: 20, minor_m: 5, angle_deg: 90 }, 4);
    expect(ring).toHaveLength(5);
    expect(ring[0]).toEqual(ring[4]);
    // The first point is the end of the major axis: due east.
    expect(ring[0]?.[0]).toBeGreaterThan(KUNSHAN[0]);
    expect(ring[0]?.[1]).toBeCloseTo(KUNSHAN[1], 9);
    expect(distance_m(KUNSHAN, ring[0] as LonLat)).toBeCloseTo(20, 1);
    expect(distance_m(KUNSHAN, ring[1] as LonLat)).toBeCloseTo(5, 1);
  });
});

describe('bounds', () => {
  it('is null for nothing and tight for points', () => {
    expect(bounds([])).toBeNull();
    expect(bounds([[1, 5], [3, 2]])).toEqual([1, 2, 3, 5]);
  });
});

describe('edgePoint', () => {
  it('needs no arrow for what is in sight', () => {
    expect(edgePoint(400, 300, 800, 600, 20)).toBeNull();
  });

  it('stands on the edge in the right direction', () => {
    expect(edgePoint(2000, 300, 800, 600, 20)).toEqual({ x: 780, y: 300, turn_deg: 90 });
    expect(edgePoint(400, -900, 800, 600, 20)).toEqual({ x: 400, y: 20, turn_deg: 0 });
    const corner = edgePoint(-1000, 5000, 800, 600, 20);
    expect(corner?.y).toBe(580);
    expect(corner?.turn_deg).toBeGreaterThan(180);
  });
});
