import { describe, expect, it } from 'vitest';
import { age, distance, lonLat, moment, speed } from './format';

describe('age', () => {
  it.each([
    [-3, '0:00'],
    [59.9, '0:59'],
    [134, '2:14'],
    [3600, '1:00:00'],
    [90_061, '1d 01:01'],
  ])('%s s is %s', (seconds, text) => expect(age(seconds)).toBe(text));
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
