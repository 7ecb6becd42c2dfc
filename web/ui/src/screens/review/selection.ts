/** The chosen stretch of time: a beginning, an end, or both. Pure. */
import type { Marks } from './playhead';

export interface Selection {
  inMs: number | null;
  outMs: number | null;
}

export const NOTHING: Selection = { inMs: null, outMs: null };

/** A beginning behind the end leaves the end to be chosen again. */
export function setIn({ outMs }: Selection, atMs: number): Selection {
  return { inMs: atMs, outMs: outMs !== null && outMs > atMs ? outMs : null };
}

export function setOut({ inMs }: Selection, atMs: number): Selection {
  return { inMs: inMs !== null && inMs < atMs ? inMs : null, outMs: atMs };
}

/** The stretch when both ends are there. */
export function stretchOf({ inMs, outMs }: Selection): Marks | null {
  return inMs !== null && outMs !== null && outMs > inMs ? { fromMs: inMs, toMs: outMs } : null;
}

/** Between two moments, whichever came first. */
export function between(aMs: number, bMs: number): Selection {
  return { inMs: Math.min(aMs, bMs), outMs: Math.max(aMs, bMs) };
}

const AROUND_MS = 15_000;

/** What an export or a lock is about: the chosen stretch, else half a minute around the moment, never beyond the present. */
export function stretchFor(selection: Selection, atMs: number, latestMs: number): Marks {
  const chosen = stretchOf(selection);
  const from = chosen?.fromMs ?? selection.inMs ?? Math.min(atMs, latestMs) - AROUND_MS;
  const to = chosen?.toMs ?? selection.outMs ?? Math.max(from + 2 * AROUND_MS, selection.inMs !== null ? atMs : 0);
  return { fromMs: Math.min(from, to - 1000), toMs: Math.max(Math.min(to, latestMs), Math.min(from, to - 1000) + 1000) };
}
