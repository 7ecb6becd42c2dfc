/** The one moment that every player, the map and the log follow. */
import { useSyncExternalStore } from 'react';

/** What can be chosen; backward play shows key frames. */
export const RATES = [-16, -8, -4, -2, -1, 0.25, 0.5, 1, 2, 4, 8, 16] as const;

export interface Marks {
  fromMs: number;
  toMs: number;
}

export interface PlayheadState {
  atMs: number;
  playing: boolean;
  /** Seconds of recording per second; below 0 it runs backward. Never 0. */
  rate: number;
  /** Raised by every jump, so that players know a jump from the passing of time. */
  jump: number;
  /** While set, playing goes round between the two. */
  loop: Marks | null;
}

/** The next faster (`by` 1) or slower (-1) of the forward rates; going backward, of the backward ones. */
export function stepRate(rate: number, by: 1 | -1): number {
  const side = RATES.filter((each) => Math.sign(each) === Math.sign(rate)).sort((a, b) => Math.abs(a) - Math.abs(b));
  const index = side.findIndex((each) => each === rate);
  return side[Math.min(side.length - 1, Math.max(0, index + by))] ?? 1;
}

/** Runs on the browser's own clock between jumps; players slew towards it. */
export class Playhead {
  private state: PlayheadState;
  private baseMs: number;
  private baseAt: number;
  private held = 0;
  private readonly listeners = new Set<() => void>();

  constructor(
    atMs: number,
    private readonly monotonic: () => number = () => performance.now(),
  ) {
    this.state = { atMs, playing: false, rate: 1, jump: 0, loop: null };
    this.baseMs = atMs;
    this.baseAt = monotonic();
  }

  get = (): PlayheadState => this.state;

  /** The moment now; it stands while a player has to load. */
  now(): number {
    if (!this.state.playing || this.held > 0) return this.baseMs;
    return this.baseMs + (this.monotonic() - this.baseAt) * this.state.rate;
  }

  /** Whether the moment passes right now. */
  get running(): boolean {
    return this.state.playing && this.held === 0;
  }

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  seek(atMs: number): void {
    this.rebase(atMs);
    this.change({ atMs, jump: this.state.jump + 1 });
  }

  play(playing: boolean): void {
    this.rebase(this.now());
    this.change({ playing, atMs: this.baseMs });
  }

  setRate(rate: number): void {
    this.rebase(this.now());
    this.change({ rate, atMs: this.baseMs });
  }

  setLoop(loop: Marks | null): void {
    if (loop && loop.toMs <= loop.fromMs) throw new RangeError(`a loop must end after ${loop.fromMs}, not at ${loop.toMs}`);
    this.change({ loop });
  }

  /** To be called several times a second: goes round at the end of a loop, and stops at `latestMs`, the newest there can be. */
  tick(latestMs: number): void {
    if (!this.state.playing) return;
    const now = this.now();
    const { loop, rate } = this.state;
    if (loop && rate > 0 && now >= loop.toMs) this.seek(loop.fromMs);
    else if (loop && rate < 0 && now <= loop.fromMs) this.seek(loop.toMs);
    else if (now > latestMs) {
      this.rebase(latestMs);
      this.change({ playing: rate === 1, rate: 1, atMs: latestMs });
    }
  }

  /** A player that has nothing to show yet stops the clock for all; it must let go with the returned function. */
  hold(): () => void {
    this.rebase(this.now());
    this.held += 1;
    let mine = true;
    return () => {
      if (!mine) return;
      mine = false;
      this.rebase(this.now());
      this.held -= 1;
      this.rebase(this.baseMs);
    };
  }

  private rebase(atMs: number): void {
    this.baseMs = atMs;
    this.baseAt = this.monotonic();
  }

  private change(patch: Partial<PlayheadState>): void {
    this.state = { ...this.state, ...patch };
    this.listeners.forEach((listener) => listener());
  }
}

export function usePlayhead(playhead: Playhead): PlayheadState {
  return useSyncExternalStore(playhead.subscribe, playhead.get);
}
