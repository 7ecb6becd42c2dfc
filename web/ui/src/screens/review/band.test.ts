import { expect, test } from 'vitest';
import { bandPaths } from './band';

const view = { fromMs: 0, toMs: 10_000 };
const band = (level: number[]) => ({ camera_id: 1, from_at: new Date(0).toISOString(), step_s: 1, level });

test('what moved is a column, what was looked at a line, what was not neither', () => {
  const { moved, watched } = bandPaths(band([0, 100, -1, -1, 0, 0, 0, 0, 0, 0]), view, 100, 8);
  expect(moved).toBe('M10.0 8V0.0H20.0V8Z');
  expect(watched).toBe('M0.0 8H20.0M40.0 8H100.0');
});

test('a single second of a month still shows', () => {
  const { moved } = bandPaths(band([1, ...Array<number>(9).fill(0)]), { fromMs: 0, toMs: 10_000_000 }, 100, 8);
  expect(moved).toMatch(/^M0\.0 8V\d\.\dH1\.0V8Z$/);
});
