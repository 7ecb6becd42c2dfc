/** One's own queue: its events, what is said of them, and how many are left. */
import { useCallback, useEffect, useRef, useState } from 'react';
import { review, type QueueFilter } from '../../../api/endpoints';
import type { EventMark, EventMarkIn, Event, QueueEvent, SeenIn, Unseen } from '../../../api/types';
import { ApiError } from '../../../api/client';

const PAGE = 60;
const COUNT_MS = 15_000;

export interface QueueState {
  filter: QueueFilter;
  setFilter: (filter: QueueFilter) => void;
  events: QueueEvent[] | null;
  more: boolean;
  busy: boolean;
  error: unknown;
  unseen: Unseen | null;
  further: () => void;
  reload: () => void;
  see: (event: Event, seen?: boolean) => void;
  /** All of a camera, a rule, or everything, up to now; resolves to how many. */
  seeAll: (what: Pick<SeenIn, 'camera_id' | 'rule'>) => Promise<number>;
  /** Resolves to whoever was quicker where somebody was. */
  mark: (event: Event, mark: Omit<EventMarkIn, 'expected_version'>) => Promise<string | null>;
  dismiss: () => void;
}

export const EVERYTHING: QueueFilter = { camera_id: null, rule: null, kind: null, polygon: null, show: 'unseen' };

/** `on`: whether the queue is on the screen. The count goes on while it is not. */
export function useQueue(on: boolean): QueueState {
  const [filter, setFilter] = useState<QueueFilter>(EVERYTHING);
  const [events, setEvents] = useState<QueueEvent[] | null>(null);
  const [next, setNext] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const [unseen, setUnseen] = useState<Unseen | null>(null);
  const asked = useRef(0);

  const count = useCallback(() => void review.unseen().then(setUnseen, () => undefined), []); // the next round tries again
  useEffect(() => {
    count();
    const timer = setInterval(count, COUNT_MS);
    return () => clearInterval(timer);
  }, [count]);

  const load = useCallback(
    async (before: string | null) => {
      const turn = ++asked.current;
      setBusy(true);
      setError(null);
      try {
        const page = await review.queue(filter, before, PAGE);
        if (turn !== asked.current) return;
        setEvents((held) => (before && held ? [...held, ...page.events] : page.events));
        setNext(page.next);
      } catch (problem) {
        if (turn === asked.current) setError(problem);
      } finally {
        if (turn === asked.current) setBusy(false);
      }
    },
    [filter],
  );
  useEffect(() => {
    if (on) void load(null);
  }, [on, load]);

  const change = (id: number, patch: Partial<QueueEvent>) =>
    setEvents((held) => held?.map((event) => (event.id === id ? { ...event, ...patch } : event)) ?? null);

  return {
    filter,
    setFilter,
    events,
    more: next !== null,
    busy,
    error,
    unseen,
    further: () => {
      if (next) void load(next);
    },
    reload: () => {
      void load(null);
      count();
    },
    see: (event, seen = true) => {
      change(event.id, { seen });
      review.see({ event_ids: [event.id], seen, camera_id: null, rule: null, kind: null, until: null }).then(count, (problem: unknown) => {
        change(event.id, { seen: !seen });
        setError(problem);
      });
    },
    seeAll: async (what) => {
      const { changed } = await review.see({ event_ids: [], seen: true, kind: null, until: new Date().toISOString(), ...what });
      void load(null);
      count();
      return changed;
    },
    mark: async (event, said) => {
      const held = events?.find((each) => each.id === event.id)?.mark ?? null;
      try {
        const mark = await review.mark(event.id, { ...said, expected_version: held?.version ?? 0 });
        change(event.id, { mark, seen: true });
        count();
        return null;
      } catch (problem) {
        const current = problem instanceof ApiError && problem.status === 409 ? (problem.body.current as EventMark | null) : null;
        if (current === null) throw problem;
        change(event.id, { mark: current });
        return current.marked_by;
      }
    },
    dismiss: () => setError(null),
  };
}
