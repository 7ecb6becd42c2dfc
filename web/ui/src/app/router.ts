/** Which screen is shown: the address is the only truth. Screens are whole pages, so there is nothing nested. */
import { useSyncExternalStore } from 'react';

const listeners = new Set<() => void>();
const notify = () => listeners.forEach((listener) => listener());
if (typeof window !== 'undefined') window.addEventListener('popstate', notify);

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** `to` is a path with an optional query, e.g. `/review?camera=3`. */
export function navigate(to: string, options: { replace?: boolean } = {}): void {
  if (options.replace) history.replaceState(null, '', to);
  else history.pushState(null, '', to);
  notify();
}

export function usePath(): string {
  return useSyncExternalStore(subscribe, () => location.pathname.replace(/(.)\/+$/, '$1'));
}

/** The query string, for screens that open at a place or a moment. Same text, same value. */
export function useQuery(): string {
  return useSyncExternalStore(subscribe, () => location.search);
}
