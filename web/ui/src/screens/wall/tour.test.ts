import { expect, it } from 'vitest';
import { go, hold, HOLD_MS, pageOf, startTour, tick, touch, turn } from './tour';

it('turns the page when its time has come, and not before', () => {
  const tour = startTour(0, 10);
  expect(tick(tour, 9999)).toBe(tour);
  expect(tick(tour, 10_000).page).toBe(1);
});

it('stands still after a touch and gives a whole period when it goes on', () => {
  const held = touch(startTour(0, 10), 5000);
  expect(tick(held, 5000 + HOLD_MS - 1)).toBe(held);
  const again = tick(held, 5000 + HOLD_MS);
  expect(again).toMatchObject({ page: 0, heldUntil: 0, nextAt: 5000 + HOLD_MS + 10_000 });
});

it('stands until it is told to go on, whatever is touched meanwhile', () => {
  const held = touch(hold(startTour(0, 10)), 1000);
  expect(tick(held, 1e12)).toBe(held);
  expect(tick(go(held, 2000), 12_000).page).toBe(1);
});

it('goes round in both directions', () => {
  let tour = startTour(0, 10);
  tour = turn(tour, -1, 0);
  expect(pageOf(tour, 3)).toBe(2);
  expect(pageOf(turn(tour, 1, 0), 3)).toBe(0);
  expect(pageOf(tour, 0)).toBe(0);
});
