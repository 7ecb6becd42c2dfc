/** A moment as it is typed: local time on the 24-hour clock, whatever the browser's own fields would make of it. Pure. */
import { clock, day } from './format';

/** `2026-03-05 14:02:31`, to the second, local time. */
export function momentText(ms: number): string {
  return `${day(ms)} ${clock(ms)}`;
}

const FORM = /^(?:(?:(\d{4})-)?(\d{1,2})-(\d{1,2})[ T]+)?(\d{1,2}):(\d{2})(?::(\d{2}))?$/;

/**
 * The moment, in ms, that a text means; null where it means none. What is left out is taken from the moment at `nearMs`:
 * `14:02` is on its day, `03-05 14:02` in its year, and seconds that are not there are none.
 */
export function readMoment(text: string, nearMs: number): number | null {
  const found = FORM.exec(text.trim().replaceAll('：', ':').replaceAll('/', '-'));
  if (!found) return null;
  const near = new Date(nearMs);
  const [year, month, date, hour, minute, second] = found.slice(1).map((part) => (part === undefined ? undefined : Number(part)));
  const at = new Date(year ?? near.getFullYear(), (month ?? near.getMonth() + 1) - 1, date ?? near.getDate(), hour, minute, second ?? 0);
  // What does not exist, such as the 31st of June or 25:00, would become another moment: it is none.
  const same = at.getMonth() + 1 === (month ?? near.getMonth() + 1) && at.getDate() === (date ?? near.getDate()) && at.getHours() === hour && at.getMinutes() === minute && at.getSeconds() === (second ?? 0);
  return same ? at.getTime() : null;
}
