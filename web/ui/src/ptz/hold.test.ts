import { expect, it } from 'vitest';
import { holdOf, mayMove } from './hold';

const now = Date.parse('2026-03-05T06:00:00Z');
const until = '2026-03-05T06:00:30Z';
const none = { holder: null, priority: null, until: null, mine: false, my_priority: 2 };

it('is free when nobody holds it or the hold has run out', () => {
  expect(holdOf(none, now)).toEqual({ kind: 'free' });
  expect(holdOf({ ...none, holder: '李队', priority: 3, until: '2026-03-05T05:59:59Z' }, now)).toEqual({ kind: 'free' });
});

it('says whose it is and whether it may be taken', () => {
  expect(holdOf({ ...none, holder: 'me', priority: 2, until, mine: true }, now)).toEqual({ kind: 'mine', until });
  expect(holdOf({ ...none, holder: 'Ada', priority: 1, until }, now).kind).toBe('weaker');
  expect(holdOf({ ...none, holder: 'Dora', priority: 2, until }, now).kind).toBe('stronger');
  expect(holdOf({ ...none, holder: '李队', priority: 3, until }, now).kind).toBe('stronger');
});

it('moves only what is free or mine', () => {
  expect(mayMove({ kind: 'free' })).toBe(true);
  expect(mayMove({ kind: 'mine', until })).toBe(true);
  expect(mayMove({ kind: 'weaker', holder: 'Ada', until })).toBe(false);
});
