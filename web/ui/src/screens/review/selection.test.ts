import { describe, expect, it } from 'vitest';
import { between, NOTHING, setIn, setOut, stretchFor, stretchOf } from './selection';

describe('selection', () => {
  it('has two ends that never cross', () => {
    const both = setOut(setIn(NOTHING, 100), 200);
    expect(stretchOf(both)).toEqual({ fromMs: 100, toMs: 200 });
    expect(setIn(both, 300)).toEqual({ inMs: 300, outMs: null });
    expect(setOut(both, 50)).toEqual({ inMs: null, outMs: 50 });
    expect(stretchOf(setIn(NOTHING, 1))).toBeNull();
    expect(stretchOf(between(9, 3))).toEqual({ fromMs: 3, toMs: 9 });
  });

  it('stands for half a minute around the moment when nothing is chosen', () => {
    expect(stretchFor(NOTHING, 100_000, 1e9)).toEqual({ fromMs: 85_000, toMs: 115_000 });
    expect(stretchFor(NOTHING, 100_000, 100_000)).toEqual({ fromMs: 85_000, toMs: 100_000 });
    expect(stretchFor(setOut(setIn(NOTHING, 1000), 9000), 5, 1e9)).toEqual({ fromMs: 1000, toMs: 9000 });
  });

  it('is at least a second long and ends at the present', () => {
    for (const chosen of [NOTHING, setIn(NOTHING, 50_000), setOut(NOTHING, 50_000), between(99_999, 200_000)]) {
      for (const at of [0, 50_000, 100_000]) {
        const { fromMs, toMs } = stretchFor(chosen, at, 100_000);
        expect(toMs - fromMs).toBeGreaterThanOrEqual(1000);
        expect(toMs).toBeLessThanOrEqual(101_000);
      }
    }
  });
});
