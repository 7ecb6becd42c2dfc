/** What can be drawn on a picture, what makes it wrong, and the steps of changing it. Pure. */
import { area, crossing } from './geometry';
import { within, type Point } from './view';

/**
 * `area` a polygon; `line` and `arrow` two points, an arrow from its first to its second; `gauge` two points from
 * bottom to top; `points` places without a connection, in order.
 */
export type ShapeKind = 'area' | 'line' | 'arrow' | 'gauge' | 'points';

export interface Shape {
  /** Names it among those on the same picture. */
  id: string;
  kind: ShapeKind;
  /** Normalised, 0..1 of the picture. */
  points: Point[];
  /** An area that has not been gone round yet. */
  open?: boolean;
  /** Beside it in the picture. */
  label?: string;
  /** `mask` is solid and hatched, `muted` is switched off, `other` belongs to something else. */
  look?: 'own' | 'other' | 'muted' | 'mask';
  /** Which way over a line counts, shown as arrows; left and right are seen from its first end to its second. */
  across?: 'both' | 'left_to_right' | 'right_to_left';
}

export const MOST_CORNERS = 64;
/** As `analytics/zone.py`. */
const LEAST_AREA = 1e-4;
const LEAST_LENGTH = 0.01;

/** Corners that the kind needs. */
export const least = (kind: ShapeKind): number => (kind === 'area' ? 3 : kind === 'points' ? 1 : 2);
/** Corners that the kind may have. */
export const most = (kind: ShapeKind): number => (kind === 'area' || kind === 'points' ? MOST_CORNERS : 2);
/** Whether its outline comes back to its beginning. */
export const closed = (shape: Shape): boolean => shape.kind === 'area' && !shape.open;
/** Whether the next click adds a corner to it. */
export const unfinished = (shape: Shape): boolean =>
  shape.kind === 'area' ? shape.open === true || shape.points.length === 0 : shape.kind === 'points' ? shape.points.length < MOST_CORNERS : shape.points.length < 2;

export type ShapeProblem = 'few' | 'crosses' | 'small' | 'short' | 'outside' | 'open';

/** What is wrong with it, null when it can be saved. */
export function problem(shape: Shape): ShapeProblem | null {
  const { kind, points } = shape;
  if (points.some(([x, y]) => !(x >= 0 && x <= 1 && y >= 0 && y <= 1))) return 'outside';
  if (kind === 'area' && crossing(points, closed(shape))) return 'crosses';
  if (points.length < least(kind)) return 'few';
  if (kind === 'area') return shape.open ? 'open' : area(points) < LEAST_AREA ? 'small' : null;
  const [a, b] = points;
  return kind !== 'points' && a && b && Math.hypot(a[0] - b[0], a[1] - b[1]) < LEAST_LENGTH ? 'short' : null;
}

/** One corner more at the end. */
export function extended(shape: Shape, point: Point): Shape {
  if (shape.points.length >= most(shape.kind)) return shape;
  return { ...shape, points: [...shape.points, within(point)], ...(shape.kind === 'area' ? { open: true } : {}) };
}

/** Gone round: the next click changes it instead of adding to it. Too few corners stay open. */
export const finished = (shape: Shape): Shape => (shape.kind === 'area' && shape.points.length >= 3 ? { ...shape, open: false } : shape);

/** A corner after the one of that index. */
export function inserted(shape: Shape, after: number, point: Point): Shape {
  if (shape.points.length >= most(shape.kind)) return shape;
  return { ...shape, points: [...shape.points.slice(0, after + 1), within(point), ...shape.points.slice(after + 1)] };
}

/** A corner at another place. */
export const replaced = (shape: Shape, index: number, point: Point): Shape => ({
  ...shape,
  points: shape.points.map((each, i) => (i === index ? within(point) : each)),
});

/** Without a corner; a closed area keeps its last three. */
export function removed(shape: Shape, index: number): Shape {
  if (closed(shape) && shape.points.length <= 3) return shape;
  return { ...shape, points: shape.points.filter((_, i) => i !== index) };
}

/** What was, and what was taken back. */
export interface History<T> {
  past: readonly T[];
  future: readonly T[];
}

export const NO_HISTORY: History<never> = { past: [], future: [] };
const MOST_STEPS = 200;

/** A step is done; `before` is what stood before it. */
export const done = <T>(history: History<T>, before: T): History<T> => ({ past: [...history.past.slice(-MOST_STEPS + 1), before], future: [] });

/** One step back from `now`; null where there is none. */
export function undone<T>(history: History<T>, now: T): { history: History<T>; now: T } | null {
  if (history.past.length === 0) return null;
  return { history: { past: history.past.slice(0, -1), future: [now, ...history.future] }, now: history.past[history.past.length - 1] as T };
}

/** One step forward again; null where there is none. */
export function redone<T>(history: History<T>, now: T): { history: History<T>; now: T } | null {
  if (history.future.length === 0) return null;
  return { history: { past: [...history.past, now], future: history.future.slice(1) }, now: history.future[0] as T };
}
