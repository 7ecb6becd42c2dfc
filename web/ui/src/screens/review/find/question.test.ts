import { expect, test } from 'vitest';
import type { SeenLabel } from '../../../api/types';
import { clockOf, labelsShown, minutesOf, missing, NOTHING_ASKED, searchOf, toggled, type Drawn } from './question';

const TIME = { fromMs: Date.UTC(2026, 2, 1), toMs: Date.UTC(2026, 2, 2) };
const AREA: Drawn = { on: 'picture', cameraId: 7, points: [[0, 0], [1, 0], [1, 1]], closed: true, direction: 'both' };
const LINE: Drawn = { on: 'picture', cameraId: 7, points: [[0, 0], [1, 1]], closed: false, direction: 'left_to_right' };

test('a shape in a picture asks that camera alone', () => {
  const search = searchOf('motion', { ...NOTHING_ASKED, shape: AREA }, TIME, [1, 2], 'Asia/Shanghai', null);
  expect(search).toMatchObject({ kind: 'motion', camera_ids: [7], area: AREA.points, daily: null, from_at: '2026-03-01T00:00:00.000Z' });
});

test('a line counts where one passes, not where something moves or stands', () => {
  const question = { ...NOTHING_ASKED, shape: LINE };
  expect(searchOf('passing', question, TIME, [1], 'UTC', null)).toMatchObject({ camera_ids: [7], shape: { closed: false, direction: 'left_to_right' } });
  expect(searchOf('motion', question, TIME, [1], 'UTC', null)).toMatchObject({ camera_ids: [1], area: null });
  expect(searchOf('standing', question, TIME, [1], 'UTC', null)).toMatchObject({ camera_ids: [1], shape: null });
});

test('the look, the part of the day and the spot are sent', () => {
  const question = { ...NOTHING_ASKED, kinds: ['vehicle' as const], colours: ['red' as const], heading_deg: 0, daily: { fromMin: 1320, toMin: 300 }, spot: [120, 31] as [number, number] };
  expect(searchOf('passing', question, TIME, [], 'Asia/Shanghai', 'x')).toMatchObject({
    look: { kinds: ['vehicle'], colours: ['red'], heading_deg: 0, tolerance_deg: 45 },
    daily: { from_min: 1320, to_min: 300, zone: 'Asia/Shanghai' },
    before: 'x',
  });
  expect(searchOf('near', question, TIME, [], 'UTC', null)).toMatchObject({ kind: 'near', at: [120, 31], radius_m: 100 });
});

test('the detectors’ names and the order are sent', () => {
  const question = { ...NOTHING_ASKED, labels: ['bus'] };
  expect(searchOf('passing', question, TIME, [1], 'UTC', null, 'best')).toMatchObject({ look: { labels: ['bus'] }, order: 'best' });
  expect(searchOf('standing', question, TIME, [1], 'UTC', null)).toMatchObject({ look: { labels: ['bus'] }, order: 'newest' });
});

test('what is missing is named', () => {
  expect(missing('near', NOTHING_ASKED, 0)).toBe('spot');
  expect(missing('motion', NOTHING_ASKED, 0)).toBe('cameras');
  expect(missing('motion', { ...NOTHING_ASKED, shape: AREA }, 0)).toBeNull();
  expect(missing('passing', NOTHING_ASKED, 0)).toBeNull();
});

test('times of the day', () => {
  expect(minutesOf('22:05')).toBe(1325);
  expect(minutesOf(' 7：05')).toBe(425);
  expect(minutesOf('24:00')).toBeNull();
  expect(minutesOf('10:75')).toBeNull();
  expect(minutesOf('')).toBeNull();
  expect(clockOf(65)).toBe('01:05');
  expect(toggled(['a'], 'b')).toEqual(['a', 'b']);
  expect(toggled(['a', 'b'], 'a')).toEqual(['b']);
});

const SEEN: SeenLabel[] = [
  { label: 'car', kind: 'vehicle' },
  { label: 'dog', kind: 'other' },
];

test('what occurs can be chosen, most frequent first', () => {
  expect(labelsShown(SEEN, [])).toEqual(['car', 'dog']);
  expect(labelsShown(SEEN, ['dog'])).toEqual(['car', 'dog']);
});

test('what is chosen can be given up where it does not occur', () => {
  expect(labelsShown([], ['bus'])).toEqual(['bus']);
  const many = Array.from({ length: 40 }, (_, i) => ({ label: `l${i}`, kind: 'other' as const }));
  expect(labelsShown(many, ['l39'])).toHaveLength(25);
});
