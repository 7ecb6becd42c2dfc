import { describe, expect, it } from 'vitest';
import { copyOf, draftOf, fresh, problems, toIn, toPatch } from './draft';
import type { Rule } from './rules';
import { clearDefault, GROUPS } from './rules';
import type { Zone } from '../api/types';

const rule = (change: Partial<Rule> = {}): Rule => ({
  rule: 'intrusion', gb_type: 6, draws: 'area', second: null, second_needed: false, classes: ['person'], threshold: null, clear: null,
  over: 'above', dwell: 'inside', dwell_s: 0, every_camera: false, on_map: true, ...change,
});
const limit = (value: number | null) => ({ quantity: 'speed_ms' as const, unit: 'm/s', default: value, least: 0, most: 100 });
const zone = (change: Partial<Zone> = {}): Zone => ({
  id: 7, camera_id: 1, name: '东门', name_en: null, rule: 'intrusion', points: [[0.1, 0.1], [0.5, 0.1], [0.5, 0.5]], classes: ['person'], dwell_s: 2,
  direction: 'both', priority: 1, rearm_s: 30, enabled: true, version: 3, arrow: null, schedule: [[480, 1080]], min_size_m: 0, threshold: null,
  clear: null, gauge_m: null, ground: [], preset: null, ...change,
});

describe('a new zone', () => {
  it('says what is missing, and sends the rule’s own numbers as none', () => {
    const draft = fresh(rule({ rule: 'fast_motion', threshold: limit(16.7), clear: limit(null) }), 1);
    expect(problems(draft)).toEqual(['name', 'main']);
    const drawn = { ...draft, name: ' 快 ', main: { id: 'main', kind: 'area' as const, points: zone().points as [number, number][] } };
    expect(problems(drawn)).toEqual([]);
    expect(toIn(drawn)).toMatchObject({ name: '快', threshold: null, clear: null, camera_id: 1, points: zone().points, ground: [] });
    expect(toIn({ ...drawn, threshold: '20' }).threshold).toBe(20);
  });

  it('needs an arrow where the rule does, a gauge with its readings, a threshold without a default', () => {
    const level = fresh(rule({ rule: 'water_level', draws: 'nothing', second: 'gauge', second_needed: true, threshold: limit(null) }), 1);
    expect(problems({ ...level, name: 'x' })).toEqual(['second', 'threshold', 'gauge']);
    expect(level.main).toBeNull();
    expect(level.second?.kind).toBe('gauge');
  });

  it('on the map it has places and no points', () => {
    const draft = { ...fresh(rule(), null), name: 'x' };
    expect(problems(draft)).toEqual(['ground']);
    const ground: [number, number][] = [[120, 31], [120.001, 31], [120.001, 31.001]];
    expect(toIn({ ...draft, ground })).toMatchObject({ camera_id: null, ground, points: [] });
  });
});

describe('a stored zone', () => {
  it('goes into the form and out again unchanged', () => {
    const patch = toPatch(draftOf(zone(), rule()));
    expect(patch).toMatchObject({ name: '东门', points: zone().points, dwell_s: 2, priority: 1, schedule: [[480, 1080]], enabled: true });
    expect(patch).not.toHaveProperty('ground');
    expect(patch).not.toHaveProperty('rule');
    expect(patch).not.toHaveProperty('camera_id');
  });

  it('an emptied number is sent as none, so that the rule’s own holds again', () => {
    const fast = rule({ rule: 'fast_motion', threshold: limit(16.7), clear: limit(null) });
    const draft = draftOf(zone({ threshold: 20, clear: 15 }), fast);
    expect(draft).toMatchObject({ threshold: '20', clear: '15' });
    expect(toPatch({ ...draft, threshold: '', clear: '', dwell_s: '', rearm_s: '' })).toMatchObject({ threshold: null, clear: null, dwell_s: null, rearm_s: 30 });
  });

  it('shows the rule’s own numbers as empty, not as if somebody had set them', () => {
    const fast = rule({ rule: 'fast_motion', threshold: limit(16.7), clear: limit(null), dwell: 'inside', dwell_s: 2 });
    expect(draftOf(zone({ dwell_s: 2, rearm_s: 30 }), fast)).toMatchObject({ threshold: '', clear: '', dwell_s: '', rearm_s: '' });
    expect(draftOf(zone({ dwell_s: 3, rearm_s: 60 }), fast)).toMatchObject({ dwell_s: '3', rearm_s: '60' });
  });

  it('moves to another preset, and home', () => {
    const draft = draftOf(zone({ preset: '2' }), rule());
    expect(draft.preset).toBe('2');
    expect(toPatch({ ...draft, preset: '3' }).preset).toBe('3');
    expect(toPatch({ ...draft, preset: '' }).preset).toBeNull();
  });

  it('copies to another camera without its id', () => {
    const copy = copyOf(zone(), rule(), 2, '东门 2');
    expect(copy.of).toBeNull();
    expect(toIn(copy)).toMatchObject({ camera_id: 2, name: '东门 2', points: zone().points, preset: null });
    expect(copyOf(zone({ preset: '2' }), rule(), 2, 'x').preset).toBe('');
    expect(copyOf(zone({ preset: '2' }), rule(), 1, 'x').preset).toBe('2');
  });
});

it('is over on the right side of the threshold', () => {
  expect(clearDefault(rule({ threshold: limit(10), clear: limit(null) }), 20)).toBe(16);
  expect(clearDefault(rule({ threshold: limit(10), clear: limit(null), over: 'below' }), null)).toBe(12.5);
  expect(clearDefault(rule(), null)).toBeNull();
});

it('every rule stands in one group', () => {
  const all = GROUPS.flatMap((group) => group.rules as readonly string[]);
  expect(all).toHaveLength(21);
  expect(new Set(all).size).toBe(21);
});
