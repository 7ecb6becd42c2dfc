import { expect, it } from 'vitest';
import { percent, trend } from './trend';

it('fills the days without a decision, over the end of a month', () => {
  const days = trend([{ day: '2026-02-28', false: 2, decided: 3 }, { day: '2026-01-01', false: 1, decided: 1 }], new Date(2026, 2, 2, 12));
  expect(days).toHaveLength(30);
  expect(days.at(-1)).toEqual({ day: '2026-03-02', false: 0, decided: 0 });
  expect(days.at(-3)).toEqual({ day: '2026-02-28', false: 2, decided: 3 });
  expect(days.some((day) => day.day === '2026-01-01')).toBe(false);
});

it('rounds a share', () => expect(percent(0.666)).toBe('67 %'));
