/** The server's clock as seen from here, and one shared second hand for everything that counts. */
import { useSyncExternalStore } from 'react';

let offsetMs = 0;
let bestRoundTripMs = Infinity;

/**
 * Takes a server time from a request that was sent and answered at these local times. The estimate with the shortest
 * round trip wins (its error is at most half of it); an old one is forgiven a little each time, so that drift shows.
 */
export function noteServerTime(serverTime: string, sentAtMs: number, receivedAtMs: number): void {
  const roundTripMs = Math.max(0, receivedAtMs - sentAtMs);
  if (roundTripMs > bestRoundTripMs * 1.5) {
    bestRoundTripMs += 1;
    return;
  }
  bestRoundTripMs = roundTripMs;
  offsetMs = Date.parse(serverTime) - (sentAtMs + receivedAtMs) / 2;
}

/** Milliseconds since 1970 by the server's clock. */
export function serverNow(): number {
  return Date.now() + offsetMs;
}

/** What the server's clock shows more than this browser's, milliseconds. */
export function serverOffset(): number {
  return offsetMs;
}

const listeners = new Set<() => void>();
let timer: ReturnType<typeof setTimeout> | undefined;
let second = Math.floor(serverNow() / 1000) * 1000;

function tick(): void {
  second = Math.floor(serverNow() / 1000) * 1000;
  listeners.forEach((listener) => listener());
  timer = setTimeout(tick, 1000 - (serverNow() % 1000) + 5);
}

/** Calls back just after every full second of the server's clock. */
export function onSecond(listener: () => void): () => void {
  listeners.add(listener);
  if (listeners.size === 1) tick();
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) clearTimeout(timer);
  };
}

/** The server's clock, whole seconds, as milliseconds since 1970. */
export function useServerNow(): number {
  return useSyncExternalStore(onSecond, () => second);
}
