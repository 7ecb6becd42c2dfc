/** One thing from the server by its key; the answer of an older key never shows under a newer one. */
import { useEffect, useState } from 'react';

export interface Fetched<T> {
  data: T | null;
  error: unknown;
  loading: boolean;
}

/** `key` null fetches nothing. With `again` (any value that changes) it is fetched anew while the old stays shown. */
export function useFetched<K extends string | number, T>(key: K | null, read: (key: K, signal: AbortSignal) => Promise<T>, again?: unknown): Fetched<T> {
  const [state, setState] = useState<Fetched<T> & { key: K | null }>({ key: null, data: null, error: null, loading: false });
  useEffect(() => {
    if (key === null) {
      setState({ key: null, data: null, error: null, loading: false });
      return;
    }
    const abort = new AbortController();
    setState((before) => ({ key, data: before.key === key ? before.data : null, error: null, loading: true }));
    read(key, abort.signal)
      .then((data) => !abort.signal.aborted && setState({ key, data, error: null, loading: false }))
      .catch((error: unknown) => !abort.signal.aborted && setState((before) => ({ ...before, error, loading: false })));
    return () => abort.abort();
    // `read` is made anew on every render; what it reads depends on the key alone.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [key, again]);
  return state.key === key ? state : { data: null, error: null, loading: key !== null };
}
