import { describe, expect, it } from 'vitest';
import { cellAt, sheets } from './sheet';

describe('sheets', () => {
  it('are near square, of few requests, and the same for the same cameras in any order', () => {
    expect(sheets([], 320)).toEqual([]);
    expect(sheets([5, 3, 3, 9], 320)).toEqual([{ ids: [3, 5, 9], columns: 2, width_px: 642 }]);
    expect(sheets([9, 5, 3], 320)).toEqual(sheets([3, 9, 5], 320));
    const many = sheets(Array.from({ length: 150 }, (_, i) => i + 1), 320);
    expect(many.map((sheet) => [sheet.ids.length, sheet.columns])).toEqual([[64, 8], [64, 8], [22, 5]]);
    expect(Math.max(...many.map((sheet) => sheet.width_px))).toBeLessThanOrEqual(3840);
  });
});

describe('cellAt', () => {
  it('finds every cell where the server puts it', () => {
    const [sheet] = sheets([1, 2, 3, 4, 5], 320);
    if (!sheet) throw new Error('no sheet');
    expect(cellAt(sheet, 0)).toEqual({ x: 0, y: 0, width: 320, height: 180 });
    expect(cellAt(sheet, 4)).toEqual({ x: 322, y: 182, width: 320, height: 180 });
  });

  it('keeps cells apart and inside', () => {
    const [sheet] = sheets(Array.from({ length: 64 }, (_, i) => i), 320);
    if (!sheet) throw new Error('no sheet');
    const cells = sheet.ids.map((_, i) => cellAt(sheet, i));
    expect(Math.max(...cells.map((cell) => cell.x + cell.width))).toBe(sheet.width_px);
    expect(new Set(cells.map((cell) => `${cell.x},${cell.y}`)).size).toBe(64);
  });
});
