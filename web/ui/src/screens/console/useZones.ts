import { useEffect } from 'react';
import { admin } from '../../api/endpoints';
import type { Zone } from '../../api/types';
import { useSession } from '../../app/session';
import { createStore } from '../../app/store';
import { zonesApi, type Outline } from '../../zones/api';
import { consoleState } from './state';

const AGAIN_MS = 60_000;
const NONE: { zones: Zone[]; outlines: Outline[] } = { zones: [], outlines: [] };
const held = createStore(NONE);

/** The zones, while they are to be shown: for the map, the dock and the panel. */
export function useZones(): typeof NONE {
  return held.use((state) => state);
}

/** Once per screen: reads the zones while they are to be shown, again every minute. Without an answer they are not shown. */
export function useZonesRead(): void {
  const { has } = useSession();
  const wanted = consoleState.use((state) => state.layers.zones) && has('dispatcher', 'commander', 'reviewer', 'admin');
  useEffect(() => {
    if (!wanted) return;
    let gone = false;
    const read = () =>
      void Promise.all([admin.zones(null), zonesApi.outlines()])
        .then(([zones, outlines]) => !gone && held.set({ zones, outlines }))
        .catch(() => undefined); // the next minute asks again
    read();
    const timer = setInterval(read, AGAIN_MS);
    return () => {
      gone = true;
      clearInterval(timer);
      held.set(NONE);
    };
  }, [wanted]);
}
