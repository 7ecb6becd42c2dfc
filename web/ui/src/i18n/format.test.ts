import { describe, expect, it } from 'vitest';
import { age, bytes, clockMs, distance, duration, lonLat, moment, speed } from './format';

describe('age', () => {
  it.each([
    [-3, '0:00'],
    [59.9, '0:59'],
    [134, '2:14'],
    [3600, '1:00:00'],
    [90_061, '1 d 01:01'],
  ])('%s s is %s', (seconds, text) => expect(age(seconds, 'en')).toBe(text));

  it('counts days in the language that is read', () => {
    expect(age(90_061, 'zh-CN')).toBe('1 天 01:01');
  });
});

describe('bytes', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1 kB'],
    [12_345_678, '12.3 MB'],
    [999_600_000, '1 GB'],
    [1_820_000_000_000, '1.82 TB'],
  ])('%s is %s', (value, text) => expect(bytes(value)).toBe(text));
});

describe('measures', () => {
  it('rounds distance to what a person would say', () => {
    expect(distance(384.6)).toBe('385 m');
    expect(distance(1240)).toBe('1.2 km');
    expect(distance(15_300)).toBe('15 km');
  });

  it('gives speed in km/h and positions longitude first', () => {
    expect(speed(10)).toBe('36 km/h');
    expect(lonLat(120.98, 31.38)).toBe('120.98000, 31.38000');
  });

  it('drops the date of today', () => {
    const now = new Date(2026, 2, 5, 14, 0, 0);
    expect(moment(new Date(2026, 2, 5, 9, 1, 2), now)).toBe('09:01:02');
    expect(moment(new Date(2026, 2, 4, 9, 1, 2), now)).toBe('2026-03-04 09:01:02');
  });
});

describe('lengths of time', () => {
  it.each([
    [0, '0 s', '0 秒'],
    [3.24, '3.2 s', '3.2 秒'],
    [182, '3 min 2 s', '3 分 2 秒'],
    [120, '2 min', '2 分'],
    [7530, '2 h 5 min', '2 小时 5 分'],
    [90_000, '1 d 1 h', '1 天 1 小时'],
  ])('%s s is %s, %s', (seconds, en, zh) => {
    expect(duration(seconds, 'en')).toBe(en);
    expect(duration(seconds, 'zh-CN')).toBe(zh);
  });

  it('show milliseconds where frames are told apart', () => {
    expect(clockMs(new Date(2026, 2, 5, 14, 2, 31, 7))).toBe('14:02:31.007');
  });
});
