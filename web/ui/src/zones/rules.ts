/** The rules as the screens show them: in groups by use, and what is drawn for each. Pure. */
import type { components } from '../api/schema';
import type { ShapeKind } from '../picture';

export type Rule = components['schemas']['RuleOut'];
export type RuleName = Rule['rule'];
export type Limit = components['schemas']['LimitOut'];

export const GROUPS = [
  { name: 'people', rules: ['intrusion', 'line_crossing', 'loitering', 'people_count', 'crowd_density', 'abnormal_motion'] },
  { name: 'vehicles', rules: ['wrong_way', 'fast_motion', 'stopped_vehicle', 'congestion'] },
  { name: 'objects', rules: ['left_object', 'removed_object'] },
  { name: 'hazards', rules: ['smoke', 'fire', 'water_on_road', 'water_level'] },
  { name: 'camera', rules: ['camera_occluded', 'camera_blurred', 'camera_moved', 'camera_dark', 'camera_frozen'] },
] as const satisfies readonly { name: string; rules: readonly RuleName[] }[];

export type Group = (typeof GROUPS)[number]['name'];

/** What is drawn first, null for a rule that watches the whole picture. */
export const mainKind = (rule: Rule): ShapeKind | null => (rule.draws === 'nothing' ? null : rule.draws);
/** What else can be drawn. */
export const secondKind = (rule: Rule): ShapeKind | null => (rule.second === 'way' ? 'arrow' : rule.second);

/** Which of a rule's numbers are about tracks alone: only then can stored tracks be gone through. */
export const usesClasses = (rule: Rule): boolean => !rule.every_camera && !['smoke', 'fire', 'water_on_road', 'water_level'].includes(rule.rule);
/** Things smaller than a least size do not count: only where things are looked at. */
export const usesSize = usesClasses;
/** A rule over tracks can leave parts of its zone out. */
export const usesIgnored = (rule: Rule): boolean => usesClasses(rule) && rule.draws !== 'nothing' && !['left_object', 'removed_object', 'abnormal_motion'].includes(rule.rule);

/** How long one more of the same cause is the same event, seconds: as the server's for rules that every camera has, and for others. */
export const rearmDefault = (rule: Rule): number => (rule.every_camera ? 300 : 30);

const CLEAR_SHARE = 0.8;

/** Where it is over when nothing is said: as `clear_of` in `analytics/rules/catalogue.py`. */
export function clearDefault(rule: Rule, threshold: number | null): number | null {
  if (!rule.clear) return null;
  if (rule.clear.default !== null) return rule.clear.default;
  const limit = threshold ?? rule.threshold?.default ?? null;
  if (limit === null) return null;
  return rule.over === 'below' ? limit / CLEAR_SHARE : limit - Math.abs(limit) * (1 - CLEAR_SHARE);
}
