import { describe, expect, it } from 'vitest';
import type { TrackLink } from '../api/analytics_models';
import { following, momentOf, sides } from './order';

const link = (id: number, before: boolean, start_at: string, decision: TrackLink['decision'] = null) =>
  ({ id, before, start_at, decision }) as TrackLink;

describe('sides', () => {
  const found = [
    link(1, false, '2026-03-01T08:00:20Z'),
    link(2, true, '2026-03-01T07:59:00Z', 'confirmed'),
    link(3, false, '2026-03-01T08:00:10Z'),
    link(4, true, '2026-03-01T07:58:00Z', 'rejected'),
  ];

  it('puts each side in the order of time and hides what was rejected', () => {
    const shown = sides(found, false);
    expect(shown.before.map((each) => each.id)).toEqual([2]);
    expect(shown.after.map((each) => each.id)).toEqual([3, 1]);
    expect(shown.rejected).toBe(1);
  });

  it('is walked through round and round', () => {
    const shown = found.slice(0, 3);
    const walked = [null, 1, 2, 3, 77].map((current) => following(shown, current)?.id);
    expect(walked).toEqual([1, 2, 3, 1, 1]);
    expect(following([], 1)).toBeNull();
  });

  it('is looked at where the two cameras hand it over', () => {
    const times = { start_at: 'a', end_at: 'b' };
    expect([true, false].map((before) => momentOf({ ...times, before }))).toEqual(['b', 'a']);
  });

  it('shows what was rejected when asked', () => {
    expect(sides(found, true).before.map((each) => each.id)).toEqual([4, 2]);
  });
});
