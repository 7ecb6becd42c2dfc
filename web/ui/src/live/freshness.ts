/** What may be said about the picture on the screen. A frozen picture that looks live is the worst lie. Pure. */
import type { LiveState } from './session';

/** A live picture older than this is called by its age. */
export const FROZEN_MS = 2000;

/** How long the playing picture has not moved, seconds; null while it moves or nothing plays. */
export function frozenFor_s(state: Pick<LiveState, 'phase' | 'movedAt'>, nowMs: number): number | null {
  if (state.phase !== 'playing' || state.movedAt === null) return null;
  const still = nowMs - state.movedAt;
  return still > FROZEN_MS ? still / 1000 : null;
}

/**
 * The moment the picture on the screen was taken, ms since 1970 by the server's clock: when it last moved, less how
 * old it was then. The way from the camera to the server is not in it; it is some tenths of a second.
 */
export function takenAt(state: Pick<LiveState, 'phase' | 'movedAt' | 'delay_s'>, serverOffsetMs: number): number | null {
  if (state.phase !== 'playing' || state.movedAt === null) return null;
  return state.movedAt + serverOffsetMs - (state.delay_s ?? 0) * 1000;
}
