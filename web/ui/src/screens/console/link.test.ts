import { expect, it } from 'vitest';
import { linked } from './link';

it('reads what the address asks for, and nothing from what is no number', () => {
  expect(linked('?camera=3')).toEqual({ kind: 'camera', id: 3 });
  expect(linked('?incident=1042&camera=3')).toEqual({ kind: 'incident', id: 1042 });
  expect(linked('?alarm=7')).toEqual({ kind: 'alarm', id: 7 });
  expect(linked('?camera=x')).toBeNull();
  expect(linked('?camera=0')).toBeNull();
  expect(linked('')).toBeNull();
});
