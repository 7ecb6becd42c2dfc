import { describe, expect, it } from 'vitest';
import { cost, firstBudget, govern, LEAST_MPX_S, MOST_MPX_S, plan, UNKNOWN_MPX_S, type Picture } from './budget';

const picture = (more: Partial<Picture> = {}): Picture => ({
  main_mpx_s: 52,
  sub_mpx_s: 3,
  sub_width_px: 640,
  width_px: 480,
  visible: true,
  chosen: false,
  ...more,
});

describe('plan', () => {
  it('takes the sub stream for a small tile and the main one for a large', () => {
    expect(plan([picture(), picture({ width_px: 1400 }), picture({ sub_mpx_s: null })], 1000)).toEqual(['sub', 'main', 'main']);
  });

  it('plays nothing that is out of sight', () => {
    expect(plan([picture({ visible: false }), picture({ visible: false, chosen: true })], 1000)).toEqual(['still', 'still']);
  });

  it('gives the chosen picture everything first, and the rest in order until the budget is spent', () => {
    const four = [picture({ sub_mpx_s: null }), picture({ sub_mpx_s: null }), picture({ sub_mpx_s: null }), picture({ sub_mpx_s: null, chosen: true })];
    expect(plan(four, 110)).toEqual(['main', 'still', 'still', 'main']);
    expect(plan([picture({ chosen: true })], 10)).toEqual(['main']);
  });

  it('falls to the sub stream where the main one no longer fits', () => {
    expect(plan([picture({ width_px: 1900 }), picture({ width_px: 1900 }), picture({ sub_mpx_s: null })], 60)).toEqual(['main', 'sub', 'still']);
  });

  it('never costs more than the budget without a chosen picture', () => {
    for (let budget = 0; budget < 200; budget += 7) {
      const wall = Array.from({ length: 16 }, (_, i) => picture({ main_mpx_s: 10 + i, sub_mpx_s: i % 3 ? 2 + (i % 4) : null, width_px: 200 + 150 * (i % 8) }));
      const spent = plan(wall, budget).reduce((sum, play, i) => {
        const { main_mpx_s, sub_mpx_s } = wall[i] as Picture;
        return sum + (play === 'main' ? main_mpx_s : play === 'sub' ? (sub_mpx_s ?? Infinity) : 0);
      }, 0);
      expect(spent).toBeLessThanOrEqual(budget);
    }
  });
});

describe('govern', () => {
  const good = { decoded: 300, dropped: 0, stuck_ms: 20 };

  it('gives way at once when pictures are thrown away or the page hangs, and grows slowly', () => {
    const start = firstBudget(4);
    expect(govern(start, { ...good, dropped: 150 }).budget_mpx_s).toBeLessThan(start.budget_mpx_s);
    expect(govern(start, { ...good, stuck_ms: 500 }).budget_mpx_s).toBeLessThan(start.budget_mpx_s);
    expect(govern(start, good).budget_mpx_s).toBe(start.budget_mpx_s);
    let now = start;
    for (let i = 0; i < 10; i += 1) now = govern(now, good);
    expect(now.budget_mpx_s).toBeGreaterThan(start.budget_mpx_s);
  });

  it('tries to grow ever more rarely where it had to give way', () => {
    let now = govern(firstBudget(4), { ...good, dropped: 150 });
    const low = now.budget_mpx_s;
    for (let i = 0; i < 19; i += 1) now = govern(now, good);
    expect(now.budget_mpx_s).toBe(low);
    expect(govern(now, good).budget_mpx_s).toBeGreaterThan(low);
  });

  it('stays within its limits', () => {
    let now = firstBudget(64);
    for (let i = 0; i < 500; i += 1) now = govern(now, good);
    expect(now.budget_mpx_s).toBe(MOST_MPX_S);
    for (let i = 0; i < 100; i += 1) now = govern(now, { ...good, dropped: 300 });
    expect(now.budget_mpx_s).toBe(LEAST_MPX_S);
    expect(now.patience).toBeLessThan(1000);
  });

  it('takes a few lost pictures of a quiet wall for nothing', () => {
    expect(govern(firstBudget(4), { decoded: 10, dropped: 5, stuck_ms: 0 }).budget_mpx_s).toBe(firstBudget(4).budget_mpx_s);
  });
});

it('counts megapixels a second, and guesses what is not known', () => {
  expect(cost(1920, 1080, 25)).toBeCloseTo(51.8, 1);
  expect(cost(null, null, null)).toBe(UNKNOWN_MPX_S);
});
