import { describe, expect, it } from 'vitest';
import type { CoverageDay } from '../../api/footage';
import { lastDays, neighbour, percentText, shapeOf, sum } from './figures';

const iso = (s: number) => new Date(Date.UTC(2026, 2, 1) + s * 1000).toISOString();
const gap = (from: number, to: number, reason: CoverageDay['gaps'][number]['reason']) => ({ start_at: iso(from), end_at: iso(to), reason, detail: '', why: null });

describe('coverage', () => {
  it('is never rounded up to whole', () => {
    expect([100, 99.97, 99.9, 12, 8, 0.04, 0].map(percentText)).toEqual(['100', '99.9', '99.9', '12', '8.0', '0.0', '0.0']);
    expect([100, 99.97, 95, 94.9, 0.01, 0, null].map(shapeOf)).toEqual(['whole', 'most', 'most', 'part', 'part', 'none', 'unknown']);
  });

  it('adds up recorded and missing time, and says what most of it was', () => {
    const day = { day: '2026-03-01', percent: 50, recorded_s: 300, gaps: [gap(0, 60, 'disk_full'), gap(100, 300, 'unreachable')] };
    const found = sum([day, { ...day, gaps: [gap(0, 40, 'disk_full')] }]);
    expect(found).toMatchObject({ recorded_s: 600, missing_s: 300, gaps: 3, longest_s: 200 });
    expect(found.percent).toBeCloseTo(66.67, 1);
    expect(found.reasons).toEqual([
      { reason: 'unreachable', missing_s: 200, gaps: 1 },
      { reason: 'disk_full', missing_s: 100, gaps: 2 },
    ]);
    expect(sum([]).percent).toBeNull();
  });

  it('counts local days, also over a change of the clock', () => {
    const days = lastDays(new Date(2026, 2, 30, 15).getTime(), 31);
    expect(days).toHaveLength(31);
    expect(new Set(days.map((each) => new Date(each).getHours()))).toEqual(new Set([0]));
    expect(new Date(days[30] as number).getDate()).toBe(30);
    expect(new Date(days[0] as number).getMonth()).toBe(1);
  });

  it('is walked through by arrows and not left', () => {
    expect(neighbour('ArrowRight', 0, 0, 2, 3)).toEqual([0, 1]);
    expect(neighbour('ArrowUp', 0, 0, 2, 3)).toEqual([0, 0]);
    expect(neighbour('ArrowDown', 1, 2, 2, 3)).toEqual([1, 2]);
    expect(neighbour('x', 0, 0, 2, 3)).toBeNull();
  });
});
