import { describe, expect, it } from 'vitest';
import { cellsOf, CELLS, clockOf, painted, PRESETS, presetOf, spansOf, stretchesOf, WEEK_MIN, type Span } from './week';

describe('spans and cells', () => {
  it('go there and back, over Sunday’s end too', () => {
    for (const spans of [[[480, 1080]], [[9960, 10440]], [[0, 60], [90, 600], [5000, 5010]], []] as Span[][]) {
      const again = cellsOf(spansOf(cellsOf(spans)));
      expect(again).toEqual(cellsOf(spans));
    }
    expect(spansOf(cellsOf([[9960, 10440]]))).toEqual([[9960, 10440]]);
  });

  it('always is an empty schedule, never is no schedule at all', () => {
    expect(spansOf(new Array<boolean>(CELLS).fill(true))).toEqual([]);
    expect(cellsOf([]).every(Boolean)).toBe(true);
    expect(spansOf(new Array<boolean>(CELLS).fill(false))).toEqual([]);
    expect(cellsOf([[0, WEEK_MIN]]).every(Boolean)).toBe(true);
  });

  it('stay within what the server takes', () => {
    for (const preset of Object.values(PRESETS)) {
      for (const [from, to] of preset) {
        expect(from).toBeGreaterThanOrEqual(0);
        expect(from).toBeLessThan(WEEK_MIN);
        expect(to).toBeGreaterThan(from);
      }
    }
  });
});

it('paints a box of days and quarters', () => {
  const none = new Array<boolean>(CELLS).fill(false);
  const cells = painted(none, { day: 4, cell: 40 }, { day: 0, cell: 32 }, true);
  expect(cells.filter(Boolean)).toHaveLength(5 * 9);
  expect(stretchesOf(cells, 0)).toEqual([[480, 615]]);
  expect(stretchesOf(cells, 5)).toEqual([]);
  expect(painted(cells, { day: 0, cell: 0 }, { day: 6, cell: 95 }, false)).toEqual(none);
});

it('knows its presets, and the time of a minute', () => {
  for (const [name, spans] of Object.entries(PRESETS)) expect(presetOf(spans)).toBe(name);
  expect(presetOf([[0, 15]])).toBeNull();
  expect(clockOf(1440 + 8 * 60 + 5)).toBe('08:05');
});
