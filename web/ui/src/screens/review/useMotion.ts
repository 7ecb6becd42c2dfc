/** How much moved, for the timelines: as fine as can be drawn, loaded for what is on the screen. */
import { useEffect, useState } from 'react';
import { search } from '../../api/endpoints';
import type { MotionBand } from '../../api/types';
import { span, type Window } from './axis';

const SOON_MS = 200;
const REFRESH_MS = 15_000;
const LONGEST_MS = 31 * 86_400_000;
const STEPS = 800;
const ROOM = 0.25;

export function useMotion(cameraIds: readonly number[], view: Window): ReadonlyMap<number, MotionBand> {
  const [bands, setBands] = useState<ReadonlyMap<number, MotionBand>>(new Map());
  const ids = cameraIds.join();
  useEffect(() => {
    if (ids === '') {
      setBands(new Map());
      return;
    }
    const abort = new AbortController();
    const room = Math.max(0, Math.min(span(view) * ROOM, (LONGEST_MS - span(view)) / 2));
    const [from, to] = [view.fromMs - room, view.toMs + room].map((ms) => new Date(ms).toISOString()) as [string, string];
    const load = () =>
      search.motion(ids.split(',').map(Number), from, to, Math.round(STEPS * (1 + 2 * ROOM)), abort.signal).then(
        (found) => setBands(new Map(found.map((band) => [band.camera_id, band]))),
        () => undefined, // the rows beside it tell when the server cannot be reached
      );
    const soon = setTimeout(() => void load(), SOON_MS);
    const again = setInterval(() => void load(), REFRESH_MS);
    return () => {
      abort.abort();
      clearTimeout(soon);
      clearInterval(again);
    };
  }, [ids, view.fromMs, view.toMs]);
  return bands;
}
