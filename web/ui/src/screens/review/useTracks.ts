/** The tracks of vehicles around the moment, loaded again when it leaves them. */
import { useEffect, useRef, useState } from 'react';
import { things } from '../../api/endpoints';
import { useFeed, useRows } from '../../feed';
import type { Playhead } from './playhead';
import { placeAt, type Place, type Track } from './tracks';

const BEFORE_MS = 120_000;
const AFTER_MS = 240_000;
const LOOK_MS = 500;
const AT_ONCE = 4;
const MOST_VEHICLES = 40;

export interface Moment {
  atMs: number;
  places: readonly (Place & { name: string })[];
}

/** Where the vehicles of the services were; at most twice a second another value. */
export function useTracks(playhead: Playhead): Moment {
  const feed = useFeed();
  const vehicles = useRows(feed.vehicles);
  const ids = vehicles
    .filter((vehicle) => vehicle.unit_id !== null)
    .slice(0, MOST_VEHICLES)
    .map((vehicle) => vehicle.id)
    .join();
  const [moment, setMoment] = useState<Moment>({ atMs: playhead.now(), places: [] });
  const held = useRef<{ fromMs: number; toMs: number; tracks: Track[] }>({ fromMs: 0, toMs: 0, tracks: [] });
  const loading = useRef(false);

  useEffect(() => {
    if (ids === '') return;
    const abort = new AbortController();
    held.current = { fromMs: 0, toMs: 0, tracks: [] };
    const load = async (atMs: number) => {
      loading.current = true;
      const [fromMs, toMs] = [atMs - BEFORE_MS, atMs + AFTER_MS];
      const left = ids.split(',').map(Number);
      const tracks: Track[] = [];
      const work = async () => {
        for (let id = left.pop(); id !== undefined && !abort.signal.aborted; id = left.pop()) {
          // A track that cannot be had leaves the vehicle off the map; the recordings matter more than a notice about it.
          await things.track(id, new Date(fromMs).toISOString(), new Date(toMs).toISOString(), abort.signal).then((track) => tracks.push(track), () => undefined);
        }
      };
      await Promise.all(Array.from({ length: AT_ONCE }, work));
      loading.current = false;
      if (!abort.signal.aborted) held.current = { fromMs, toMs, tracks };
    };
    const look = () => {
      const atMs = playhead.now();
      const { fromMs, toMs, tracks } = held.current;
      if (!loading.current && (atMs < fromMs + 5000 || atMs > toMs - 5000)) void load(atMs);
      const names = new Map(vehicles.map((vehicle) => [vehicle.id, vehicle.name]));
      const places = tracks.flatMap((track) => {
        const place = placeAt(track, atMs);
        return place ? [{ ...place, name: names.get(place.id) ?? '' }] : [];
      });
      setMoment((before) => (before.atMs === atMs && before.places.length === places.length ? before : { atMs, places }));
    };
    const timer = setInterval(look, LOOK_MS);
    return () => {
      abort.abort();
      clearInterval(timer);
      loading.current = false;
    };
  }, [ids, playhead]);
  return moment;
}
