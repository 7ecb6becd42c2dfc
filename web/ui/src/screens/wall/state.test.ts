import { expect, it } from 'vitest';
import { readKept, withSaved } from './state';

it('reads back what was kept, and makes sense of nothing and of nonsense', () => {
  const kept = readKept({ grid: 4, slots: [1, null, 3, null], saved: [{ name: 'Gates', grid: 1, slots: [9] }], listShown: false, every_s: 30, tourOver: 'saved' });
  expect(kept).toMatchObject({ grid: 4, slots: [1, null, 3, null], listShown: false, every_s: 30, tourOver: 'saved', fresh: false });
  expect(kept.saved).toHaveLength(1);
  expect(readKept({})).toMatchObject({ grid: 4, slots: [null, null, null, null], saved: [], every_s: 20, fresh: true });
  expect(readKept({ listShown: true }, true).listShown).toBe(false);
  const odd = readKept({ grid: 5 as never, slots: ['a'] as never, saved: [{ name: 'x', grid: 7, slots: [] }] as never, every_s: 3 });
  expect(odd).toMatchObject({ grid: 4, slots: [null, null, null, null], saved: [], every_s: 20, fresh: true });
});

it('replaces a layout of the same name in its place', () => {
  const first = withSaved([], { name: 'A', grid: 1, slots: [1] });
  const both = withSaved(first, { name: 'B', grid: 1, slots: [2] });
  expect(withSaved(both, { name: 'A', grid: 4, slots: [1, 2, 3, 4] }).map((each) => [each.name, each.grid])).toEqual([['A', 4], ['B', 1]]);
});
