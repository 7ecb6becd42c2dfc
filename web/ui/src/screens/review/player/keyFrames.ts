/** Which key frames are loaded and which stretch to ask for next, for fast and for backward play. Pure. */

export interface KeyWindow {
  fromMs: number;
  toMs: number;
  /** Frames closer together than this are left out by the server, seconds. */
  step_s: number;
}

const LEAD_MS = 20_000;
const MOST_LEAD_MS = 240_000;
const PICTURES_PER_S = 6;

export class KeyFrames {
  private times: number[] = [];
  private from: number | null = null;
  private to: number | null = null;

  put(atMs: readonly number[]): void {
    this.times = [...new Set([...this.times, ...atMs])].sort((a, b) => a - b);
  }

  /** The whole of a window has arrived. */
  covered({ fromMs, toMs }: KeyWindow): void {
    const joins = this.from !== null && this.to !== null && fromMs <= this.to && toMs >= this.from;
    this.from = joins ? Math.min(this.from as number, fromMs) : fromMs;
    this.to = joins ? Math.max(this.to as number, toMs) : toMs;
  }

  clear(): void {
    this.times = [];
    this.from = this.to = null;
  }

  /** The key frame to show at a moment: the last at or before it; null while it is not known. */
  at(atMs: number): number | null {
    const inside = this.from !== null && this.to !== null && this.from <= atMs && atMs <= this.to;
    let found: number | null = null;
    let later = false;
    for (const time of this.times) {
      if (time <= atMs) found = time;
      else later = true;
    }
    return inside || later ? found : null;
  }

  /** How much lies ready from a moment on in the direction of play, ms; negative: the moment itself does not. */
  lead(atMs: number, rate: number): number {
    if (this.from === null || this.to === null) return -1;
    if (atMs < this.from || atMs > this.to) return -1;
    return rate > 0 ? this.to - atMs : atMs - this.from;
  }

  get range(): readonly [number, number] | null {
    return this.from === null || this.to === null ? null : [this.from, this.to];
  }
}

/** The next stretch of key frames to ask for at a moment and a rate (below 0: backward); null while enough is there. */
export function windowFor(atMs: number, rate: number, keys: KeyFrames): KeyWindow | null {
  const speed = Math.abs(rate);
  const wished = Math.min(MOST_LEAD_MS, LEAD_MS * speed);
  const step_s = speed > 1 ? speed / PICTURES_PER_S : 0;
  const lead = keys.lead(atMs, rate);
  if (lead > wished / 2) return null;
  const [from, to] = (lead >= 0 && keys.range) || [atMs, atMs];
  return rate > 0 ? { fromMs: to - 1, toMs: to + wished, step_s } : { fromMs: from - wished, toMs: from + 1, step_s };
}
