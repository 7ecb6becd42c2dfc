/** What the storage page works out of the figures. Pure. */
import type { FootageClass, Priority, RetentionClass, Storage, StorageDisk } from '../../api/types';

const DAY_MS = 86_400_000;

/** The level of a filling disk, as urgent as the alarm it raises; null: there is room. */
export function urgency(level: StorageDisk['level']): Priority | null {
  return ({ ok: null, warn: 4, alarm: 3, short: 2, locked: 1 } as const)[level];
}

/** Which of the two thresholds the disk is past, for the bar's look. */
export function fillOf(used_percent: number, warn_percent: number, alarm_percent: number): 'calm' | 'warn' | 'alarm' {
  return used_percent >= alarm_percent ? 'alarm' : used_percent >= warn_percent ? 'warn' : 'calm';
}

export interface Next {
  name: FootageClass;
  /** The oldest there is. */
  oldestAt: string;
  /** When its days are over, ms since 1970; null where that differs by camera and no camera is known. */
  dueAt: number | null;
  /** By so many bytes it exceeds its limit: that much goes next, whatever its days. */
  over_bytes: number;
}

/**
 * What goes next of each class, in the order in which classes are deleted. Continuous footage is kept as long as its
 * camera says, the others at least their own days.
 */
export function nextToGo(storage: Pick<Storage, 'classes' | 'cameras'>): Next[] {
  return storage.classes.flatMap((row: RetentionClass) => {
    if (!row.oldest_at) return [];
    const due =
      row.days === null
        ? storage.cameras.map((camera) => Date.parse(camera.oldest_at) + camera.retention_days * DAY_MS)
        : [Date.parse(row.oldest_at) + row.days * DAY_MS];
    return [
      {
        name: row.name,
        oldestAt: row.oldest_at,
        dueAt: due.length > 0 ? Math.min(...due) : null,
        over_bytes: row.limit_bytes === null ? 0 : Math.max(0, row.bytes - row.limit_bytes),
      },
    ];
  });
}

/** Gigabytes as entered; null: no limit; NaN: not a number that may be. */
export function limitBytes(text: string): number | null {
  const wanted = text.trim().replace(',', '.');
  if (wanted === '') return null;
  const value = Number(wanted) * 1e9;
  return value >= 1e6 ? Math.round(value) : NaN;
}
