/** Thirty days in a row, those without a decision too. Pure. */
import type { Noise } from '../../../zones/api';

export interface TrendDay {
  day: string;
  false: number;
  decided: number;
}

const DAYS = 30;

/** Up to the day of `now` by this browser's calendar, oldest first. */
export function trend(days: Noise['days'], now: Date): TrendDay[] {
  return Array.from({ length: DAYS }, (_, i) => {
    const at = new Date(now.getFullYear(), now.getMonth(), now.getDate() - (DAYS - 1 - i));
    const day = `${at.getFullYear()}-${String(at.getMonth() + 1).padStart(2, '0')}-${String(at.getDate()).padStart(2, '0')}`;
    const found = days.find((each) => each.day === day);
    return { day, false: found?.false ?? 0, decided: found?.decided ?? 0 };
  });
}

export const percent = (share: number): string => `${Math.round(share * 100)} %`;
