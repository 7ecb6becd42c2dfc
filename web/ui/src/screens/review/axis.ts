/** The timeline's axis: moments (ms since 1970) to pixels and back, zoom, and where the marks go. Pure. */

export interface Window {
  fromMs: number;
  toMs: number;
}

export const SHORTEST_MS = 10_000;
export const LONGEST_MS = 31 * 86_400_000;

const STEPS_MS = [
  1_000, 2_000, 5_000, 10_000, 30_000, 60_000, 120_000, 300_000, 600_000, 1_800_000, 3_600_000, 7_200_000, 21_600_000,
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
