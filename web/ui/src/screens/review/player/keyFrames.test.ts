import { describe, expect, it } from 'vitest';
import { KeyFrames, windowFor } from './keyFrames';

describe('key frames', () => {
  it('are asked for ahead of the way that time goes, and again before they run out', () => {
    const keys = new KeyFrames();
    const first = windowFor(100_000, 8, keys);
    expect(first?.fromMs).toBeLessThan(100_000);
    expect(first?.toMs).toBe(260_000);
    keys.covered(first!);
    expect(windowFor(100_000, 8, keys)).toBeNull();
    const next = windowFor(200_000, 8, keys);
    expect(next?.fromMs).toBeCloseTo(260_000, -1);
    expect(next?.toMs).toBe(420_000);
  });

  it('are asked for behind when time runs backward', () => {
    const keys = new KeyFrames();
    const first = windowFor(100_000, -2, keys)!;
    expect([first.fromMs, first.toMs]).toEqual([60_000, 100_001]);
    keys.covered(first);
    expect(windowFor(90_000, -2, keys)).toBeNull();
    expect(windowFor(75_000, -2, keys)).toMatchObject({ fromMs: 20_000, toMs: 60_001 });
  });

  it('start over after a jump out of what is there', () => {
    const keys = new KeyFrames();
    keys.covered({ fromMs: 0, toMs: 10_000, step_s: 0 });
    expect(windowFor(500_000, 1, keys)?.fromMs).toBe(499_999);
    keys.covered({ fromMs: 499_999, toMs: 520_000, step_s: 0 });
    expect(keys.range).toEqual([499_999, 520_000]);
  });

  it('are never more than a few a second on the screen', () => {
    for (const rate of [-16, -8, -2, 8, 16]) expect(windowFor(0, rate, new KeyFrames())!.step_s * 6).toBeCloseTo(Math.abs(rate));
  });

  it('show the last one before the moment, and nothing while that may not have come yet', () => {
    const keys = new KeyFrames();
    keys.put([1000, 3000]);
    expect(keys.at(2000)).toBe(1000);
    expect(keys.at(3500)).toBeNull();
    keys.covered({ fromMs: 0, toMs: 5000, step_s: 0 });
    expect(keys.at(3500)).toBe(3000);
    expect(keys.at(500)).toBeNull();
  });
});
