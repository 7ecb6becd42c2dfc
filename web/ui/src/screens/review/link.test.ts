import { describe, expect, it } from 'vitest';
import { readLink } from './link';

describe('readLink', () => {
  it('reads cameras, moment and spot', () => {
    expect(readLink('?camera=3&camera=4')).toEqual({ cameras: [3, 4], atMs: null, spot: null });
    expect(readLink('?lon=120.98&lat=31.38&at=2026-03-05T06%3A00%3A00Z&incident=1001')).toEqual({
      cameras: [],
      atMs: Date.UTC(2026, 2, 5, 6),
      spot: [120.98, 31.38],
    });
  });

  it('leaves out what makes no sense', () => {
    expect(readLink('?camera=x&at=yesterday&lon=1')).toEqual({ cameras: [], atMs: null, spot: null });
  });
});
