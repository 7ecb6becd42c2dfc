import { describe, expect, it } from 'vitest';
import { area, crossing, inside, nearestCorner, nearestEdge, segmentsTouch, shifted } from './geometry';
import type { Point } from './view';

const SQUARE: Point[] = [[0.2, 0.2], [0.8, 0.2], [0.8, 0.8], [0.2, 0.8]];
const BOW: Point[] = [[0.2, 0.2], [0.8, 0.8], [0.8, 0.2], [0.2, 0.8]];

describe('crossing', () => {
  it('is none for what goes round once, either way, and with a bay', () => {
    expect(crossing(SQUARE)).toBeNull();
    expect(crossing([...SQUARE].reverse())).toBeNull();
    expect(crossing([[0, 0], [1, 0], [1, 1], [0.5, 0.2], [0, 1]])).toBeNull();
    expect(crossing([[0, 0], [0.5, 0], [1, 0], [1, 1]])).toBeNull();
  });

  it('says where a bow tie crosses', () => {
    const at = crossing(BOW);
    expect(at?.[0]).toBeCloseTo(0.5);
    expect(at?.[1]).toBeCloseTo(0.5);
  });

  it('leaves out the way back of what is still being drawn', () => {
    const hook: Point[] = [[0.2, 0.5], [0.6, 0.5], [0.6, 0.2], [0.4, 0.2], [0.4, 0.8]];
    expect(crossing(hook.slice(0, 4), false)).toBeNull();
    expect(crossing(hook, false)?.[0]).toBeCloseTo(0.4);
    expect(crossing([[0.1, 0.1], [0.9, 0.1], [0.5, 0.9], [0.9, 0.5], [0.95, 0.9]], false)).toBeNull();
  });

  it('sees an edge that runs back on the one before, a corner on an edge, and a corner drawn twice', () => {
    expect(crossing([[0, 0], [1, 0], [0.5, 0], [0.5, 1]])).not.toBeNull();
    expect(crossing([[0, 0], [1, 0], [1, 1], [0.5, 0], [0, 1]])).not.toBeNull();
    expect(crossing([[0, 0], [1, 0], [1, 0], [0, 1]])).not.toBeNull();
  });

  it('sees a last edge that lies back on the first', () => {
    expect(crossing([[0, 0], [1, 0], [0.5, 0.5], [0.5, 0]])).not.toBeNull();
  });
});

describe('places on an outline', () => {
  it('finds corner and edge within reach only', () => {
    expect(nearestCorner(SQUARE, [0.79, 0.21], 0.05)).toBe(1);
    expect(nearestCorner(SQUARE, [0.5, 0.5], 0.05)).toBe(-1);
    expect(nearestEdge(SQUARE, true, [0.22, 0.5], 0.05)).toEqual({ after: 3, at: [0.2, 0.5] });
    expect(nearestEdge(SQUARE, false, [0.22, 0.5], 0.05)).toBeNull();
  });

  it('knows inside from outside, and how much it is', () => {
    expect(inside(SQUARE, [0.5, 0.5])).toBe(true);
    expect(inside(SQUARE, [0.1, 0.5])).toBe(false);
    expect(area(SQUARE)).toBeCloseTo(0.36);
  });
});

it('segments that end on each other touch, parallel ones do not', () => {
  expect(segmentsTouch([0, 0], [1, 0], [0.5, 0], [0.5, 1])).toBe(true);
  expect(segmentsTouch([0, 0], [1, 0], [0, 0.1], [1, 0.1])).toBe(false);
  expect(segmentsTouch([0, 0], [0.4, 0], [0.6, 0], [1, 0])).toBe(false);
});

it('the whole keeps its form at the edge of the picture', () => {
  const moved = shifted(SQUARE, 0.5, -0.1);
  expect(moved[1]?.[0]).toBeCloseTo(1);
  expect(moved[0]?.[0]).toBeCloseTo(0.4);
  expect(moved[0]?.[1]).toBeCloseTo(0.1);
});
