import { describe, expect, it } from 'vitest';
import { pace, targetFor } from './pacing';

describe('pace', () => {
  it('leaves a picture alone that is about where it should be', () => {
    expect(pace(9.4, [[0, 10]], 0.5)).toEqual({ rate: 1, seek_s: null });
  });

  it('hurries unseen when late, more when later', () => {
    expect(pace(8.8, [[0, 10]], 0.5).rate).toBe(1.1);
    expect(pace(8, [[0, 10]], 0.5).rate).toBe(1.25);
  });

  it('jumps when far behind', () => {
    expect(pace(1, [[0, 10]], 0.5)).toEqual({ rate: 1, seek_s: 9.5 });
  });

  it('jumps sooner while it settles', () => {
    expect(pace(9, [[0, 10]], 0.3, 0.3)).toEqual({ rate: 1, seek_s: 9.7 });
    expect(pace(9.5, [[0, 10]], 0.3, 0.3)).toEqual({ rate: 1, seek_s: null });
  });

  it('starts at the first picture, wherever its clock begins', () => {
    expect(pace(0, [[5000, 5001]], 0.5)).toEqual({ rate: 1, seek_s: 5000.5 });
  });

  it('crosses a gap instead of waiting in front of it', () => {
    expect(pace(4.2, [[0, 4], [6, 8]], 0.5)).toEqual({ rate: 1, seek_s: 7.5 });
    expect(pace(4.2, [[0, 4], [5, 5.6], [6, 6.9]], 0.5).seek_s).toBe(5);
  });

  it('does nothing before there is a picture', () => {
    expect(pace(0, [], 0.5)).toEqual({ rate: 1, seek_s: null });
  });
});

describe('targetFor', () => {
  it('follows the fragment within bounds', () => {
    expect(targetFor(0.04)).toBe(0.3);
    expect(targetFor(1)).toBe(1.2);
    expect(targetFor(10)).toBe(4);
  });
});
