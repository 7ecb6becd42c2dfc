/** Looking for events: the question, its answer page by page, and which of them is chosen. */
import { useCallback, useEffect, useRef, useState } from 'react';
import { recordings } from '../../api/endpoints';
import type { Event } from '../../api/types';
import type { Filter } from './Filters';

const PAGE = 60;

export interface Search {
  found: Event[] | null;
  /** Where the next page begins; null: that was all. */
  more: string | null;
  busy: boolean;
  error: unknown;
  run: (before?: string | null) => Promise<void>;
  fail: (error: unknown) => void;
}

/** Asks once at the start; afterwards a person asks by the button or Enter. */
export function useSearch(filter: Filter, cameraIds: ReadonlySet<number>, onFound: () => void): Search {
  const [found, setFound] = useState<Event[] | null>(null);
  const [more, setMore] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const asked = useRef(0);

  const run = useCallback(
    async (before: string | null = null) => {
      const turn = ++asked.current;
      setBusy(true);
      setError(null);
      try {
        const page = await recordings.events({
          camera_ids: [...cameraIds],
          from: new Date(filter.fromMs).toISOString(),
          to: new Date(filter.toMs).toISOString(),
          rule: filter.rule,
          kind: filter.kind,
          polygon: filter.area,
          before,
          limit: PAGE,
        });
        if (turn !== asked.current) return;
        setFound((held) => (before && held ? [...held, ...page.events] : page.events));
        setMore(page.next_before);
        if (!before) onFound();
      } catch (problem) {
        if (turn === asked.current) setError(problem);
      } finally {
        if (turn === asked.current) setBusy(false);
      }
    },
    [cameraIds, filter, onFound],
  );

  useEffect(() => {
    void run();
  }, []);

  return { found, more, busy, error, run, fail: setError };
}
