/** Small geometry on the ground and on the screen. Longitude first, metres, degrees clockwise from north. Pure. */
import type { Ellipse, LonLat } from '../api/types';

const EARTH_RADIUS_M = 6_371_008.8; // mean radius, IUGG
const RAD = Math.PI / 180;

/** Great-circle distance in metres (haversine): within 0.5 % of the ellipsoid, for labels. */
export function distance_m(a: LonLat, b: LonLat): number {
  const dLat = (b[1] - a[1]) * RAD;
  const dLon = (b[0] - a[0]) * RAD;
  const h = Math.sin(dLat / 2) ** 2 + Math.cos(a[1] * RAD) * Math.cos(b[1] * RAD) * Math.sin(dLon / 2) ** 2;
  return 2 * EARTH_RADIUS_M * Math.asin(Math.min(1, Math.sqrt(h)));
}

/** The point `east_m` and `north_m` away; flat-earth, good to a few kilometres. */
export function offset(from: LonLat, east_m: number, north_m: number): LonLat {
  return [
    from[0] + east_m / (EARTH_RADIUS_M * RAD * Math.cos(from[1] * RAD)),
    from[1] + north_m / (EARTH_RADIUS_M * RAD),
  ];
}

/** An error ellipse (semi-axes in metres, major axis clockwise from north) as a closed ring on the ground. */
export function ellipseRing(centre: LonLat, ellipse: Ellipse, points = 64): LonLat[] {
  const turn = ellipse.angle_deg * RAD;
  const ring: LonLat[] = [];
  for (let i = 0; i < points; i += 1) {
    const a = (2 * Math.PI * i) / points;
    const along = ellipse.major_m * Math.cos(a);
    const across = ellipse.minor_m * Math.sin(a);
    ring.push(offset(centre, along * Math.sin(turn) + across * Math.cos(turn), along * Math.cos(turn) - across * Math.sin(turn)));
  }
  ring.push(ring[0] as LonLat);
  return ring;
}

/** Smallest box around points as [west, south, east, north]; null for none. */
export function bounds(points: Iterable<LonLat>): [number, number, number, number] | null {
  let box: [number, number, number, number] | null = null;
  for (const [lon, lat] of points) {
    box = box ? [Math.min(box[0], lon), Math.min(box[1], lat), Math.max(box[2], lon), Math.max(box[3], lat)] : [lon, lat, lon, lat];
  }
  return box;
}

export interface EdgePoint {
  x: number;
  y: number;
  /** Where it points to, degrees clockwise from up. */
  turn_deg: number;
}

/**
 * Where an arrow to (x, y) stands on the edge of a box of this size, `inset` pixels inside; null when the point
 * itself is inside the inset box.
 */
export function edgePoint(x: number, y: number, width: number, height: number, inset: number): EdgePoint | null {
  const halfWidth = width / 2 - inset;
  const halfHeight = height / 2 - inset;
  const dx = x - width / 2;
  const dy = y - height / 2;
  if (halfWidth <= 0 || halfHeight <= 0 || (Math.abs(dx) <= halfWidth && Math.abs(dy) <= halfHeight)) return null;
  const scale = Math.min(halfWidth / Math.max(1e-9, Math.abs(dx)), halfHeight / Math.max(1e-9, Math.abs(dy)));
  return { x: width / 2 + dx * scale, y: height / 2 + dy * scale, turn_deg: (Math.atan2(dx, -dy) / RAD + 360) % 360 };
}
