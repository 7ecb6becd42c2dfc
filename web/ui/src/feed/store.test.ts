import { describe, expect, it, vi } from 'vitest';
import type { Alarm, Incident, Unit } from '../api/types';
import { compareAlarms, FeedStore } from './store';

const alarm = (id: number, more: Partial<Alarm> = {}) =>
  ({ id, version: 1, state: 'raised', priority: 2, first_at: '2026-03-05T06:00:00Z', last_at: '2026-03-05T06:00:00Z', handled_at: null, ...more }) as Alarm;

describe('FeedStore', () => {
  it('puts rows where their topic says, and survives a topic it does not know', () => {
    const store = new FeedStore();
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    store.apply('alarm', [alarm(7)]);
    store.apply('weather', [{ id: 1 }]);
    expect(store.alarms.get(7)?.state).toBe('raised');
    expect(warn).toHaveBeenCalledOnce();
    warn.mockRestore();
  });

  it('takes a unit whose version stands still when its position moves on, never back', () => {
    const store = new FeedStore();
    const unit = (position_at: string, lon: number) => ({ id: 1, version: 3, position_at, lon }) as Unit;
    store.apply('unit', [unit('2026-03-05T06:00:01Z', 120.1)]);
    store.apply('unit', [unit('2026-03-05T06:00:02Z', 120.2)]);
    store.apply('unit', [unit('2026-03-05T06:00:01Z', 120.1)]);
    expect(store.units.get(1)?.lon).toBe(120.2);
  });

  it('forgets what was handled long ago with all that hangs on it, and nothing that is open', () => {
    const store = new FeedStore();
    const now = Date.parse('2026-03-05T12:00:00Z');
    store.apply('alarm', [alarm(1), alarm(2, { state: 'dismissed', handled_at: '2026-03-05T06:10:00Z' }), alarm(3, { state: 'linked', handled_at: '2026-03-05T11:59:00Z' })]);
    store.apply('incident', [
      { id: 1001, version: 1, closed_at: '2026-03-05T07:00:00Z' } as Incident,
      { id: 1002, version: 1, closed_at: null } as Incident,
    ]);
    store.apply('log', [{ id: 1, incident_id: 1001 }, { id: 2, incident_id: 1002 }]);
    store.forgetHandled(now, 3_600_000);
    expect(store.alarms.all().map((row) => row.id)).toEqual([1, 3]);
    expect(store.incidents.all().map((row) => row.id)).toEqual([1002]);
    expect(store.logs.all().map((row) => row.id)).toEqual([2]);
  });
});

describe('compareAlarms', () => {
  it('puts the unacknowledged first, then the urgent, then the oldest', () => {
    const rows = [
      alarm(1, { state: 'acked', priority: 1 }),
      alarm(2, { priority: 3 }),
      alarm(3, { priority: 2, first_at: '2026-03-05T06:01:00Z' }),
      alarm(4, { priority: 2 }),
      alarm(5, { state: 'shelved', priority: 1 }),
    ];
    expect(rows.sort(compareAlarms).map((row) => row.id)).toEqual([4, 3, 2, 1, 5]);
  });
});
