import { expect, test } from 'vitest';
import type { TrackLink } from '../../api/analytics_models';
import { neighbour, ofLink, type Item } from './item';

const item = (key: string) => ({ key }) as Item;
const items = [item('a'), item('b')];

test('next and previous stop at the ends, and begin at the first', () => {
  expect(neighbour(items, null, 1)?.key).toBe('a');
  expect(neighbour(items, 'a', 1)?.key).toBe('b');
  expect(neighbour(items, 'b', 1)).toBeNull();
  expect(neighbour(items, 'a', -1)).toBeNull();
  expect(neighbour([], null, 1)).toBeNull();
});

test('where else it was seen is looked at where the two cameras hand it over', () => {
  const link = { id: 3, before: true, uid: 'u', camera_id: 9, start_at: '2026-03-01T08:00:00Z', end_at: '2026-03-01T08:00:30Z' } as TrackLink;
  expect(ofLink(link)).toMatchObject({ cameraId: 9, trackUid: 'u', atMs: Date.parse(link.end_at) });
  expect(ofLink({ ...link, before: false }).atMs).toBe(Date.parse(link.start_at));
});
