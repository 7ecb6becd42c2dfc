import { describe, expect, it } from 'vitest';
import type { Alarm, Incident } from '../../api/types';
import { settle, spots, wanted } from './follow';

const alarm = (id: number, more: Partial<Alarm> = {}) =>
  ({ id, state: 'raised', priority: 2, first_at: '2026-03-05T06:00:00Z', lon: 1, lat: 2, camera_id: null, ...more }) as Alarm;
const incident = (id: number, more: Partial<Incident> = {}) =>
  ({ id, priority: 2, opened_at: '2026-03-05T06:00:00Z', closed_at: null, lon: 1, lat: 2, ...more }) as Incident;

describe('spots', () => {
  it('are what is open, the urgent first; closed and shelved things are not looked at', () => {
    const found = spots(
      [incident(1), incident(2, { closed_at: '2026-03-05T07:00:00Z' }), incident(3, { priority: 1 })],
      [alarm(7, { camera_id: 5 }), alarm(8, { state: 'shelved' }), alarm(9, { priority: 1 })],
    );
    expect(found.map((spot) => spot.key)).toEqual(['i3', 'a9', 'i1', 'a7']);
    expect(found[3]?.own).toBe(5);
  });
});

describe('wanted', () => {
  it('gives every spot its best camera before any spot its second', () => {
    const order = [
      { key: 'i1', lon: 0, lat: 0, own: null },
      { key: 'a7', lon: 0, lat: 0, own: 5 },
    ];
    const seeing = new Map([
      ['i1', [1, 2, 3]],
      ['a7', [2, 5, 4]],
    ]);
    expect(wanted(order, seeing)).toEqual([1, 5, 2, 3, 4]);
  });

  it('is nothing while nothing is open or nothing sees it', () => {
    expect(wanted([], new Map())).toEqual([]);
    expect(wanted([{ key: 'i1', lon: 0, lat: 0, own: null }], new Map())).toEqual([]);
  });
});

describe('settle', () => {
  it('leaves what is still wanted where it hangs', () => {
    const first = settle([], [1, 2, 3], 4);
    expect(first).toEqual([1, 2, 3, null]);
    expect(settle(first, [9, 3, 1], 4)).toEqual([1, 9, 3, null]);
    expect(settle(first, [], 4)).toEqual([null, null, null, null]);
  });

  it('shows the most urgent when there are more than places', () => {
    expect(settle([5, 6, 7, 8], [1, 2, 3, 8, 7], 4)).toEqual([1, 2, 3, 8]);
  });
});
