/** The timeline's rows, loaded for what is on the screen and a little around it. */
import { useEffect, useState } from 'react';
import { recordings } from '../../api/endpoints';
import type { Timeline } from '../../api/types';
import { span, type Window } from './axis';

export type TimelineRows = Timeline;
export type TimelineCamera = Timeline['cameras'][number];

const REFRESH_MS = 10_000;
const SOON_MS = 150;
const LONGEST_MS = 31 * 86_400_000;

/** Rows of these cameras in `view`; loaded again while it is shown, since recording goes on. */
export function useTimelineRows(cameraIds: readonly number[], view: Window, onError: (error: unknown) => void): [TimelineRows | null, () => void] {
  const [rows, setRows] = useState<TimelineRows | null>(null);
  const [turn, setTurn] = useState(0);
  const ids = cameraIds.join();
  useEffect(() => {
    if (ids === '') {
      setRows(null);
      return;
    }
    const abort = new AbortController();
    const room = Math.max(0, Math.min(span(view) * 0.25, (LONGEST_MS - span(view)) / 2));
    const [from, to] = [view.fromMs - room, view.toMs + room].map((ms) => new Date(ms).toISOString()) as [string, string];
    const load = () =>
      recordings.timeline(ids.split(',').map(Number), from, to, abort.signal).then(setRows, (problem: unknown) => {
        if (!abort.signal.aborted) onError(problem);
      });
    const soon = setTimeout(() => void load(), SOON_MS);
    const again = setInterval(() => void load(), REFRESH_MS);
    return () => {
      abort.abort();
      clearTimeout(soon);
      clearInterval(again);
    };
  }, [ids, view.fromMs, view.toMs, turn]);
  return [rows, () => setTurn((held) => held + 1)];
}
