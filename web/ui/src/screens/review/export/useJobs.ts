/** The exports, looked at often while one is being made and now and then otherwise. */
import { useCallback, useEffect, useState } from 'react';
import { exports as routes, type ExportJob } from '../../../api/footage';

const OFTEN_MS = 1_000;
const SELDOM_MS = 20_000;

export const isGoing = (job: ExportJob): boolean => job.state === 'waiting' || job.state === 'running';

export interface Jobs {
  jobs: readonly ExportJob[] | null;
  error: unknown;
  reload: () => void;
}

export function useJobs(enabled: boolean): Jobs {
  const [jobs, setJobs] = useState<readonly ExportJob[] | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [turn, setTurn] = useState(0);
  const going = jobs?.some(isGoing) ?? false;
  useEffect(() => {
    if (!enabled) return;
    const abort = new AbortController();
    const load = () =>
      routes.list(abort.signal).then(
        (found) => {
          setJobs(found);
          setError(null);
        },
        (problem: unknown) => {
          if (!abort.signal.aborted) setError(problem);
        },
      );
    void load();
    const timer = setInterval(() => void load(), going ? OFTEN_MS : SELDOM_MS);
    return () => {
      abort.abort();
      clearInterval(timer);
    };
  }, [enabled, going, turn]);
  return { jobs, error, reload: useCallback(() => setTurn((held) => held + 1), []) };
}
