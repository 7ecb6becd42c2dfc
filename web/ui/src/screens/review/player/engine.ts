/** Plays one camera's recording at the common moment: decides what to load and steers. What it shows is its `state`. */
import type { Playhead } from '../playhead';
import { keysOnly, steer, Strain } from './follow';
import { index } from './footage';
import { IndexCache } from './indexCache';
import { windowFor } from './keyFrames';
import { Loader } from './loader';
import { fromMediaS, toMediaS, type Piece } from './pieces';
import { aheadMs, BEHIND_MS, nextRun, toForget, type Wish } from './plan';

export type Phase = 'loading' | 'converting' | 'playing' | 'gap' | 'edge' | 'failed';

export interface PlayerState {
  phase: Phase;
  /** Key frames alone are shown. */
  keys: boolean;
  /** Because the machine could not follow, not because somebody asked for it. */
  strained: boolean;
  /** Share of what is being converted that has arrived, 0 … 1. */
  converted: number;
  /** The recording at the moment has sound. */
  audio: boolean;
  error: unknown;
}

const TICK_MS = 50;
const PATIENCE_MS = 250;
const RETRY_MS = 4_000;
const INSIDE_FRAME_MS = 1;
/** What is converted with one request. */
const CONVERT_MS = 20_000;
const NEAR_MS = 10_000;
/** While another camera loads, a picture this close to the moment stays as it is. */
const HELD_S = 0.3;
/** What makes another look worth while before the next round. */
const SOON = ['seeked', 'loadeddata', 'canplay'] as const;

export class Engine {
  state: PlayerState = { phase: 'loading', keys: false, strained: false, converted: 0, audio: false, error: null };
  /** Milliseconds from the last jump to its picture. */
  seek_ms: number | null = null;
  /** Which jump of the playhead that was. */
  get jumpSeen(): number {
    return this.jump;
  }

  private readonly cache: IndexCache;
  private readonly loader: Loader;
  private readonly strain = new Strain();
  private strained = false;
  private keys = false;
  private load: { abort: AbortController; has: (piece: Piece) => boolean } | null = null;
  private failed: { error: unknown; at: number } | null = null;
  /** Where the picture was put, to the frame, while nothing plays; null: not yet. */
  private exact_s: number | null = null;
  /** Media time of the frame that was put on the screen last; null where the browser does not tell. */
  private drawn_s: number | null = null;
  private jump = -1;
  private jumpedAt = 0;
  private waitingSince: number | null = null;
  private release: (() => void) | null = null;
  private readonly timer: ReturnType<typeof setInterval>;
  private readonly unsubscribe: () => void;
  private closed = false;

  constructor(
    cameraId: number,
    private readonly video: HTMLVideoElement,
    private readonly playhead: Playhead,
    serverNow: () => number,
    private readonly changed: () => void,
  ) {
    this.loader = new Loader(cameraId, video);
    this.cache = new IndexCache((from, to, signal) => index(cameraId, from, to, signal), serverNow, () => this.tick());
    if ('requestVideoFrameCallback' in video) video.requestVideoFrameCallback(this.watch);
    this.timer = setInterval(this.tick, TICK_MS);
    this.unsubscribe = playhead.subscribe(this.tick);
    for (const name of SOON) video.addEventListener(name, this.tick);
    this.tick();
  }

  close(): void {
    this.closed = true;
    clearInterval(this.timer);
    this.unsubscribe();
    for (const name of SOON) this.video.removeEventListener(name, this.tick);
    this.load?.abort.abort();
    this.cache.close();
    this.release?.();
    this.loader.close();
  }

  /** The moment of the picture on the screen, to the frame where its time is known. */
  shownMs(): number {
    const at = fromMediaS(this.video.currentTime);
    return this.loader.frames.at(at) ?? at;
  }

  get pieces(): readonly Piece[] {
    return this.cache.pieces;
  }

  /** The moment of the frame after (1) or before (-1) the one at `atMs`; null: there is none near. Loads what it needs. */
  async step(atMs: number, by: 1 | -1): Promise<number | null> {
    const here = this.cache.at(atMs);
    if (!here || this.keys) return null;
    const neighbour = this.cache.pieces[this.cache.pieces.indexOf(here) + by];
    for (const piece of [here, neighbour]) {
      if (!piece) return null;
      if (!this.loader.has(piece)) {
        if (!this.loader.direct(piece)) return null;
        await this.loader.take([piece], new AbortController().signal);
      }
      const found = by > 0 ? this.loader.frames.next(atMs) : this.loader.frames.previous(atMs);
      if (found !== null && Math.abs(found - atMs) < NEAR_MS) return found;
    }
    return null;
  }

