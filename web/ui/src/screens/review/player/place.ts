/** Where the fragments of a stream stand in wall time. Pure. */
import type { FragmentTimes } from './boxes';
import { MEDIA_EPOCH_MS } from './pieces';

const DAY_MS = 86_400_000;

export interface Placed {
  /** To be added to the times in the data, ms. */
  offsetMs: number;
  shownMs: number[];
  startMs: number;
  endMs: number;
}

/** A clock in the data that differs from the expected one by less than this is the other's rounding. */
const SAME_CLOCK_MS = 5;

/**
 * `expectedMs` is when the fragment should begin. A clock that counts from the recordings' epoch and agrees with that
 * within a day is believed (a converted stretch may begin with the key frame before it); any other is moved there.
 */
export function place(times: FragmentTimes, timescale: number, expectedMs: number): Placed {
  const off = expectedMs - said(times, timescale);
  return moved(times, timescale, Math.abs(off) < DAY_MS ? 0 : off);
}

/** For a piece of the index, which says itself when the fragment begins: the index is right, to the millisecond. */
export function placePiece(times: FragmentTimes, timescale: number, startMs: number): Placed {
  const off = startMs - said(times, timescale);
  return moved(times, timescale, Math.abs(off) < SAME_CLOCK_MS ? 0 : off);
}

/** The moments of a fragment whose clock is `offsetMs` behind. */
export function moved(times: FragmentTimes, timescale: number, offsetMs: number): Placed {
  const at = (units: number) => MEDIA_EPOCH_MS + (units * 1000) / timescale + offsetMs;
  return { offsetMs, shownMs: times.shown.map(at), startMs: at(times.decode), endMs: at(times.end) };
}

const said = (times: FragmentTimes, timescale: number) => MEDIA_EPOCH_MS + (times.decode * 1000) / timescale;
