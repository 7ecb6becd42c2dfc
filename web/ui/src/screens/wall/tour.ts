/** The tour over many walls: it goes on by itself and stands still as soon as somebody touches anything. Pure. */

export const PERIODS_S = [10, 20, 30, 60] as const;
/** After the last touch the tour stands still this long. */
export const HOLD_MS = 60_000;

export interface Tour {
  /** Which wall is shown; always taken modulo how many there are. */
  page: number;
  every_s: number;
  /** When the next wall comes, ms since 1970. */
  nextAt: number;
  /** Until when a touch holds it, ms since 1970; 0: it runs. Infinity: until it is told to go on. */
  heldUntil: number;
}

export function startTour(now: number, every_s: number): Tour {
  return { page: 0, every_s, nextAt: now + every_s * 1000, heldUntil: 0 };
}

/** Time has passed. The same value while nothing changed. */
export function tick(tour: Tour, now: number): Tour {
  if (tour.heldUntil > now) return tour;
  if (tour.heldUntil > 0) return { ...tour, heldUntil: 0, nextAt: now + tour.every_s * 1000 };
  if (now < tour.nextAt) return tour;
  return { ...tour, page: tour.page + 1, nextAt: now + tour.every_s * 1000 };
}

/** Somebody touched the wall: it stands still for a while, or as long as it was already to stand. */
export function touch(tour: Tour, now: number): Tour {
  return { ...tour, heldUntil: Math.max(tour.heldUntil, now + HOLD_MS) };
}

export function hold(tour: Tour): Tour {
  return { ...tour, heldUntil: Infinity };
}

export function go(tour: Tour, now: number): Tour {
  return { ...tour, heldUntil: 0, nextAt: now + tour.every_s * 1000 };
}

/** A step forward or back by hand; the time until the next begins anew. */
export function turn(tour: Tour, by: 1 | -1, now: number): Tour {
  return { ...tour, page: tour.page + by, nextAt: now + tour.every_s * 1000 };
}

/** The page that is shown out of `count`. */
export function pageOf(tour: Tour, count: number): number {
  return count === 0 ? 0 : ((tour.page % count) + count) % count;
}
