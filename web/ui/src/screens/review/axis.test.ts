import { describe, expect, it } from 'vitest';
import { covered, nextCovered, reveal, span, ticks, toMs, toX, zoom, LONGEST_MS, SHORTEST_MS } from './axis';

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
