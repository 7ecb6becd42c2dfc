/** The figures of coverage: shares, days, sums. Pure. */
import type { CoverageCamera, CoverageDay } from '../../api/footage';

export const DAY_MS = 86_400_000;

/** Share in per cent to a tenth, cut and not rounded: 99.97 is no 100. */
export function percentText(percent: number): string {
  if (percent >= 100) return '100';
  const cut = Math.floor(percent * 10) / 10;
  return cut >= 10 && Number.isInteger(cut) ? String(cut) : cut.toFixed(1);
}

export type Shape = 'whole' | 'most' | 'part' | 'none' | 'unknown';

/** How a cell looks; a shape beside the figure, so that nobody has to tell greys apart. */
export function shapeOf(percent: number | null): Shape {
  if (percent === null) return 'unknown';
  if (percent >= 100) return 'whole';
  if (percent >= 95) return 'most';
  return percent > 0 ? 'part' : 'none';
}

/** Local midnights from `days - 1` days before `nowMs` to its own, oldest first. */
export function lastDays(nowMs: number, days: number): number[] {
  const today = new Date(nowMs);
  return Array.from({ length: days }, (_, i) => new Date(today.getFullYear(), today.getMonth(), today.getDate() - (days - 1 - i)).getTime());
}

export interface Sum {
  /** Of what was to be recorded; null: nothing was. */
  percent: number | null;
  recorded_s: number;
  missing_s: number;
  gaps: number;
  longest_s: number;
  /** Missing time by reason, the largest first. */
  reasons: { reason: string; missing_s: number; gaps: number }[];
}

const length_s = (gap: { start_at: string; end_at: string }) => (Date.parse(gap.end_at) - Date.parse(gap.start_at)) / 1000;

/** Everything together. */
export function sum(days: readonly CoverageDay[]): Sum {
  const reasons = new Map<string, { missing_s: number; gaps: number }>();
  let longest_s = 0;
  let gaps = 0;
  for (const gap of days.flatMap((day) => day.gaps)) {
    const held = reasons.get(gap.reason) ?? { missing_s: 0, gaps: 0 };
    reasons.set(gap.reason, { missing_s: held.missing_s + length_s(gap), gaps: held.gaps + 1 });
    longest_s = Math.max(longest_s, length_s(gap));
    gaps += 1;
  }
  const recorded_s = days.reduce((all, day) => all + day.recorded_s, 0);
  const missing_s = [...reasons.values()].reduce((all, each) => all + each.missing_s, 0);
  const whole = recorded_s + missing_s;
  return {
    percent: whole > 0 ? (recorded_s / whole) * 100 : null,
    recorded_s,
    missing_s,
    gaps,
    longest_s,
    reasons: [...reasons].map(([reason, each]) => ({ reason, ...each })).sort((a, b) => b.missing_s - a.missing_s),
  };
}

/** The cell that an arrow key leads to from `[row, column]`. */
export function neighbour(key: string, row: number, column: number, rows: number, columns: number): [number, number] | null {
  const by = ({ ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] } as Record<string, [number, number]>)[key];
  if (!by) return null;
  return [Math.min(rows - 1, Math.max(0, row + by[0])), Math.min(columns - 1, Math.max(0, column + by[1]))];
}

export const daysOf = (cameras: readonly CoverageCamera[]): CoverageDay[] => cameras.flatMap((camera) => camera.days);
