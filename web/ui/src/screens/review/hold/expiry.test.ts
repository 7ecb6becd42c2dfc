import { describe, expect, it } from 'vitest';
import { byNeed, expiryOf, standing, TERMS } from './expiry';

const now = new Date(2026, 2, 5, 4).getTime();
const hold = (days: number | null, released = false) => ({
  expires_at: days === null ? null : new Date(now + days * 86_400_000).toISOString(),
  released_at: released ? new Date(now).toISOString() : null,
  created_at: new Date(now).toISOString(),
});

describe('how long a lock protects', () => {
  it('is whole local days, or until it is released', () => {
    expect(TERMS.map((days) => expiryOf(days, now) === null)).toEqual([false, false, false, false, true]);
    const end = new Date(expiryOf(30, now)!);
    expect([end.getMonth(), end.getDate(), end.getHours(), end.getMinutes()]).toEqual([3, 4, 23, 59]);
  });

  it('is marked in its last week', () => {
    expect([hold(8), hold(6), hold(-1), hold(null), hold(6, true)].map((each) => standing(each, now))).toEqual(['dated', 'soon', 'over', 'open', 'released']);
  });

  it('puts first what somebody has to look after', () => {
    const list = [hold(null), hold(40), hold(3), hold(-2), hold(20)];
    expect(byNeed(list, now).map((each) => standing(each, now))).toEqual(['soon', 'dated', 'dated', 'open', 'over']);
    expect(byNeed(list, now)[1]).toBe(list[4]);
  });
});
