/** Where vehicles were at a moment. Pure. */
import type { LonLat } from '../../api/types';

export interface Track {
  geometry: { coordinates: readonly LonLat[] };
  properties: { id: number; times: readonly string[] };
}

export interface Place {
  id: number;
  at: LonLat;
  /** How old the last report was at that moment, seconds. */
  age_s: number;
}

/** Between reports closer than this a vehicle is taken to have moved evenly; after a longer silence it stands, growing older. */
const EVEN_MS = 60_000;
/** A report older than this says nothing about where a vehicle was. */
const LATEST_MS = 300_000;

export function placeAt(track: Track, atMs: number): Place | null {
  const { coordinates } = track.geometry;
  const times = track.properties.times;
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (Date.parse(times[middle] as string) <= atMs) low = middle + 1;
    else high = middle;
  }
  const [before, after] = [coordinates[low - 1], coordinates[low]];
  if (!before) return null;
  const beforeMs = Date.parse(times[low - 1] as string);
  if (atMs - beforeMs > LATEST_MS) return null;
  const age_s = (atMs - beforeMs) / 1000;
  const id = track.properties.id;
  if (!after) return { id, at: before, age_s };
  const afterMs = Date.parse(times[low] as string);
  if (afterMs - beforeMs > EVEN_MS || afterMs === beforeMs) return { id, at: before, age_s };
  const share = (atMs - beforeMs) / (afterMs - beforeMs);
  return { id, at: [before[0] + (after[0] - before[0]) * share, before[1] + (after[1] - before[1]) * share], age_s: 0 };
}
