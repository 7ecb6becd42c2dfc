import { expect, test } from 'vitest';
import type { Camera, Zone } from '../../api/types';
import type { Outline } from '../../zones/api';
import { middleOf, zoneFacts } from './zoneFacts';

const zone = (id: number, camera_id: number | null) => ({ id, camera_id }) as Zone;
const camera = (id: number) => (id === 9 ? undefined : ({ id, code: `C-${10 - id}` } as Camera));
const sees = (zone_id: number, camera_id: number) => ({ zone_id, camera_id }) as Outline;

test('a zone on the map is seen by the cameras that have an outline of it', () => {
  const facts = zoneFacts(1, [zone(1, null), zone(2, null)], [sees(1, 3), sees(1, 4), sees(1, 3), sees(2, 5), sees(1, 9)], camera);
  expect(facts?.cameras.map((each) => each.id)).toEqual([4, 3]);
});

test('a zone in a picture is its camera’s, and one that is gone has no facts', () => {
  expect(zoneFacts(1, [zone(1, 7)], [sees(1, 3)], camera)?.cameras.map((each) => each.id)).toEqual([7]);
  expect(zoneFacts(8, [zone(1, 7)], [], camera)).toBeNull();
});

test('the middle of its corners', () => {
  expect(middleOf([[0, 0], [2, 0], [2, 4], [0, 4]])).toEqual([1, 2]);
  expect(middleOf([])).toBeNull();
});
