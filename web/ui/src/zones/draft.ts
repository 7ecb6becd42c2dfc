/** A zone while it is being drawn and set, and what is sent of it. Pure. */
import type { LonLat, Zone, ZoneIn, ZonePatch } from '../api/types';
import { problem, type Point, type Shape } from '../picture';
import { mainKind, rearmDefault, secondKind, usesClasses, usesSize, type Rule } from './rules';
import type { Span } from './week';

export type Kind = 'person' | 'vehicle' | 'other';

export interface Draft {
  /** The stored zone it changes, null for a new one. */
  of: Zone | null;
  rule: Rule;
  /** Null: on the map. */
  camera_id: number | null;
  name: string;
  name_en: string;
  main: Shape | null;
  second: Shape | null;
  /** On the map: longitude and latitude. */
  ground: LonLat[];
  way: LonLat[];
  classes: Kind[];
  dwell_s: string;
  threshold: string;
  clear: string;
  gauge: [string, string];
  min_size_m: string;
  rearm_s: string;
  priority: 1 | 2 | 3 | 4;
  direction: 'both' | 'left_to_right' | 'right_to_left';
  schedule: Span[];
  preset: string;
  enabled: boolean;
}

const text = (value: number | null | undefined): string => (value === null || value === undefined ? '' : String(Math.round(value * 1e4) / 1e4));
const shape = (id: 'main' | 'second', kind: Shape['kind'] | null, points: readonly Point[]): Shape | null => (kind ? { id, kind, points: [...points] } : null);

export function fresh(rule: Rule, camera_id: number | null): Draft {
  return {
    of: null,
    rule,
    camera_id,
    name: '',
    name_en: '',
    main: shape('main', mainKind(rule), []),
    second: shape('second', secondKind(rule), []),
    ground: [],
    way: [],
    classes: [...rule.classes],
    dwell_s: '',
    threshold: '',
    clear: '',
    gauge: ['', ''],
    min_size_m: '',
    rearm_s: '',
    priority: rule.every_camera ? 3 : 2,
    direction: 'both',
    schedule: [],
    preset: '',
    enabled: true,
  };
}

export function draftOf(zone: Zone, rule: Rule): Draft {
  return {
    of: zone,
    rule,
    camera_id: zone.camera_id,
    name: zone.name,
    name_en: zone.name_en ?? '',
    main: shape('main', mainKind(rule), zone.points as Point[]),
    second: shape('second', secondKind(rule), zone.camera_id !== null && zone.arrow ? (zone.arrow as Point[]) : []),
    ground: zone.ground as LonLat[],
    way: zone.camera_id === null && zone.arrow ? (zone.arrow as LonLat[]) : [],
    classes: zone.classes as Kind[],
    dwell_s: rule.dwell && zone.dwell_s !== rule.dwell_s ? text(zone.dwell_s) : '',
    threshold: text(zone.threshold),
    clear: text(zone.clear),
    gauge: zone.gauge_m ? [text(zone.gauge_m[0]), text(zone.gauge_m[1])] : ['', ''],
    min_size_m: zone.min_size_m > 0 ? text(zone.min_size_m) : '',
    rearm_s: zone.rearm_s === rearmDefault(rule) ? '' : text(zone.rearm_s),
    priority: zone.priority,
    direction: zone.direction as Draft['direction'],
    schedule: zone.schedule as Span[],
    preset: zone.preset ?? '',
    enabled: zone.enabled,
  };
}

/** The same again as a new zone, on this camera or another; a zone on the map stays on the map. */
export function copyOf(zone: Zone, rule: Rule, camera_id: number | null, name: string): Draft {
  const draft = draftOf(zone, rule);
  return { ...draft, of: null, camera_id, name, preset: camera_id === zone.camera_id ? draft.preset : '' };
}

export type DraftProblem = 'name' | 'main' | 'second' | 'ground' | 'classes' | 'threshold' | 'gauge';

const number = (value: string): number | null => (value.trim() === '' || !Number.isFinite(Number(value)) ? null : Number(value));

/** What is still missing or wrong, in the order of the form; empty when it can be saved. */
export function problems(draft: Draft): DraftProblem[] {
  const { rule } = draft;
  const found: DraftProblem[] = [];
  if (!draft.name.trim()) found.push('name');
  if (draft.camera_id === null) {
    if (draft.ground.length < (rule.draws === 'line' ? 2 : 3)) found.push('ground');
    if (rule.second_needed && draft.way.length < 2) found.push('second');
  } else {
    if (draft.main && problem(draft.main) !== null) found.push('main');
    const second = draft.second && draft.second.points.length > 0 ? problem(draft.second) : rule.second_needed ? 'few' : null;
    if (second !== null) found.push('second');
  }
  if (usesClasses(rule) && draft.classes.length === 0) found.push('classes');
  if (rule.threshold && rule.threshold.default === null && number(draft.threshold) === null) found.push('threshold');
  if (rule.second === 'gauge' && draft.gauge.some((reading) => number(reading) === null)) found.push('gauge');
  return found;
}

/** The numbers as they are sent; null is the rule's own. */
function numbers(draft: Draft): Pick<ZoneIn, 'dwell_s' | 'threshold' | 'clear' | 'min_size_m' | 'rearm_s' | 'gauge_m' | 'classes'> {
  const { rule } = draft;
  const [bottom, top] = draft.gauge.map(number);
  return {
    classes: usesClasses(rule) ? draft.classes : null,
    dwell_s: rule.dwell ? number(draft.dwell_s) : null,
    threshold: rule.threshold ? number(draft.threshold) : null,
    clear: rule.clear ? number(draft.clear) : null,
    min_size_m: usesSize(rule) ? (number(draft.min_size_m) ?? 0) : 0,
    rearm_s: number(draft.rearm_s) ?? rearmDefault(rule),
    gauge_m: rule.second === 'gauge' && bottom != null && top != null ? [bottom, top] : null,
  };
}

const pair = <T>(points: readonly T[] | undefined): [T, T] | null => (points && points.length === 2 ? [points[0] as T, points[1] as T] : null);

export function toIn(draft: Draft): ZoneIn {
  const onMap = draft.camera_id === null;
  return {
    camera_id: draft.camera_id,
    name: draft.name.trim(),
    name_en: draft.name_en.trim() || null,
    rule: draft.rule.rule,
    points: onMap ? [] : (draft.main?.points ?? []),
    ground: onMap ? draft.ground : [],
    arrow: onMap ? pair(draft.way) : pair(draft.second?.points),
    ...numbers(draft),
    priority: draft.priority,
    direction: draft.direction,
    schedule: draft.schedule,
    preset: draft.preset || null,
    enabled: draft.enabled,
  };
}

/** What is sent of a changed zone: all that the form shows. A number that it shows empty is null, so the rule's own holds again. */
export function toPatch(draft: Draft): Omit<ZonePatch, 'expected_version'> {
  const { camera_id: _camera, rule: _rule, points, ground, ...rest } = toIn(draft);
  return { ...rest, ...(points?.length ? { points } : {}), ...(ground?.length ? { ground } : {}) };
}
