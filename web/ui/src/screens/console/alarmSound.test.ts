import { describe, expect, it } from 'vitest';
import type { Alarm, AlarmState, Priority } from '../../api/types';
import { newlyRaised } from './alarmSound';

const alarm = (id: number, priority: Priority, state: AlarmState = 'raised') => ({ id, priority, state }) as Alarm;

describe('newlyRaised', () => {
  it('answers with the most urgent new one, once', () => {
    const heard = new Set<number>();
    expect(newlyRaised([alarm(1, 3), alarm(2, 1), alarm(3, 2)], heard)).toBe(1);
    expect(newlyRaised([alarm(1, 3), alarm(2, 1)], heard)).toBeNull();
  });

  it('is silent about handled ones and gone ones', () => {
    expect(newlyRaised([alarm(1, 1, 'acked'), undefined], new Set())).toBeNull();
  });

  it('sounds again when a shelved alarm comes back', () => {
    const heard = new Set([5]);
    newlyRaised([alarm(5, 2, 'shelved')], heard);
    expect(newlyRaised([alarm(5, 2)], heard)).toBe(2);
  });
});
