import { expect, test } from 'vitest';
import { boxAt } from './Marked';

const track = { start_at: '2026-03-01T08:00:00Z', t_s: [0, 1, 2], boxes: [[0, 0, 0.1, 0.1], [0.2, 0, 0.1, 0.1], [0.4, 0.4, 0.1, 0.1]] as [number, number, number, number][] };
const at = (s: number) => Date.parse(track.start_at) + s * 1000;

test('a box goes between its samples', () => {
  expect(boxAt(track, at(0.5))?.[0]).toBeCloseTo(0.1);
  expect(boxAt(track, at(1.5))?.[1]).toBeCloseTo(0.2);
  expect(boxAt(track, at(2))).toEqual([0.4, 0.4, 0.1, 0.1]);
});

test('where the track was not there is no box', () => {
  expect(boxAt(track, at(-5))).toBeNull();
  expect(boxAt(track, at(9))).toBeNull();
  expect(boxAt({ ...track, t_s: [], boxes: [] }, at(0))).toBeNull();
});
