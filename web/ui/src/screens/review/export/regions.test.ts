import { describe, expect, it } from 'vitest';
import { fromCorners, FULL, grown, LEAST, MIDDLE, moved, toPolygon } from './regions';

describe('regions', () => {
  it('lie between two points, inside the picture, and are no accident', () => {
    expect(fromCorners([600, 500], [-50, 100.4])).toEqual({ left: 0, top: 100, right: 600, bottom: 500 });
    expect(fromCorners([10, 10], [15, 400])).toBeNull();
  });

  it('are moved whole and never leave the picture', () => {
    const width = MIDDLE.right - MIDDLE.left;
    for (const [x, y] of [[-2000, 30], [2000, -2000], [5, 5]] as const) {
      const found = moved(MIDDLE, x, y);
      expect(found.right - found.left).toBe(width);
      expect(Math.min(found.left, found.top)).toBeGreaterThanOrEqual(0);
      expect(Math.max(found.right, found.bottom)).toBeLessThanOrEqual(FULL);
    }
  });

  it('grow to the edge and shrink to what can still be seen', () => {
    expect(grown(MIDDLE, 5000, 5000)).toMatchObject({ right: FULL, bottom: FULL });
    expect(grown(MIDDLE, -5000, 0).right).toBe(MIDDLE.left + LEAST);
  });

  it('become a ring of four corners', () => {
    expect(toPolygon({ left: 1, top: 2, right: 3, bottom: 4 })).toEqual([[1, 2], [3, 2], [3, 4], [1, 4]]);
  });
});