  private wish(): Wish {
    const { playing, rate } = this.playhead.get();
    return { nowMs: this.playhead.now(), playing, rate: Math.abs(rate) };
  }

  private readonly tick = (): void => {
    if (this.closed) return;
    const { jump, playing, rate } = this.playhead.get();
    if (jump !== this.jump) this.jumped(jump);
    if (!playing || rate <= 1) this.strained = false;
    const keys = keysOnly(rate, playing, this.strained);
    if (keys !== this.keys) {
      this.keys = keys;
      this.load?.abort.abort();
      this.exact_s = null;
      this.loader.clear(); // whole pictures and key frames would cut each other to pieces
    }
    const now = this.playhead.now();
    this.cache.ensure(now);
    this.show(now);
    this.pump();
  };

  private jumped(jump: number): void {
    this.jump = jump;
    this.jumpedAt = performance.now();
    this.seek_ms = null;
    this.exact_s = null;
    this.waitingSince = null;
    this.failed = null;
    this.strain.relax();
    this.loader.retry();
    const piece = this.cache.at(this.playhead.now());
    if (this.load && !(piece && this.load.has(piece))) this.load.abort.abort();
  }

  private show(now: number): void {
    const { video, cache } = this;
    const { playing, rate } = this.playhead.get();
    const piece = cache.at(now);
    if (!piece) return this.showNothing(now);
    if (this.failed && performance.now() - this.failed.at < RETRY_MS) return this.tell('failed', this.failed.error);
    if (this.keys) return this.showKey(now);
    if (!this.loader.has(piece)) {
      if (!video.paused) video.pause();
      this.wait(true);
      return this.tell(this.loader.direct(piece) ? 'loading' : 'converting');
    }
    if (playing) this.exact_s = null;
    // Inside a bridged hole the last picture before it stays.
    let wanted = toMediaS(Math.min(now, piece.endMs - INSIDE_FRAME_MS));
    if (!playing) {
      if (!video.paused) video.pause();
      const frame = this.loader.frames.at(now);
      if (frame !== null) wanted = Math.max(wanted, toMediaS(frame + INSIDE_FRAME_MS));
      // What stands when playing stops need not be the frame of the moment: decoding may be behind the clock. A seek shows it.
      if ((this.exact_s === null || Math.abs(this.exact_s - wanted) > 0.0005) && !video.seeking) {
        video.currentTime = wanted;
        this.exact_s = wanted;
      }
    } else if (!this.playhead.running) {
      if (!video.paused) video.pause();
      if (Math.abs(video.currentTime - wanted) > HELD_S && !video.seeking) video.currentTime = wanted;
    } else {
      if (video.paused) void video.play().catch(() => undefined); // a play that a seek interrupts is repeated by the next round
      const { rate: speed, jump } = steer(wanted - video.currentTime, rate);
      if (jump && !video.seeking) {
        video.currentTime = wanted;
        if (this.seek_ms !== null && rate > 1) this.strained ||= this.strain.jumped(performance.now());
      } else if (!jump && Math.abs(video.playbackRate - speed) > 0.004) video.playbackRate = speed;
      if (rate > 1) this.strained ||= this.lags(rate);
    }
    this.arrived(Math.abs(video.currentTime - wanted) < 0.7 * Math.max(1, rate));
  }

  /** Whether frames reach the screen too late for this rate. Where nobody looks, browsers draw none, and that says nothing. */
  private lags(rate: number): boolean {
    if (this.drawn_s === null || document.visibilityState !== 'visible' || this.seek_ms === null) return false;
    return this.strain.behind(this.video.currentTime - this.drawn_s, rate, performance.now());
  }

  private readonly watch = (_: number, frame: VideoFrameCallbackMetadata): void => {
    this.drawn_s = frame.mediaTime;
    if (!this.closed) this.video.requestVideoFrameCallback(this.watch);
  };

  private showNothing(now: number): void {
    const { video, cache } = this;
    const { playing, rate } = this.playhead.get();
    if (!video.paused) video.pause();
    if (cache.error !== null) return this.tell('failed', cache.error);
    if (!cache.known) {
      this.wait(true);
      return this.tell('loading');
    }
    const newest = cache.atLiveEnd(now) && playing && rate > 0;
    this.wait(newest);
    this.tell(newest ? 'edge' : 'gap');
  }

