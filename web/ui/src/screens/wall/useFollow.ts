/** The cameras that see what is open now, for the wall that follows it. */
import { useEffect, useRef, useState } from 'react';
import { cameras as cameraRoutes } from '../../api/endpoints';
import { useFeed, useRows } from '../../feed';
import { silent } from '../../live/problem';
import { settle, spots, wanted } from './follow';
import type { Grid, Slots } from './layout';

const MOST_SPOTS = 16;
/** About ten metres: a spot that moves less is not asked about again. */
const DIGITS = 4;

/** Slots chosen by what is open; null while `active` is false. A camera that stays wanted stays where it hangs. */
export function useFollow(active: boolean, grid: Grid): Slots | null {
  const feed = useFeed();
  const incidents = useRows(feed.incidents);
  const alarms = useRows(feed.alarms);
  const rows = useRows(feed.cameras);
  const asked = useRef(new Map<string, string>());
  const [seeing, setSeeing] = useState<ReadonlyMap<string, readonly number[]>>(new Map());
  const [slots, setSlots] = useState<Slots>([]);
  const order = active ? spots(incidents, alarms).slice(0, MOST_SPOTS) : [];

  useEffect(() => {
    for (const { key, lon, lat } of order) {
      if (lon === null || lat === null) continue;
      const where = `${lon.toFixed(DIGITS)},${lat.toFixed(DIGITS)}`;
      if (asked.current.get(key) === where) continue;
      asked.current.set(key, where);
      cameraRoutes.seeing(lon, lat).then(
        (found) => setSeeing((held) => new Map(held).set(key, found.map((row) => row.camera_id))),
        () => asked.current.delete(key), // asked again with the next change
      );
    }
  });

  const mine = wanted(order, seeing).flatMap((id) => rows.filter((camera) => camera.id === id));
  // A camera that sends nothing takes no place from one that does.
  const key = [...mine.filter((camera) => !silent(camera)), ...mine.filter(silent)].map((camera) => camera.id).join();
  useEffect(() => {
    if (active) setSlots((before) => settle(before, key === '' ? [] : key.split(',').map(Number), grid));
  }, [active, grid, key]);

  return active ? slots : null;
}
