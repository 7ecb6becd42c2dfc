import { expect, it } from 'vitest';
import { frozenFor_s, takenAt } from './freshness';

it('calls a picture frozen when it has not moved for more than two seconds', () => {
  expect(frozenFor_s({ phase: 'playing', movedAt: 1000 }, 2900)).toBeNull();
  expect(frozenFor_s({ phase: 'playing', movedAt: 1000 }, 4000)).toBe(3);
  expect(frozenFor_s({ phase: 'connecting', movedAt: null }, 9000)).toBeNull();
});

it('says when the picture was taken by the server, less the delay, and stands still with the picture', () => {
  expect(takenAt({ phase: 'playing', movedAt: 10_000, delay_s: 0.4 }, 500)).toBe(10_100);
  expect(takenAt({ phase: 'playing', movedAt: 10_000, delay_s: null }, 0)).toBe(10_000);
  expect(takenAt({ phase: 'failed', movedAt: 10_000, delay_s: 1 }, 0)).toBeNull();
});