  private showKey(now: number): void {
    const { video } = this;
    if (!video.paused) video.pause();
    const key = this.loader.keyFrames.at(now);
    if (key === null) {
      this.wait(true);
      return this.tell('loading');
    }
    const target = toMediaS(key + INSIDE_FRAME_MS);
    if (Math.abs(video.currentTime - target) > 0.002 && !video.seeking) video.currentTime = target;
    this.arrived(true);
  }

  private arrived(there: boolean): void {
    const ready = there && this.video.readyState >= 2 && !this.video.seeking;
    if (ready && this.seek_ms === null) this.seek_ms = performance.now() - this.jumpedAt;
    // Between key frames a short seek is the way of playing, no waiting.
    if (ready || (this.keys && this.seek_ms !== null)) {
      this.wait(false);
      return this.tell('playing');
    }
    this.wait(true);
    if (this.state.phase !== 'playing' || performance.now() - (this.waitingSince ?? 0) > PATIENCE_MS) this.tell('loading');
  }

  /** While a picture is on its way the common clock waits, so that a slow disk never skips what somebody wants to see. */
  private wait(waiting: boolean): void {
    if (!waiting) this.waitingSince = null;
    else this.waitingSince ??= performance.now();
    if (waiting && this.playhead.get().playing) this.release ??= this.playhead.hold();
    else {
      this.release?.();
      this.release = null;
    }
  }

  private tell(phase: Phase, error: unknown = null): void {
    if (phase === 'failed') this.wait(false); // one camera that fails must not stop the others
    const audio = this.cache.at(this.playhead.now())?.audio ?? false;
    const next: PlayerState = { phase, error, keys: this.keys, strained: this.strained, converted: this.loader.converted, audio };
    if ((Object.keys(next) as (keyof PlayerState)[]).every((name) => next[name] === this.state[name])) return;
    this.state = next;
    this.changed();
  }

  private pump(): void {
    if (this.load || this.closed || !this.cache.known) return;
    if (this.failed && performance.now() - this.failed.at < RETRY_MS) return;
    const wish = this.wish();
    if (this.keys) return this.pumpKeys(wish);
    const run = nextRun(this.cache.pieces, wish, (piece) => this.loader.has(piece));
    const first = run[0];
    if (!first) return;
    // While somebody waits for a picture that is loaded already, its decoding has the machine to itself.
    if (this.seek_ms === null && this.state.phase === 'loading' && !this.shows(first, wish.nowMs) && this.cache.at(wish.nowMs)) return;
    if (this.loader.direct(first)) return this.during((piece) => run.includes(piece), (signal) => this.loader.take(run, signal));
    const untilMs = first.startMs + CONVERT_MS;
    const foreign = this.cache.pieces.filter((piece) => piece.startMs >= first.startMs && piece.startMs < untilMs && !this.loader.direct(piece));
    this.during((piece) => foreign.includes(piece), (signal) => this.loader.convert(foreign, signal, () => this.tick()));
  }

  private shows(piece: Piece, atMs: number): boolean {
    return this.cache.at(atMs)?.key === piece.key;
  }

  private pumpKeys({ nowMs }: Wish): void {
    const piece = this.cache.at(nowMs);
    const window = piece && windowFor(nowMs, this.playhead.get().rate, this.loader.keyFrames);
    if (window) this.during(() => true, (signal) => this.loader.takeKeys(window, piece.codec, signal));
  }

  private during(has: (piece: Piece) => boolean, work: (signal: AbortSignal) => Promise<void>): void {
    const abort = new AbortController();
    const mine = { abort, has };
    this.load = mine;
    work(abort.signal)
      .then(
        () => {
          this.failed = null;
        },
        (error: unknown) => {
          if (!abort.signal.aborted) this.failed = { error, at: performance.now() };
        },
      )
      .finally(() => {
        if (this.load === mine) this.load = null;
        this.tick(); // the picture first, tidying after it
        this.tidy().catch(() => undefined); // what is not thrown away now is thrown away next time
      });
  }

  private async tidy(): Promise<void> {
    if (this.keys || this.closed) return;
    const wish = this.wish();
    const [fromMs, toMs] = [wish.nowMs - 4 * BEHIND_MS, wish.nowMs + 4 * aheadMs(wish) + 60_000];
    for (const range of toForget(this.loader.ranges(), toMediaS(wish.nowMs), wish)) await this.loader.forget(range, fromMs, toMs);
  }
}
