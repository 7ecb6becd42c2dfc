import { describe, expect, it } from 'vitest';
import { keysOnly, steer, Strain } from './follow';

/** Follows a common clock for `seconds` with a picture that starts `behind_s` late; the distance at the end. */
function follow(behind_s: number, rate: number, seconds: number, wander = 0): number {
  const dt = 0.05;
  let behind = behind_s;
  for (let t = 0; t < seconds; t += dt) {
    const done = steer(behind, rate);
    if (done.jump) behind = 0;
    else behind += (rate - done.rate * (1 + wander)) * dt;
  }
  return Math.abs(behind);
}

describe('steering', () => {
  it.each([0.25, 0.5, 1, 2, 4])('brings pictures at %s× to within a hundredth of a second, from either side', (rate) => {
    for (const behind of [0.5, -0.5, 0.1, -0.1, 5]) expect(follow(behind, rate, 12)).toBeLessThan(0.012);
  });

  it('holds pictures whose clock runs a hundredth too fast or too slow to a fraction of a frame', () => {
    expect(follow(0, 1, 60, 0.01)).toBeLessThan(0.02);
    expect(follow(0, 1, 60, -0.01)).toBeLessThan(0.02);
  });

  it('leaves alone what is close, jumps only when far, and never stops or turns', () => {
    expect(steer(0.004, 2)).toEqual({ rate: 2, jump: false });
    expect(steer(2, 1).jump).toBe(true);
    expect(steer(2, 4).jump).toBe(false);
    expect(steer(-0.59, 0.25).rate).toBeGreaterThan(0.1);
    expect(steer(0.5, 16).rate).toBeLessThanOrEqual(16);
  });
});

describe('strain', () => {
  it('is three jumps within four seconds', () => {
    const strain = new Strain();
    expect(strain.jumped(0)).toBe(false);
    expect(strain.jumped(5000)).toBe(false);
    expect(strain.jumped(6000)).toBe(false);
    expect(strain.jumped(7000)).toBe(true);
    strain.relax();
    expect(strain.jumped(7100)).toBe(false);
  });

  it('is also a clock that goes on without its pictures for more than a second', () => {
    const strain = new Strain();
    expect(strain.behind(2, 4, 0)).toBe(false);
    expect(strain.behind(2, 4, 1000)).toBe(false);
    expect(strain.behind(2, 4, 1300)).toBe(true);
    expect(strain.behind(0.2, 4, 1400)).toBe(false);
    expect(strain.behind(2, 4, 2000)).toBe(false);
    expect(strain.behind(1, 4, 9000)).toBe(false);
  });

  it('turns to key frames as fast and backward play do, at rest never', () => {
    expect(keysOnly(4, true, false)).toBe(false);
    expect(keysOnly(8, true, false)).toBe(true);
    expect(keysOnly(-1, true, false)).toBe(true);
    expect(keysOnly(2, true, true)).toBe(true);
    expect(keysOnly(-1, false, false)).toBe(false);
  });
});
