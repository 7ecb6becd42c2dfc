import { describe, expect, it } from 'vitest';
import { columnsFor, layout, MOST_PLAYERS } from './grid';

const WIDE = [1200, 600] as const;
const counts = Array.from({ length: MOST_PLAYERS }, (_, i) => i + 1);

describe('layout', () => {
  it('makes pictures as large as the place allows', () => {
    expect(columnsFor(1, ...WIDE)).toBe(1);
    expect(columnsFor(2, ...WIDE)).toBe(2);
    expect(columnsFor(4, 1600, 900)).toBe(2);
    expect(columnsFor(9, 1600, 900)).toBe(3);
    expect(columnsFor(3, 380, 700)).toBe(1);
  });

  it.each(counts)('gives %s pictures places of their own, also with any one of them enlarged', (count) => {
    for (const large of [null, ...counts.filter((n) => n <= count).map((n) => n - 1)]) {
      const { columns, rows, cells } = layout(count, ...WIDE, large);
      expect(cells).toHaveLength(count);
      const taken = new Set<string>();
      for (const cell of cells) {
        for (let column = cell.column; column < cell.column + cell.span; column++) {
          for (let row = cell.row; row < cell.row + cell.span; row++) {
            expect(column <= columns && row <= rows, `${column}/${row} of ${columns}/${rows}`).toBe(true);
            expect(taken.has(`${column}/${row}`)).toBe(false);
            taken.add(`${column}/${row}`);
          }
        }
      }
      if (large !== null && count > 1) expect(cells[large]?.span).toBeGreaterThan(1);
    }
  });
});
