/** What to fetch next and what to forget, so that the moment is shown at once and playing never waits. Pure. */
import { lastBefore, type Piece } from './pieces';

export type Range = readonly [start_s: number, end_s: number];

export interface Wish {
  nowMs: number;
  /** 1 is real time; the wished lead grows with it. */
  rate: number;
  playing: boolean;
}

export const AHEAD_MS = 15_000;
const MOST_AHEAD_MS = 60_000;
const PAUSED_AHEAD_MS = 3_000;
export const BEHIND_MS = 20_000;
const RUN_BYTES = 4 << 20;
const RUN_PIECES = 6;

/** How far ahead of the moment pictures should be there. */
export function aheadMs({ playing, rate }: Wish): number {
  return playing ? Math.min(MOST_AHEAD_MS, AHEAD_MS * Math.max(1, rate)) : PAUSED_AHEAD_MS;
}

/**
 * The pieces to fetch with the next request, in one file and one after another; empty: nothing to do.
 *
 * First the one that shows the moment, alone, because somebody waits for it; then what comes after it, several at once;
 * at rest also the one before, so that a step back is as quick as a step on.
 */
export function nextRun(pieces: readonly Piece[], wish: Wish, done: (piece: Piece) => boolean): Piece[] {
  const { nowMs } = wish;
  const at = lastBefore(pieces, nowMs);
  const current = pieces[at];
  const before = wish.playing ? undefined : pieces[at - 1];
  if (current && nowMs < current.endMs + BEHIND_MS && !done(current) && (nowMs < current.endMs || !wish.playing)) return [current];
  const until = nowMs + aheadMs(wish);
  for (let i = Math.max(0, at + 1); i < pieces.length; i++) {
    const first = pieces[i] as Piece;
    if (first.startMs > until) break;
    if (done(first)) continue;
    const run = [first];
    let bytes = first.bytes;
    for (let next = pieces[++i]; next && run.length < RUN_PIECES; next = pieces[++i]) {
      const last = run[run.length - 1] as Piece;
      bytes += next.bytes;
      if (next.fileId !== last.fileId || next.offset !== last.offset + last.bytes) break;
      if (bytes > RUN_BYTES || next.startMs > until || done(next)) break;
      run.push(next);
    }
    return run;
  }
  return before && current && before.endMs > current.startMs - BEHIND_MS && !done(before) ? [before] : [];
}

/** Whether the browser still holds a piece. Half a frame may be missing at either end: frames are shown later than decoded. */
export function isBuffered(ranges: readonly Range[], start_s: number, end_s: number, tolerance_s = 0.12): boolean {
  const slack = Math.min(tolerance_s, (end_s - start_s) / 3);
  return ranges.some(([from, to]) => from <= start_s + slack && to >= end_s - slack);
}

/** What lies so far from the moment that it only takes room. */
export function toForget(ranges: readonly Range[], now_s: number, wish: Wish): Range[] {
  const keepFrom = now_s - (BEHIND_MS / 1000) * 1.5;
  const keepTo = now_s + (aheadMs(wish) / 1000) * 2 + 30;
  const out: Range[] = [];
  const first = ranges[0];
  const last = ranges[ranges.length - 1];
  if (first && first[0] < keepFrom - 5) out.push([0, keepFrom]);
  if (last && last[1] > keepTo + 5) out.push([keepTo, Infinity]);
  return out;
}
