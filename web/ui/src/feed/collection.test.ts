import { describe, expect, it, vi } from 'vitest';
import { Collection, olderFix, olderVersion } from './collection';

interface Thing {
  id: number;
  version: number;
  name: string;
}

const thing = (id: number, version: number, name = 'x'): Thing => ({ id, version, name });

describe('Collection', () => {
  it('upserts by id and tells which rows changed', () => {
    const things = new Collection<Thing>(olderVersion);
    const heard = vi.fn();
    things.subscribe(heard);
    things.upsert([thing(1, 1), thing(2, 1)]);
    things.upsert([thing(1, 2, 'y')]);
    expect(heard.mock.calls).toEqual([[[1, 2]], [[1]]]);
    expect(things.get(1)?.name).toBe('y');
  });

  it('never lets an older version win, whichever way it comes', () => {
    const things = new Collection<Thing>(olderVersion);
    things.upsert([thing(1, 3, 'new')]);
    things.upsert([thing(1, 2, 'old')]);
    things.replace([thing(1, 2, 'old')]);
    expect(things.get(1)?.name).toBe('new');
  });

  it('replace drops what the list no longer has', () => {
    const things = new Collection<Thing>(olderVersion);
    things.upsert([thing(1, 1), thing(2, 1)]);
    things.replace([thing(2, 1)]);
    expect(things.all().map((row) => row.id)).toEqual([2]);
  });

  it('hands out the same snapshot until something changes', () => {
    const things = new Collection<Thing>(olderVersion);
    things.upsert([thing(1, 2)]);
    const before = things.all();
    things.upsert([thing(1, 1)]);
    expect(things.all()).toBe(before);
    things.upsert([thing(1, 2)]);
    expect(things.all()).not.toBe(before);
  });

  it('orders fixes by their time', () => {
    expect(olderFix({ at: '2026-03-05T06:00:00Z' }, { at: '2026-03-05T06:00:01+00:00' })).toBe(true);
    expect(olderFix({ at: '2026-03-05T06:00:01Z' }, { at: '2026-03-05T06:00:01Z' })).toBe(false);
  });
});
