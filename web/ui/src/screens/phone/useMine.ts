/** What this crew has to do: read at the start, after every word of the feed, and every few seconds in case it is lost. */
import { useCallback, useEffect, useRef, useState } from 'react';
import { ApiError } from '../../api/client';
import { phone } from '../../api/endpoints';
import type { MyAssignment } from '../../api/types';

const EVERY_MS = 5000;
const RECONNECT_MS = 3000;
const TOPICS = new Set(['assignment', 'incident', 'unit']);

export interface Mine {
  mine: MyAssignment | null;
  /** False while the server cannot be reached. */
  online: boolean;
  error: unknown;
  refresh: () => Promise<MyAssignment | null>;
}

export function useMine(): Mine {
  const [mine, setMine] = useState<MyAssignment | null>(null);
  const [online, setOnline] = useState(true);
  const [error, setError] = useState<unknown>(null);
  const running = useRef<Promise<MyAssignment | null> | null>(null);

  const read = useCallback(async (): Promise<MyAssignment | null> => {
    try {
      const found = await phone.mine();
      setMine(found);
      setOnline(true);
      setError(null);
      return found;
    } catch (problem) {
      const away = problem instanceof ApiError && (problem.status === 0 || problem.status >= 500);
      setOnline(!away);
      if (!away) setError(problem);
      return null;
    } finally {
      running.current = null;
    }
  }, []);
  const refresh = useCallback((): Promise<MyAssignment | null> => (running.current ??= read()), [read]);

  useEffect(() => {
    void refresh();
    const timer = setInterval(() => void refresh(), EVERY_MS);
    const now = () => void refresh();
    window.addEventListener('online', now);
    document.addEventListener('visibilitychange', now);
    const stop = listen(now);
    return () => {
      clearInterval(timer);
      window.removeEventListener('online', now);
      document.removeEventListener('visibilitychange', now);
      stop();
    };
  }, [refresh]);

  return { mine, online, error, refresh };
}

/** Calls back when the feed speaks of assignments; reconnects for as long as the screen stands. */
function listen(onChange: () => void): () => void {
  let socket: WebSocket | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let stopped = false;
  const open = () => {
    socket = new WebSocket(`${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/api/v1/feed`);
    socket.onmessage = (event: MessageEvent<string>) => {
      const { topic } = JSON.parse(event.data) as { topic: string };
      if (TOPICS.has(topic)) onChange();
    };
    socket.onclose = () => {
      if (!stopped) timer = setTimeout(open, RECONNECT_MS);
    };
  };
  open();
  return () => {
    stopped = true;
    clearTimeout(timer);
    socket?.close();
  };
}
