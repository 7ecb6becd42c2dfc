import { describe, expect, it } from 'vitest';
import { placeAt } from './tracks';

const T0 = Date.UTC(2026, 2, 1, 8);
const track = {
  geometry: { coordinates: [[120, 31], [120.01, 31.02], [120.02, 31.02]] as [number, number][] },
  properties: { id: 7, times: [0, 10_000, 200_000].map((ms) => new Date(T0 + ms).toISOString()) },
};

describe('where a vehicle was', () => {
  it('lies evenly between two reports', () => {
    const found = placeAt(track, T0 + 5000);
    expect(found?.at[0]).toBeCloseTo(120.005);
    expect(found?.at[1]).toBeCloseTo(31.01);
    expect(found?.age_s).toBe(0);
  });

  it('stays at the last report over a silence, and grows old', () => {
    expect(placeAt(track, T0 + 100_000)).toEqual({ id: 7, at: [120.01, 31.02], age_s: 90 });
    expect(placeAt(track, T0 + 230_000)).toEqual({ id: 7, at: [120.02, 31.02], age_s: 30 });
  });

  it('is not known before the first report and long after the last', () => {
    expect(placeAt(track, T0 - 1)).toBeNull();
    expect(placeAt(track, T0 + 600_000)).toBeNull();
  });
});
