/** What about recording is worth a line in the console's bar. Pure. */
import type { Camera, Health, Priority, StorageDisk } from '../../api/types';

export interface Warnings {
  /** Cameras that should record and do not. */
  silent: Camera[];
  /** The recorder has not been heard from. */
  unheard: boolean;
  disk: { level: Exclude<StorageDisk['level'], 'ok'>; used_percent: number; priority: Priority } | null;
}

const PRIORITY = { warn: 4, alarm: 3, short: 2, locked: 1 } as const satisfies Record<string, Priority>;

/** `health` null: not known yet, so nothing is said about disk and recorder. */
export function warningsOf(health: Pick<Health, 'processes'> | null, cameras: readonly Camera[]): Warnings {
  const silent = cameras.filter((camera) => camera.enabled && camera.recorded && !camera.recording).sort((a, b) => a.code.localeCompare(b.code));
  const ingest = health?.processes.find((process) => process.name === 'ingest');
  const level = String(ingest?.facts['disk_level'] ?? 'ok');
  const known = level in PRIORITY ? (level as keyof typeof PRIORITY) : null;
  return {
    silent,
    unheard: health !== null && ingest?.state !== 'ok',
    disk: known && { level: known, used_percent: Number(ingest?.facts['disk_used_percent'] ?? 0), priority: PRIORITY[known] },
  };
}

export const quiet = (warnings: Warnings): boolean => warnings.silent.length === 0 && !warnings.unheard && warnings.disk === null;
