/** Why alarms are dismissed: the list, and the digit of each. Pure. */
import type { DismissCode } from '../../api/types';

export const CODES: readonly { name: 'false' | 'true'; codes: readonly DismissCode[]; other: DismissCode }[] = [
  { name: 'false', codes: ['tree', 'weather', 'light', 'animal', 'insect', 'reflection', 'shake'], other: 'other_false' },
  { name: 'true', codes: ['staff', 'allowed', 'exercise'], other: 'other' },
];

const IN_ORDER = CODES.flatMap(({ codes }) => codes);

/** 1 to 9, then 0, as the digits lie on the keyboard. */
export function keyOf(code: DismissCode): string {
  return String((IN_ORDER.indexOf(code) + 1) % 10);
}

/** The reason of a digit; null for every other key. */
export function codeOf(key: string): DismissCode | null {
  return /^[0-9]$/.test(key) ? (IN_ORDER[(Number(key) + 9) % 10] ?? null) : null;
}
