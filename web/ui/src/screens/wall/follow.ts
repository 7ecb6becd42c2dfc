/** Which cameras a wall shows that follows what is open, and how it does so without pictures jumping about. Pure. */
import type { Alarm, Incident } from '../../api/types';
import { compareAlarms, compareIncidents, isOpenIncident } from '../../feed/store';
import { type Grid, type Slots } from './layout';

/** A spot to look at, most urgent first; `own` is the camera that raised the alarm there. */
export interface Spot {
  key: string;
  lon: number | null;
  lat: number | null;
  own: number | null;
}

/** Open incidents and alarms nobody has put aside, by priority, incidents before alarms of the same level. */
export function spots(incidents: readonly Incident[], alarms: readonly Alarm[]): Spot[] {
  const open = incidents.filter(isOpenIncident).sort(compareIncidents);
  const raised = alarms.filter((alarm) => alarm.state === 'raised' || alarm.state === 'acked').sort(compareAlarms);
  const out: (Spot & { priority: number; rank: number })[] = [
    ...open.map(({ id, lon, lat, priority }, i) => ({ key: `i${id}`, lon, lat, own: null, priority, rank: i })),
    ...raised.map(({ id, lon, lat, camera_id, priority }, i) => ({ key: `a${id}`, lon, lat, own: camera_id, priority, rank: 1000 + i })),
  ];
  return out.sort((a, b) => a.priority - b.priority || a.rank - b.rank).map(({ key, lon, lat, own }) => ({ key, lon, lat, own }));
}

/** Cameras in the order they are wanted: the best of every spot first, then the second best of every spot, and so on. */
export function wanted(order: readonly Spot[], seeing: ReadonlyMap<string, readonly number[]>): number[] {
  const lists = order.map(({ key, own }) => {
    const rest = (seeing.get(key) ?? []).filter((id) => id !== own);
    return own === null ? rest : [own, ...rest];
  });
  const out = new Set<number>();
  const depth = Math.max(0, ...lists.map((list) => list.length));
  for (let i = 0; i < depth; i += 1) lists.forEach((list) => list[i] !== undefined && out.add(list[i] as number));
  return [...out];
}

/** The new wall: what is still wanted stays exactly where it hangs, newcomers take the places that became free. */
export function settle(before: Slots, order: readonly number[], grid: Grid): Slots {
  const chosen = new Set(order.slice(0, grid));
  const slots = Array.from({ length: grid }, (_, i) => {
    const id = before[i] ?? null;
    return id !== null && chosen.has(id) ? id : null;
  });
  const hanging = new Set(slots);
  const fresh = order.slice(0, grid).filter((id) => !hanging.has(id));
  return slots.map((id) => id ?? fresh.shift() ?? null);
}
