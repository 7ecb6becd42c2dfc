/** What one looks for, and the search it becomes. Pure. */
import type { LonLat, SearchIn, SearchOrder, SeenLabel } from '../../../api/types';

export const MODES = ['events', 'motion', 'passing', 'standing', 'near'] as const;
export type Mode = (typeof MODES)[number];
export const COLOURS = ['black', 'white', 'gray', 'red', 'orange', 'yellow', 'green', 'blue', 'purple', 'brown'] as const;
export type Colour = (typeof COLOURS)[number];
export const KINDS = ['person', 'vehicle', 'other'] as const;
export type Kind = (typeof KINDS)[number];
/** Clockwise from north. */
export const HEADINGS = [0, 45, 90, 135, 180, 225, 270, 315] as const;
export const RADII_M = [20, 50, 100, 200, 500] as const;
export const STAND_S = [30, 60, 120, 300, 600] as const;

export type Drawn =
  | { on: 'picture'; cameraId: number; points: [number, number][]; closed: boolean; direction: 'both' | 'left_to_right' | 'right_to_left' }
  | { on: 'map'; points: LonLat[] };

export interface Daily {
  /** Minutes after midnight. */
  fromMin: number;
  toMin: number;
}

export interface Question {
  kinds: readonly Kind[];
  /** What detectors call it. */
  labels: readonly string[];
  colours: readonly Colour[];
  heading_deg: number | null;
  shape: Drawn | null;
  least_s: number;
  spot: LonLat | null;
  radius_m: number;
  daily: Daily | null;
}

export const NOTHING_ASKED: Question = { kinds: [], labels: [], colours: [], heading_deg: null, shape: null, least_s: 60, spot: null, radius_m: 100, daily: null };

/** 45° to either side: the dial has eight directions. */
const TOLERANCE_DEG = 45;
const PAGE = 60;

export function toggled<T>(list: readonly T[], one: T): T[] {
  return list.includes(one) ? list.filter((each) => each !== one) : [...list, one];
}

export type Missing = 'spot' | 'cameras' | null;

/** What has to be said before it can be asked. */
export function missing(mode: Mode, question: Question, cameras: number): Missing {
  if (mode === 'near') return question.spot ? null : 'spot';
  if (mode === 'motion' && question.shape?.on !== 'picture' && cameras === 0) return 'cameras';
  return null;
}

/** The search of a mode other than events. A shape in a picture asks that camera alone. */
export function searchOf(
  mode: Exclude<Mode, 'events'>,
  question: Question,
  time: { fromMs: number; toMs: number },
  cameraIds: readonly number[],
  zone: string,
  before: string | null,
  order: SearchOrder = 'newest',
): SearchIn {
  const { shape, daily } = question;
  const inPicture = shape?.on === 'picture' && mode !== 'near' && !(mode === 'motion' && !shape.closed) && !(mode === 'standing' && !shape.closed);
  const common = {
    from_at: new Date(time.fromMs).toISOString(),
    to_at: new Date(time.toMs).toISOString(),
    daily: daily ? { from_min: daily.fromMin, to_min: daily.toMin, zone } : null,
    camera_ids: inPicture && shape ? [shape.cameraId] : [...cameraIds],
    limit: PAGE,
    before,
    order,
  };
  const look = { kinds: [...question.kinds], labels: [...question.labels], colours: [...question.colours], heading_deg: question.heading_deg, tolerance_deg: TOLERANCE_DEG };
  const drawn =
    shape?.on === 'map'
      ? { on: 'map' as const, points: shape.points, closed: true }
      : inPicture && shape
        ? { on: 'picture' as const, points: shape.points, closed: shape.closed, direction: shape.direction }
        : null;
  switch (mode) {
    case 'motion':
      return { kind: 'motion', ...common, area: inPicture && shape ? shape.points : null };
    case 'passing':
      return { kind: 'passing', ...common, look, shape: drawn };
    case 'standing':
      return { kind: 'standing', ...common, look: { ...look, heading_deg: null }, shape: drawn, least_s: question.least_s };
    case 'near':
      return { kind: 'near', ...common, at: question.spot ?? [0, 0], radius_m: question.radius_m };
  }
}

/** `22:00` as minutes after midnight; null for anything else. */
export function minutesOf(text: string): number | null {
  const match = /^(\d{1,2}):(\d{2})$/.exec(text.trim().replace('：', ':'));
  if (!match) return null;
  const minutes = Number(match[1]) * 60 + Number(match[2]);
  return minutes < 1440 && Number(match[2]) < 60 ? minutes : null;
}

export function clockOf(minutes: number): string {
  return `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
}

/** More than these nobody reads. */
const MOST_LABELS = 24;

/** Which detectors' names one can choose from: those that occur, the most frequent first; one that is chosen stays, also where it does not occur. */
export function labelsShown(seen: readonly SeenLabel[], chosen: readonly string[]): string[] {
  const occur = seen.slice(0, MOST_LABELS).map((each) => each.label);
  return [...occur, ...chosen.filter((label) => !occur.includes(label))];
}
