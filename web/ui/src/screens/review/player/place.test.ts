import { describe, expect, it } from 'vitest';
import { MEDIA_EPOCH_MS } from './pieces';
import { place, placePiece } from './place';

const at = Date.UTC(2026, 2, 1, 8);
const epoch_90k = (ms: number) => (ms - MEDIA_EPOCH_MS) * 90;
const times = (start: number) => ({ decode: start, shown: [start + 3000, start + 6000], end: start + 9000 });

describe('place', () => {
  it('believes a clock that counts from the epoch, also when it begins a little earlier than asked', () => {
    const found = place(times(epoch_90k(at - 800)), 90_000, at);
    expect(found.offsetMs).toBe(0);
    expect(found.startMs).toBeCloseTo(at - 800, 3);
    expect(found.endMs).toBeCloseTo(at - 700, 3);
  });

  it('moves a clock that counts from nothing to where it was asked for', () => {
    const found = place({ decode: 0, shown: [512, 1024], end: 1536 }, 12_800, at);
    expect(found.startMs).toBeCloseTo(at, 3);
    expect(found.shownMs.map((each) => Math.round(each - at))).toEqual([40, 80]);
  });

  it('lets the index say when a piece was, and takes less than its rounding for the same', () => {
    expect(placePiece(times(epoch_90k(at) + 40), 90_000, at).offsetMs).toBe(0);
    expect(placePiece(times(epoch_90k(at - 2000)), 90_000, at).offsetMs).toBe(2000);
  });
});
