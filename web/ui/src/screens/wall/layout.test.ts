import { describe, expect, it } from 'vitest';
import { cellsOf, fit, gridFor, GRIDS, hang, nextPlace, pages, sideOf, step, typed } from './layout';

describe('a grid', () => {
  it.each(GRIDS)('of %s covers its square once', (grid) => {
    const covered = cellsOf(grid).flatMap(({ column, row, span }) =>
      Array.from({ length: span * span }, (_, i) => `${column + (i % span)},${row + Math.floor(i / span)}`),
    );
    expect(cellsOf(grid)).toHaveLength(grid);
    expect(new Set(covered).size).toBe(sideOf(grid) ** 2);
    expect(covered).toHaveLength(sideOf(grid) ** 2);
  });

  it('is the smallest that has room', () => {
    expect([0, 1, 2, 5, 8, 10, 40].map(gridFor)).toEqual([1, 1, 4, 6, 9, 16, 16]);
  });
});

describe('what hangs', () => {
  it('closes up into empty places before anything is lost', () => {
    expect(fit([1, null, 3, 4, 5, 6], 4)).toEqual([1, 5, 3, 4]);
    expect(fit([1], 4)).toEqual([1, null, null, null]);
  });

  it('changes places instead of hanging twice', () => {
    expect(hang([1, 2, 3, null], 1, 2)).toEqual([3, 2, 1, null]);
    expect(hang([1, 2, 3, null], 3, 3)).toEqual([1, 2, null, 3]);
    expect(hang([1, 2, 3, null], 9, 0)).toEqual([9, 2, 3, null]);
  });

  it('goes to the focus when that is free, else to the first free place', () => {
    expect(nextPlace([1, null, null], 2)).toBe(2);
    expect(nextPlace([1, null, 3], 2)).toBe(1);
    expect(nextPlace([1, 2, 3], 2)).toBe(2);
  });
});

describe('the focus', () => {
  it('steps over the large picture of six and stops at the edge', () => {
    expect(step(6, 0, 'ArrowRight')).toBe(1);
    expect(step(6, 2, 'ArrowLeft')).toBe(0);
    expect(step(6, 4, 'ArrowUp')).toBe(0);
    expect(step(6, 0, 'ArrowDown')).toBe(3);
    expect(step(9, 0, 'ArrowUp')).toBe(0);
    expect(step(16, 5, 'ArrowDown')).toBe(9);
  });

  it('is chosen by one digit or two', () => {
    expect(typed(null, 1, 16)).toBe(1);
    expect(typed(1, 2, 16)).toBe(12);
    expect(typed(1, 9, 16)).toBe(9);
    expect(typed(null, 7, 4)).toBeNull();
    expect(typed(1, 0, 16)).toBe(10);
  });
});

it('cuts all cameras into walls', () => {
  expect(pages([1, 2, 3, 4, 5], 4)).toEqual([[1, 2, 3, 4], [5, null, null, null]]);
  expect(pages([], 9)).toEqual([]);
});
