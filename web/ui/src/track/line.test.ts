import { describe, expect, it } from 'vitest';
import { line, messages, towards } from './line';

const car = { kind: 'vehicle', label: 'car', colour: 'red', speed_ms: 12, heading_deg: 44, standing_s: 0 };
const en = messages.in('en');
const zh = messages.in('zh-CN');

describe('a tracked thing in one line', () => {
  it('says what, how fast, where to', () => {
    expect(line(en, car)).toBe('red car · 43 km/h north-east');
    expect(line(zh, car)).toBe('红色轿车 · 43 km/h 向东北');
  });

  it('says how long it stood, and not that it moved when it did not', () => {
    const waiting = { ...car, kind: 'person', label: null, colour: null, speed_ms: 0.1, heading_deg: null, standing_s: 134 };
    expect(line(en, waiting)).toBe('person · stood 2:14');
    expect(line(zh, waiting)).toBe('人员 · 停留 2:14');
  });

  it('leaves out what is not known', () => {
    expect(line(en, { ...car, label: null, colour: null, speed_ms: null, heading_deg: null })).toBe('vehicle');
    expect(line(en, { ...car, heading_deg: null })).toBe('red car · 43 km/h');
    expect(line(en, { ...car, label: 'unicorn', colour: 'plaid' })).toBe('unicorn · 43 km/h north-east');
  });

  it('turns the compass round', () => {
    expect([0, 22, 23, 180, 337, 338, 359.9].map((deg) => towards(en, deg))).toEqual([
      'north', 'north', 'north-east', 'south', 'north-west', 'north', 'north',
    ]);
  });
});
