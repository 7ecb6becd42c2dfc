/** Numbers as people read them: ages as 2:14, 24-hour clocks with seconds, metres and kilometres. */
import type { Language } from '../api/types';
import { getLanguage } from './language';

const two = (n: number) => String(n).padStart(2, '0');

/** Seconds as `m:ss`, from an hour on `h:mm:ss`, from a day on `3 d 04:12` or `3 天 04:12` (days, hours, minutes). */
export function age(seconds: number, language: Language = getLanguage()): string {
  const whole = Math.max(0, Math.floor(seconds));
  const s = whole % 60;
  const m = Math.floor(whole / 60) % 60;
  const h = Math.floor(whole / 3600);
  if (h >= 24) return `${Math.floor(h / 24)}${LENGTHS[language].d} ${two(h % 24)}:${two(m)}`;
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

const LENGTHS = {
  'zh-CN': { d: ' 天', h: ' 小时', min: ' 分', s: ' 秒' },
  en: { d: ' d', h: ' h', min: ' min', s: ' s' },
} as const;

/** A length of time in words, its two largest units: `3 min 2 s`, `2 小时 5 分`. Below ten seconds with tenths. */
export function duration(seconds: number, language: Language): string {
  const unit = LENGTHS[language];
  const tenths = Math.round(Math.max(0, seconds) * 10) / 10;
  if (tenths < 10) return `${Number.isInteger(tenths) ? tenths : tenths.toFixed(1)}${unit.s}`;
  const whole = Math.round(seconds);
  const [d, h, m, s] = [Math.floor(whole / 86_400), Math.floor(whole / 3600) % 24, Math.floor(whole / 60) % 60, whole % 60];
  const parts = [d && `${d}${unit.d}`, h && `${h}${unit.h}`, m && `${m}${unit.min}`, s && `${s}${unit.s}`];
  const first = parts.findIndex(Boolean);
  return parts.slice(first, first + 2).filter(Boolean).join(' ');
}

/** Local time of day, `14:02:31`. */
export function clock(at: Date | string | number): string {
  const date = new Date(at);
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

/** Local time of day with milliseconds, `14:02:31.040`. */
export function clockMs(at: Date | string | number): string {
  return `${clock(at)}.${String(new Date(at).getMilliseconds()).padStart(3, '0')}`;
}

/** Local date, `2026-03-05`. */
export function day(at: Date | string | number): string {
  const date = new Date(at);
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** Time alone for today, date and time otherwise. */
export function moment(at: Date | string | number, now: Date | number = Date.now()): string {
  return day(at) === day(now) ? clock(at) : `${day(at)} ${clock(at)}`;
}

export function distance(metres: number): string {
  if (metres < 1000) return `${Math.round(metres)} m`;
  return `${(metres / 1000).toFixed(metres < 10_000 ? 1 : 0)} km`;
}

/** `speed_ms` in km/h, whole. */
export function speed(metresPerSecond: number): string {
  return `${Math.round(metresPerSecond * 3.6)} km/h`;
}

export function number(value: number, language: Language, digits = 2): string {
  return value.toLocaleString(language, { maximumFractionDigits: digits });
}

/** Longitude first, five decimals: about a metre. */
export function lonLat(lon: number, lat: number): string {
  return `${lon.toFixed(5)}, ${lat.toFixed(5)}`;
}

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'] as const;

/** Bytes in decimal units as disks are sold, three figures: `1.82 TB`, `640 GB`, `12 kB`. */
export function bytes(value: number): string {
  let step = 0;
  let shown = value;
  while (shown >= 999.5 && step < UNITS.length - 1) {
    shown /= 1000;
    step += 1;
  }
  return `${step === 0 ? Math.round(shown) : Number(shown.toPrecision(3))} ${UNITS[step]}`;
}
