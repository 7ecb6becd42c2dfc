/** The timeline's axis: moments (ms since 1970) to pixels and back, zoom, and where the marks go. Pure. */

export interface Window {
  fromMs: number;
  toMs: number;
}

export const SHORTEST_MS = 1_000;
export const LONGEST_MS = 31 * 86_400_000;

const STEPS_MS = [
  100, 200, 500, 1_000, 2_000, 5_000, 10_000, 30_000, 60_000, 120_000, 300_000, 600_000, 1_800_000, 3_600_000, 7_200_000, 21_600_000,
  43_200_000, 86_400_000, 172_800_000, 604_800_000,
];

export const span = (window: Window): number => window.toMs - window.fromMs;

export function toX(window: Window, atMs: number, width: number): number {
  return ((atMs - window.fromMs) / span(window)) * width;
}

export function toMs(window: Window, x: number, width: number): number {
  return window.fromMs + (x / width) * span(window);
}

/** Zooms by `factor` (below 1: closer) so that `anchorMs` stays under the pointer. */
export function zoom(window: Window, anchorMs: number, factor: number): Window {
  const length = Math.min(LONGEST_MS, Math.max(SHORTEST_MS, span(window) * factor));
  const share = (anchorMs - window.fromMs) / span(window);
  const fromMs = anchorMs - share * length;
  return { fromMs, toMs: fromMs + length };
}

export function pan(window: Window, byMs: number): Window {
  return { fromMs: window.fromMs + byMs, toMs: window.toMs + byMs };
}

/** The same length, moved so that `atMs` is inside with a tenth of room. */
export function reveal(window: Window, atMs: number): Window {
  const room = span(window) / 10;
  if (atMs < window.fromMs + room) return pan(window, atMs - window.fromMs - room);
  if (atMs > window.toMs - room) return pan(window, atMs - window.toMs + room);
  return window;
}

/** Moments of the marks: whole local steps, at least `spacing_px` apart. */
export function ticks(window: Window, width: number, spacing_px = 90): { stepMs: number; at: number[] } {
  const least = (span(window) * spacing_px) / Math.max(width, 1);
  const stepMs = STEPS_MS.find((step) => step >= least) ?? (STEPS_MS[STEPS_MS.length - 1] as number);
  const shift = new Date(window.fromMs).getTimezoneOffset() * 60_000;
  const at: number[] = [];
  for (let t = Math.ceil((window.fromMs - shift) / stepMs) * stepMs + shift; t <= window.toMs; t += stepMs) at.push(t);
  return { stepMs, at };
}

export interface Span {
  start_at: string;
  end_at: string;
}

/** Whether a moment is recorded. */
export function covered(spans: readonly Span[], atMs: number): boolean {
  return spans.some((each) => Date.parse(each.start_at) <= atMs && atMs < Date.parse(each.end_at));
}

/** The first recorded moment at or after `atMs`, or null. */
export function nextCovered(spans: readonly Span[], atMs: number): number | null {
  let best: number | null = null;
  for (const each of spans) {
    const start = Date.parse(each.start_at);
    if (start <= atMs && atMs < Date.parse(each.end_at)) return atMs;
    if (start > atMs && (best === null || start < best)) best = start;
  }
  return best;
}

export interface Stretch {
  fromMs: number;
  toMs: number;
}

/**
 * Spans as they can be drawn: cut to the window, joined where less than `join_px` lies between them. What is shorter
 * than a pixel still comes back, so that nothing disappears by zooming out.
 */
export function drawn(spans: readonly Span[], window: Window, width: number, join_px = 1): Stretch[] {
  const join_ms = (join_px * span(window)) / Math.max(1, width);
  const out: Stretch[] = [];
  const cut = spans
    .map((each) => ({ fromMs: Math.max(window.fromMs, Date.parse(each.start_at)), toMs: Math.min(window.toMs, Date.parse(each.end_at)) }))
    .filter((each) => each.toMs > each.fromMs)
    .sort((a, b) => a.fromMs - b.fromMs);
  for (const each of cut) {
    const last = out[out.length - 1];
    if (last && each.fromMs - last.toMs < join_ms) last.toMs = Math.max(last.toMs, each.toMs);
    else out.push(each);
  }
  return out;
}

export interface Marked {
  at: string;
  priority: number;
}

export interface Cluster<T extends Marked> {
  atMs: number;
  /** The most urgent of them, which gives the mark its look. */
  first: T;
  all: T[];
}

/** Marks that would lie on one another, as one: none is closer than `apart_px` to the one before. */
export function clusters<T extends Marked>(marks: readonly T[], window: Window, width: number, apart_px = 15): Cluster<T>[] {
  const apart_ms = (apart_px * span(window)) / Math.max(1, width);
  const out: Cluster<T>[] = [];
  const inside = marks
    .map((mark) => ({ mark, atMs: Date.parse(mark.at) }))
    .filter(({ atMs }) => atMs >= window.fromMs - apart_ms && atMs <= window.toMs + apart_ms)
    .sort((a, b) => a.atMs - b.atMs);
  for (const { mark, atMs } of inside) {
    const last = out[out.length - 1];
    if (last && atMs - last.atMs < apart_ms) {
      last.all.push(mark);
      if (mark.priority < last.first.priority) last.first = mark;
    } else out.push({ atMs, first: mark, all: [mark] });
  }
  return out;
}
