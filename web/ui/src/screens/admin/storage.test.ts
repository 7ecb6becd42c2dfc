import { describe, expect, it } from 'vitest';
import type { RetentionClass, Storage } from '../../api/types';
import { fillOf, limitBytes, nextToGo, urgency } from './storage';

const row = (more: Partial<RetentionClass>): RetentionClass => ({
  name: 'continuous',
  days: null,
  limit_bytes: null,
  version: 1,
  bytes: 0,
  segments: 0,
  oldest_at: null,
  ...more,
});
const camera = (oldest_at: string, retention_days: number) => ({ oldest_at, retention_days }) as Storage['cameras'][number];

describe('nextToGo', () => {
  it('says when each class loses its oldest, continuous footage by its camera', () => {
    const next = nextToGo({
      classes: [row({ oldest_at: '2026-03-01T00:00:00Z' }), row({ name: 'event', days: 90, oldest_at: '2026-03-02T00:00:00Z' }), row({ name: 'incident', days: 365 })],
      cameras: [camera('2026-03-01T00:00:00Z', 30), camera('2026-03-03T00:00:00Z', 7)],
    });
    expect(next.map((each) => [each.name, each.dueAt && new Date(each.dueAt).toISOString().slice(0, 10)])).toEqual([
      ['continuous', '2026-03-10'],
      ['event', '2026-05-31'],
    ]);
  });

  it('says how much is over a limit', () => {
    const [next] = nextToGo({ classes: [row({ oldest_at: '2026-03-01T00:00:00Z', bytes: 5e9, limit_bytes: 4e9 })], cameras: [] });
    expect(next).toMatchObject({ over_bytes: 1e9, dueAt: null });
  });
});

it('takes thresholds as passed when they are reached', () => {
  expect([79.9, 80, 89.9, 90].map((used) => fillOf(used, 80, 90))).toEqual(['calm', 'warn', 'warn', 'alarm']);
});

it('is as urgent as the alarm', () => {
  expect((['ok', 'warn', 'alarm', 'short', 'locked'] as const).map(urgency)).toEqual([null, 4, 3, 2, 1]);
});

it('reads gigabytes', () => {
  expect(limitBytes('')).toBeNull();
  expect(limitBytes('1,5')).toBe(1.5e9);
  expect(limitBytes('2000')).toBe(2e12);
  expect(limitBytes('0')).toBeNaN();
  expect(limitBytes('many')).toBeNaN();
});
