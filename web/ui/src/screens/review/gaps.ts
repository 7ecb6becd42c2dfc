/** What is missing of a recording at a moment, and where it goes on. Pure. */
import type { Why } from '../../said';
import type { Hole } from './player/pieces';

export interface GapRow {
  start_at: string;
  end_at: string;
  reason: string;
  detail: string;
  why: Why | null;
}

export interface Gap {
  /** Null: not known how long before. */
  fromMs: number | null;
  /** Null: nothing was recorded after it yet. */
  toMs: number | null;
  reason: string | null;
  detail: string;
  why: Why | null;
}

/** The gap around a moment, from the recorder's own reasons where it gave some, else from what surrounds it. */
export function gapAt(rows: readonly GapRow[], hole: Hole, atMs: number): Gap {
  const row = rows.find((each) => Date.parse(each.start_at) <= atMs && atMs < Date.parse(each.end_at));
  return {
    fromMs: hole.fromMs ?? (row ? Date.parse(row.start_at) : null),
    toMs: hole.toMs,
    reason: row?.reason ?? null,
    detail: row?.detail ?? '',
    why: row?.why ?? null,
  };
}

export interface Spanned {
  start_at: string;
  end_at: string;
}

/** The first moment after `atMs` at which any of the rows begins to be recorded again; null: none does. */
export function nextRecorded(rows: readonly (readonly Spanned[])[], atMs: number): number | null {
  const starts = rows.flatMap((spans) => spans.map((each) => Date.parse(each.start_at)).filter((start) => start > atMs));
  return starts.length > 0 ? Math.min(...starts) : null;
}

/** The last moment before `atMs` at which any of the rows began to be recorded; null: none did. */
export function previousRecorded(rows: readonly (readonly Spanned[])[], atMs: number): number | null {
  const starts = rows.flatMap((spans) => spans.map((each) => Date.parse(each.start_at)).filter((start) => start < atMs - 1000));
  return starts.length > 0 ? Math.max(...starts) : null;
}
