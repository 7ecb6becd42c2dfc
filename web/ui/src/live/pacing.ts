/** How a buffered live picture stays close to now: a little faster when late, a jump when far behind. Pure. */

export interface Pace {
  rate: number;
  /** Where to go in the media's own time, seconds; null: stay. */
  seek_s: number | null;
}

export type Range = readonly [start_s: number, end_s: number];

/**
 * `target_s` is the wished distance to the newest picture. Nothing is done within 0.4 s of it; up to
 * `jump_s` more the picture runs 10 % or 25 % fast, which hardly shows; beyond that, or in a gap, it jumps.
 */
export function pace(current_s: number, ranges: readonly Range[], target_s: number, jump_s = 2.5): Pace {
  const last = ranges.at(-1);
  if (!last) return { rate: 1, seek_s: null };
  const [lastStart, end] = last;
  const wanted = Math.max(lastStart, end - target_s);
  const inside = ranges.some(([from, to]) => current_s >= from - 0.05 && current_s < to);
  const behind = end - current_s;
  if (behind > jump_s + target_s || current_s > end + 0.5) return { rate: 1, seek_s: wanted };
  if (!inside && current_s < end) {
    // In front of a hole: the next picture there is.
    const next = ranges.find(([from]) => from > current_s);
    if (next) return { rate: 1, seek_s: next === last ? wanted : next[0] };
  }
  if (behind > target_s + 1.2) return { rate: 1.25, seek_s: null };
  if (behind > target_s + 0.4) return { rate: 1.1, seek_s: null };
  return { rate: 1, seek_s: null };
}

/** The newest picture can be no fresher than one fragment: the target follows how long fragments are. */
export function targetFor(fragment_s: number): number {
  return Math.min(4, Math.max(0.3, fragment_s * 1.2));
}
