/** Outlines and lines in the plane of the picture. Coordinates are normalised unless a function says pixels. Pure. */
import type { Point } from './view';

const turn = (p: Point, q: Point, r: Point) => (q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0]);
const same = (a: Point, b: Point) => a[0] === b[0] && a[1] === b[1];
const onSegment = (a: Point, b: Point, p: Point) =>
  turn(a, b, p) === 0 && p[0] >= Math.min(a[0], b[0]) && p[0] <= Math.max(a[0], b[0]) && p[1] >= Math.min(a[1], b[1]) && p[1] <= Math.max(a[1], b[1]);

/** Whether the segments a-b and c-d share a point. */
export function segmentsTouch(a: Point, b: Point, c: Point, d: Point): boolean {
  const [s, t, u, v] = [turn(a, b, c), turn(a, b, d), turn(c, d, a), turn(c, d, b)];
  if (((s > 0 && t < 0) || (s < 0 && t > 0)) && ((u > 0 && v < 0) || (u < 0 && v > 0))) return true;
  return onSegment(a, b, c) || onSegment(a, b, d) || onSegment(c, d, a) || onSegment(c, d, b);
}

/** Where the lines through a-b and c-d meet; the middle of a-b where they are parallel. */
function meeting(a: Point, b: Point, c: Point, d: Point): Point {
  const bottom = (b[0] - a[0]) * (d[1] - c[1]) - (b[1] - a[1]) * (d[0] - c[0]);
  const t = bottom === 0 ? 0.5 : ((c[0] - a[0]) * (d[1] - c[1]) - (c[1] - a[1]) * (d[0] - c[0])) / bottom;
  return [a[0] + t * (b[0] - a[0]), a[1] + t * (b[1] - a[1])];
}

/**
 * The first place where an outline crosses or touches itself, null where it goes round once. With `closed` false the
 * way from the last corner back to the first is left out: it is still being drawn.
 */
export function crossing(points: readonly Point[], closed = true): Point | null {
  const n = points.length;
  const edges = closed && n > 2 ? n : n - 1;
  const corner = (i: number) => points[i % n] as Point;
  for (let i = 0; i < edges; i += 1) {
    const [a, b] = [corner(i), corner(i + 1)];
    if (same(a, b)) return a;
    for (let j = i + 1; j < edges; j += 1) {
      const [c, d] = [corner(j), corner(j + 1)];
      const after = j === i + 1;
      const before = closed && n > 2 && i === 0 && j === edges - 1;
      if (after && before) continue; // only where there are two edges
      if (after || before) {
        // Neighbours share a corner; they touch more only where one lies back on the other.
        const [shared, p, q] = after ? [b, a, d] : [a, b, c];
        if (turn(p, shared, q) === 0 && (p[0] - shared[0]) * (q[0] - shared[0]) + (p[1] - shared[1]) * (q[1] - shared[1]) > 0) return shared;
      } else if (segmentsTouch(a, b, c, d)) return meeting(a, b, c, d);
    }
  }
  return null;
}

/** Share of the picture inside the outline. */
export function area(points: readonly Point[]): number {
  let twice = 0;
  points.forEach((point, i) => {
    const next = points[(i + 1) % points.length] as Point;
    twice += point[0] * next[1] - next[0] * point[1];
  });
  return Math.abs(twice) / 2;
}

/** Whether the point is inside the outline (even-odd rule). */
export function inside(points: readonly Point[], [x, y]: Point): boolean {
  let result = false;
  let a = points[points.length - 1];
  for (const b of points) {
    if (a && a[1] > y !== b[1] > y && x < ((b[0] - a[0]) * (y - a[1])) / (b[1] - a[1]) + a[0]) result = !result;
    a = b;
  }
  return result;
}

/** The point on a-b that is nearest, and how far it is, in the units given. */
export function nearestOn(a: Point, b: Point, p: Point): { at: Point; distance: number } {
  const [dx, dy] = [b[0] - a[0], b[1] - a[1]];
  const length = dx * dx + dy * dy;
  const t = length === 0 ? 0 : Math.min(1, Math.max(0, ((p[0] - a[0]) * dx + (p[1] - a[1]) * dy) / length));
  const at: Point = [a[0] + t * dx, a[1] + t * dy];
  return { at, distance: Math.hypot(p[0] - at[0], p[1] - at[1]) };
}

/** The corner within `reach` that is nearest, -1 for none; in the units given. */
export function nearestCorner(points: readonly Point[], p: Point, reach: number): number {
  let best = -1;
  let least = reach;
  points.forEach((point, i) => {
    const far = Math.hypot(point[0] - p[0], point[1] - p[1]);
    if (far <= least) [best, least] = [i, far];
  });
  return best;
}

/** The edge within `reach` that is nearest: the index of its first corner and the place on it; in the units given. */
export function nearestEdge(points: readonly Point[], closed: boolean, p: Point, reach: number): { after: number; at: Point } | null {
  let best: { after: number; at: Point } | null = null;
  let least = reach;
  const edges = closed && points.length > 2 ? points.length : points.length - 1;
  for (let i = 0; i < edges; i += 1) {
    const { at, distance } = nearestOn(points[i] as Point, points[(i + 1) % points.length] as Point, p);
    if (distance <= least) [best, least] = [{ after: i, at }, distance];
  }
  return best;
}

/** The whole moved, kept in the picture with its form. */
export function shifted(points: readonly Point[], dx: number, dy: number): Point[] {
  const bounded = (values: number[], by: number) => Math.min(1 - Math.max(...values), Math.max(-Math.min(...values), by));
  const x = bounded(points.map((p) => p[0]), dx);
  const y = bounded(points.map((p) => p[1]), dy);
  return points.map((p): Point => [p[0] + x, p[1] + y]);
}

/** The middle of the corners, where a name may stand. */
export function middle(points: readonly Point[]): Point {
  const n = Math.max(1, points.length);
  return [points.reduce((sum, p) => sum + p[0], 0) / n, points.reduce((sum, p) => sum + p[1], 0) / n];
}
