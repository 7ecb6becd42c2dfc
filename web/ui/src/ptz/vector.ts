/** From a finger or keys to how fast a camera turns. Pan right, tilt up, zoom in are positive; ±1 is the most. Pure. */

export interface Vector {
  pan: number;
  tilt: number;
  zoom: number;
}

export const REST: Vector = { pan: 0, tilt: 0, zoom: 0 };
/** A finger that hardly left the middle means nothing. */
const DEAD = 0.15;
/** Held keys turn at this speed: fast enough to follow a car, slow enough to stop at a door. */
export const KEY_SPEED = 0.5;

const round = (value: number) => Math.round(value * 100) / 100 || 0;

/**
 * The pad: how far the finger is from the middle, `dx` to the right and `dy` down, in parts of the pad's radius. The
 * direction stays exact; the speed grows with the square of the way, so that small corrections are easy.
 */
export function padVector(dx: number, dy: number): Vector {
  const away = Math.hypot(dx, dy);
  if (away < DEAD) return REST;
  const way = Math.min(1, (Math.min(1, away) - DEAD) / (1 - DEAD));
  const speed = Math.max(0.05, way * way);
  return { pan: round((dx / away) * speed), tilt: round((-dy / away) * speed), zoom: 0 };
}

/** Keys as they are held: arrows turn, + and - zoom, with Shift at full speed. Opposite ones cancel. */
export function keysVector(held: ReadonlySet<string>, fast = false): Vector {
  const speed = fast ? 1 : KEY_SPEED;
  const axis = (more: string, less: string) => round((Number(held.has(more)) - Number(held.has(less))) * speed);
  return { pan: axis('ArrowRight', 'ArrowLeft'), tilt: axis('ArrowUp', 'ArrowDown'), zoom: axis('+', '-') };
}

/** What several hands want at once: the sum, at most ±1. */
export function together(...vectors: readonly Vector[]): Vector {
  const sum = (axis: keyof Vector) => Math.max(-1, Math.min(1, round(vectors.reduce((total, vector) => total + vector[axis], 0))));
  return { pan: sum('pan'), tilt: sum('tilt'), zoom: sum('zoom') };
}

export function rests(vector: Vector): boolean {
  return vector.pan === 0 && vector.tilt === 0 && vector.zoom === 0;
}

export function same(a: Vector, b: Vector): boolean {
  return a.pan === b.pan && a.tilt === b.tilt && a.zoom === b.zoom;
}
