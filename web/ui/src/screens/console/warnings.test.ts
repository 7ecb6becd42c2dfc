import { expect, it } from 'vitest';
import type { Camera, Health } from '../../api/types';
import { quiet, warningsOf } from './warnings';

const camera = (code: string, more: Partial<Camera> = {}) => ({ code, enabled: true, recorded: true, recording: true, state: 'online', ...more }) as Camera;
const health = (facts: Record<string, unknown>, state: 'ok' | 'stale' = 'ok') => ({ processes: [{ name: 'ingest', state, beat_age_s: 1, facts }] }) as Pick<Health, 'processes'>;

it('says nothing while all is well, or while nothing is known', () => {
  expect(quiet(warningsOf(health({ disk_level: 'ok' }), [camera('a')]))).toBe(true);
  expect(quiet(warningsOf(null, [camera('a')]))).toBe(true);
  expect(quiet(warningsOf(health({}), []))).toBe(true);
});

it('names cameras that should record and do not, not those that are off or need not', () => {
  const found = warningsOf(null, [camera('b', { recording: false }), camera('a', { recording: false, state: 'stalled' }), camera('c', { recording: false, enabled: false }), camera('d', { recording: false, recorded: false })]);
  expect(found.silent.map((each) => each.code)).toEqual(['a', 'b']);
});

it('tells of the disk by its level, and of a recorder that is not heard', () => {
  expect(warningsOf(health({ disk_level: 'locked', disk_used_percent: 99.5 }), []).disk).toEqual({ level: 'locked', used_percent: 99.5, priority: 1 });
  expect(warningsOf(health({ disk_level: 'warn', disk_used_percent: 81 }), []).disk?.priority).toBe(4);
  expect(warningsOf(health({}, 'stale'), []).unheard).toBe(true);
  expect(warningsOf({ processes: [] }, []).unheard).toBe(true);
});
