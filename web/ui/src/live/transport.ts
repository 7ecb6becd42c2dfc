/** A camera's large stream, or the small one it may have beside it; without one the server shows the large one. */
export type StreamName = 'main' | 'sub';

/** What the ways of a live picture have in common: they fill a video element, say how late it is, and end when told. */
export interface Transport {
  /** How old the picture on the screen is, seconds since ingest had it (MSE), or how long it waited in this player (WebRTC). Null: unknown yet. */
  delay_s: () => Promise<number | null>;
  close: () => void;
}

/** Called when a transport that had started can go on no longer. */
export type OnEnd = (reason: unknown) => void;

/** `age_s`, unless the clocks disagree so much that it can be none. */
export function plausibleAge(age_s: number): number | null {
  return age_s > -0.5 && age_s < 60 ? Math.max(0, age_s) : null;
}
