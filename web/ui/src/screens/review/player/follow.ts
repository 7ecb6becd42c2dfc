/** How one picture is kept at the common moment: a little faster or slower, a jump only when far off. Pure. */

export interface Steering {
  /** For `playbackRate`. */
  rate: number;
  /** Set the picture to the moment instead. */
  jump: boolean;
}

const CLOSE_S = 0.008;
const FAR_S = 0.6;
const GAIN_PER_S = 1.6;
const MOST = 0.3;

/** `behind_s`: how far the picture lags behind the moment (negative: it is ahead). `rate` is the wished speed, above 0. */
export function steer(behind_s: number, rate: number): Steering {
  if (Math.abs(behind_s) > FAR_S * Math.max(1, rate)) return { rate, jump: true };
  if (Math.abs(behind_s) < CLOSE_S) return { rate, jump: false };
  // Twice as fast play drifts twice as fast, so the correction is a share of the rate.
  const share = Math.max(-MOST, Math.min(MOST, (behind_s / Math.max(1, rate)) * GAIN_PER_S));
  return { rate: Math.min(16, rate * (1 + share)), jump: false };
}

const JUMPS = 3;
const WITHIN_MS = 4_000;
/** A picture this late on the screen, in seconds of real time, for this long. */
const LAG_S = 0.4;
const LAG_MS = 1_200;

/** Notices that decoding cannot follow: several jumps within a few seconds, or a clock whose pictures stay behind. */
export class Strain {
  private jumps: number[] = [];
  private lagsSince: number | null = null;

  /** True when this jump is one too many. */
  jumped(atMs: number): boolean {
    this.jumps = [...this.jumps.filter((each) => atMs - each < WITHIN_MS), atMs];
    return this.jumps.length >= JUMPS;
  }

  /** Where the clock goes on and the pictures do not: true when that has lasted too long. `lag_s` is in the recording's time. */
  behind(lag_s: number, rate: number, atMs: number): boolean {
    if (lag_s < LAG_S * rate) this.lagsSince = null;
    else this.lagsSince ??= atMs;
    return this.lagsSince !== null && atMs - this.lagsSince > LAG_MS;
  }

  relax(): void {
    this.jumps = [];
    this.lagsSince = null;
  }
}

/** The fastest that is played picture by picture; above it, and backward, key frames alone. */
export const FASTEST_WHOLE = 4;

export function keysOnly(rate: number, playing: boolean, strained: boolean): boolean {
  return playing && (rate < 0 || rate > FASTEST_WHOLE || strained);
}
