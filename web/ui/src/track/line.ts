/** A tracked thing in one line: `red car · 43 km/h north-east · stood 2:14`. */
import type { TrackFacts } from '../api/types';
import { defineMessages, type Translator } from '../i18n';
import { age, speed } from '../i18n/format';
import en from './messages/en';
import zhCN from './messages/zh-CN';

/** Slower than this it does not go anywhere worth telling. */
const SLOW_MS = 0.25;
/** A stand shorter than this is a pause. */
const STAND_S = 10;

export const messages = defineMessages<Record<keyof typeof zhCN, string>>({ 'zh-CN': zhCN, en });
type Text = Translator<keyof typeof zhCN>;
type Thing = Pick<TrackFacts, 'kind' | 'label' | 'colour'>;
type Facts = Thing & Pick<TrackFacts, 'speed_ms' | 'heading_deg' | 'standing_s'>;

/** What it is: a detector's word where there is one, with its colour. */
export function thing(t: Text, { kind, label, colour }: Thing): string {
  const what = (label && (t.maybe(`label.${label}`) ?? label)) || t.maybe(`kind.${kind}`) || kind;
  const named = colour && t.maybe(`colour.${colour}`);
  return named ? t('thing', { colour: named, what }) : what;
}

/** One of eight directions. */
export function towards(t: Text, heading_deg: number): string {
  const eighth = (((Math.round(heading_deg / 45) % 8) + 8) % 8) as 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7;
  return t(`heading.${eighth}`);
}

export function line(t: Text, track: Facts): string {
  const { speed_ms, heading_deg, standing_s } = track;
  const goes = speed_ms !== null && speed_ms >= SLOW_MS ? speed(speed_ms) : '';
  const moves = goes && heading_deg !== null ? t('moves', { speed: goes, heading: towards(t, heading_deg) }) : goes;
  const stood = standing_s >= STAND_S ? t('stood', { time: age(standing_s) }) : '';
  return [thing(t, track), moves, stood].filter(Boolean).join(' · ');
}
