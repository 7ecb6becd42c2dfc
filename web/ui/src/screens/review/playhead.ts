/** The one moment that every player, the map and the log follow. */
import { useSyncExternalStore } from 'react';

export const RATES = [0.25, 0.5, 1, 2, 4, 8, 16] as const;

export interface PlayheadState {
  atMs: number;
  playing: boolean;
  rate: number;
  /** Raised by every jump, so that players know a jump from the passing of time. */
  jump: number;
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
    this.state = { atMs, playing: false, rate: 1, jump: 0 };
    this.baseMs = atMs;
    this.baseAt = monotonic();
  }

  get = (): PlayheadState => this.state;

  /** The moment now; it stands while a player has to load. */
  now(): number {
    if (!this.state.playing || this.held > 0) return this.baseMs;
    return this.baseMs + (this.monotonic() - this.baseAt) * this.state.rate;
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
