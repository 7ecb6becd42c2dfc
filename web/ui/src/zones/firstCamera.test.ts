import { expect, test } from 'vitest';
import type { Camera } from '../api/types';
import { firstCamera } from './firstCamera';

const cameras = [{ id: 1, state: 'unreachable' }, { id: 2, state: 'online' }] as Camera[];

test('begins with the camera asked for, else with one that sends', () => {
  expect(firstCamera(cameras, 1)?.id).toBe(1);
  expect(firstCamera(cameras, null)?.id).toBe(2);
  expect(firstCamera(cameras.slice(0, 1), 9)?.id).toBe(1);
  expect(firstCamera([], null)).toBeUndefined();
});
