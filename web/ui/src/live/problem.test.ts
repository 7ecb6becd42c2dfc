import { expect, it } from 'vitest';
import { problemOf, silent } from './problem';

const camera = { enabled: true, state: 'online' as const, recorded: true, recording: true };

it('names what is wrong, and nothing for a camera that is off on purpose', () => {
  expect(problemOf(camera)).toBeNull();
  expect(problemOf({ ...camera, state: 'stalled' })).toBe('lost');
  expect(problemOf({ ...camera, recording: false })).toBe('not_recording');
  expect(problemOf({ ...camera, recorded: false, recording: false })).toBeNull();
  expect(problemOf({ ...camera, enabled: false, state: 'off', recording: false })).toBeNull();
});

it('takes the picture of a camera that sends nothing for old, not that of one that is only not recorded', () => {
  expect(silent({ state: 'stalled' })).toBe(true);
  expect(silent({ state: 'unreachable' })).toBe(true);
  expect(silent({ state: 'online' })).toBe(false);
  expect(silent({ state: 'disk_full' })).toBe(false);
});
