import { describe, expect, it } from 'vitest';
import { clusters, covered, drawn, nextCovered, reveal, span, ticks, toMs, toX, zoom, LONGEST_MS, SHORTEST_MS } from './axis';

const hour = { fromMs: 1_772_690_400_000, toMs: 1_772_694_000_000 };
const recorded = [
  { start_at: new Date(hour.fromMs).toISOString(), end_at: new Date(hour.fromMs + 600_000).toISOString() },
  { start_at: new Date(hour.fromMs + 900_000).toISOString(), end_at: new Date(hour.toMs).toISOString() },
];

describe('axis', () => {
  it('goes to pixels and back', () => {
    expect(toX(hour, hour.fromMs + 1_800_000, 1000)).toBe(500);
    expect(toMs(hour, 250, 1000)).toBe(hour.fromMs + 900_000);
  });

  it('keeps what is under the pointer where it is, and stops at the limits', () => {
    const anchor = hour.fromMs + 900_000;
    const closer = zoom(hour, anchor, 0.5);
    expect(toX(closer, anchor, 1000)).toBeCloseTo(250);
    expect(span(closer)).toBe(1_800_000);
    expect(span(zoom(hour, anchor, 1e-9))).toBe(SHORTEST_MS);
    expect(span(zoom(hour, anchor, 1e9))).toBe(LONGEST_MS);
  });

  it('moves only when the moment is near the edge', () => {
    expect(reveal(hour, hour.fromMs + 1_800_000)).toBe(hour);
    expect(reveal(hour, hour.toMs + 10).toMs).toBe(hour.toMs + 10 + 360_000);
  });

  it('marks whole steps with room between them', () => {
    const { stepMs, at } = ticks(hour, 900);
    expect(stepMs).toBe(600_000);
    expect(at.every((t) => t % stepMs === 0)).toBe(true);
    expect(at.length).toBe(7);
  });

  it('knows recorded moments and the way over a gap', () => {
    expect(covered(recorded, hour.fromMs + 1)).toBe(true);
    expect(covered(recorded, hour.fromMs + 700_000)).toBe(false);
    expect(nextCovered(recorded, hour.fromMs + 700_000)).toBe(hour.fromMs + 900_000);
    expect(nextCovered(recorded, hour.toMs + 1)).toBeNull();
  });
});

describe('what is drawn', () => {
  const iso = (ms: number) => new Date(ms).toISOString();
  const spanAt = (from: number, to: number) => ({ start_at: iso(hour.fromMs + from), end_at: iso(hour.fromMs + to) });

  it('joins what is less than a pixel apart, cuts at the edges, and loses no short stretch', () => {
    // 3600 px for an hour: a second is a pixel.
    const found = drawn([spanAt(-5000, 10_000), spanAt(10_400, 20_000), spanAt(30_000, 30_010), spanAt(9e6, 9e6 + 1)], hour, 3600);
    expect(found.map((each) => [each.fromMs - hour.fromMs, each.toMs - hour.fromMs])).toEqual([
      [0, 20_000],
      [30_000, 30_010],
    ]);
  });

  it('puts marks that lie on one another together under the most urgent', () => {
    const marks = [3, 1, 4].map((priority, i) => ({ at: iso(hour.fromMs + i * 6000), priority }));
    const all = clusters([...marks, { at: iso(hour.fromMs + 60_000), priority: 2 }], hour, 3600);
    expect(all.map((each) => [each.first.priority, each.all.length])).toEqual([
      [1, 3],
      [2, 1],
    ]);
    expect(clusters(marks, { fromMs: hour.fromMs, toMs: hour.fromMs + 20_000 }, 3600)).toHaveLength(3);
  });
});
