/**
 * One viewer of one camera's stream: WHEP first; when that is refused or brings no picture in time, MSE; where this
 * browser cannot play the camera's codec at all, stills. When nothing works, the reason and another try. A picture that
 * stands still is a failure too.
 */
import { ApiError } from '../api/client';
import { openMse, UnplayableError } from './mse';
import { openStills } from './stills';
import type { StreamName, Transport } from './transport';
import { openWhep } from './whep';

export type Via = 'whep' | 'mse' | 'stills';

export interface LiveState {
  phase: 'connecting' | 'playing' | 'failed';
  via: Via;
  /** How old the picture on the screen is, seconds; see `Transport`. */
  delay_s: number | null;
  error: unknown;
  /** When the next try begins, ms since 1970 here; only while `failed`. */
  retryAt: number | null;
  /** When the picture last moved, ms since 1970 here; null before the first picture. */
  movedAt: number | null;
}

export const NOT_BEGUN: LiveState = { phase: 'connecting', via: 'whep', delay_s: null, error: null, retryAt: null, movedAt: null };

const FIRST_PICTURE_MS = { whep: 3000, mse: 8000, stills: 8000 };
const STALL_MS = 6000;
const RETRY_MS = [1000, 3000, 6000, 15_000];
const WHEP_AGAIN_MS = 120_000;

// What a stream was found to need in this page is not found out again at every opening.
const known = new Map<string, Via>();
// After a WHEP view that brought no picture (a network without UDP) others do not wait for the same.
let whepSilentUntil = 0;

export class LiveSession {
  private state: LiveState = NOT_BEGUN;
  private transport: Transport | null = null;
  private abort = new AbortController();
  private attempt = 0;
  private generation = 0;
  private lastFrames = 0;
  private lastMoveAt = 0;
  private readonly timer: ReturnType<typeof setInterval>;
  private retryTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly cameraId: number,
    private readonly video: HTMLVideoElement,
    private readonly onState: (state: LiveState) => void,
    private readonly stream: StreamName = 'main',
  ) {
    this.timer = setInterval(() => void this.look(), 500);
    void this.open(this.firstChoice());
  }

  retryNow(): void {
    clearTimeout(this.retryTimer);
    void this.open(this.firstChoice());
  }

  close(): void {
    clearInterval(this.timer);
    clearTimeout(this.retryTimer);
    this.drop();
  }

  private get name(): string {
    return `${this.cameraId}/${this.stream}`;
  }

  private firstChoice(): Via {
    return known.get(this.name) ?? (Date.now() < whepSilentUntil ? 'mse' : 'whep');
  }

  private drop(): void {
    this.generation += 1;
    this.abort.abort();
    this.transport?.close();
    this.transport = null;
  }

  private set(change: Partial<LiveState>): void {
    this.state = { ...this.state, ...change };
    this.onState(this.state);
  }

  private async open(via: Via): Promise<void> {
    this.drop();
    const mine = this.generation;
    this.abort = new AbortController();
    this.lastFrames = 0;
    this.lastMoveAt = Date.now();
    this.set({ phase: 'connecting', via, delay_s: null, error: null, retryAt: null, movedAt: null });
    const ended = (reason: unknown) => {
      if (mine === this.generation) this.failed(via, reason);
    };
    this.video.requestVideoFrameCallback?.(() => {
      if (mine === this.generation) this.moved(Date.now());
    });
    try {
      const transport = await this.start(via, ended);
      if (mine !== this.generation) {
        transport.close();
        return;
      }
      this.transport = transport;
      if (via !== 'mse') await this.video.play().catch(() => undefined); // a refusal shows up as a picture that does not move
    } catch (error) {
      ended(error);
    }
  }

  private async start(via: Via, ended: (reason: unknown) => void): Promise<Transport> {
    if (via === 'whep') return openWhep(this.cameraId, this.stream, this.video, this.abort.signal, ended);
    return via === 'mse' ? openMse(this.cameraId, this.stream, this.video, ended) : openStills(this.cameraId, this.stream, this.video, ended);
  }

  private failed(via: Via, error: unknown): void {
    const refused = error instanceof ApiError && [403, 404].includes(error.status);
    if (via === 'whep' && !refused) {
      if (error instanceof ApiError && error.status >= 400 && error.status < 500) known.set(this.name, 'mse');
      void this.open('mse');
      return;
    }
    if (via === 'mse' && error instanceof UnplayableError) {
      known.set(this.name, 'stills');
      void this.open('stills');
      return;
    }
    if (via !== 'whep') known.delete(this.name); // the camera may have been set to something else since
    this.drop();
    const wait = RETRY_MS[Math.min(this.attempt, RETRY_MS.length - 1)] ?? 15_000;
    this.attempt += 1;
    this.set({ phase: 'failed', error, delay_s: null, retryAt: Date.now() + wait });
    clearTimeout(this.retryTimer);
    this.retryTimer = setTimeout(() => this.retryNow(), wait);
  }

  private moved(at: number): void {
    this.lastMoveAt = at;
    this.attempt = 0;
    this.set({ phase: 'playing', movedAt: at });
  }

  /** Twice a second: has the picture moved, and how late is it? */
  private async look(): Promise<void> {
    const { transport, state, video } = this;
    if (!transport || state.phase === 'failed') return;
    const frames = video.getVideoPlaybackQuality?.().totalVideoFrames ?? video.currentTime;
    const now = Date.now();
    if (frames > this.lastFrames) {
      this.lastFrames = frames;
      this.moved(now);
      const delay_s = await transport.delay_s();
      if (transport === this.transport && delay_s !== null) this.set({ delay_s });
    } else if (now - this.lastMoveAt > (state.phase === 'playing' ? STALL_MS : FIRST_PICTURE_MS[state.via])) {
      if (state.via === 'whep' && state.phase === 'connecting') whepSilentUntil = now + WHEP_AGAIN_MS;
      this.failed(state.via, new Error(state.phase === 'playing' ? 'no new picture' : 'no first picture'));
    }
  }
}
