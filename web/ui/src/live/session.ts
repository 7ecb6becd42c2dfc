/**
 * One viewer of one camera: WHEP first; when that is refused or brings no picture in time, MSE; when both fail, the
 * reason and another try. A picture that stands still is a failure too.
 */
import { ApiError } from '../api/client';
import { openMse } from './mse';
import type { Transport } from './transport';
import { openWhep } from './whep';

export type Via = 'whep' | 'mse';

export interface LiveState {
  phase: 'connecting' | 'playing' | 'failed';
  via: Via;
  /** Delay inside the player, seconds. */
  delay_s: number | null;
  error: unknown;
  /** When the next try begins, ms since 1970 here; only while `failed`. */
  retryAt: number | null;
}

const FIRST_PICTURE_MS = { whep: 4000, mse: 8000 };
const STALL_MS = 6000;
const RETRY_MS = [1000, 3000, 6000, 15_000];

// Cameras that refused WebRTC for what they send are not asked again in this page.
const mseOnly = new Set<number>();

export class LiveSession {
  private state: LiveState = { phase: 'connecting', via: 'whep', delay_s: null, error: null, retryAt: null };
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
  ) {
    this.timer = setInterval(() => void this.look(), 500);
    void this.open(mseOnly.has(cameraId) ? 'mse' : 'whep');
  }

  retryNow(): void {
    clearTimeout(this.retryTimer);
    void this.open(mseOnly.has(this.cameraId) ? 'mse' : 'whep');
  }

  close(): void {
    clearInterval(this.timer);
    clearTimeout(this.retryTimer);
    this.drop();
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
    this.set({ phase: 'connecting', via, delay_s: null, error: null, retryAt: null });
    const ended = (reason: unknown) => {
      if (mine === this.generation) this.failed(via, reason);
    };
    try {
      const transport =
        via === 'whep' ? await openWhep(this.cameraId, this.video, this.abort.signal, ended) : openMse(this.cameraId, this.video, ended);
      if (mine !== this.generation) {
        transport.close();
        return;
      }
      this.transport = transport;
      if (via === 'whep') await this.video.play().catch(() => undefined); // a refusal shows up as a picture that does not move
    } catch (error) {
      ended(error);
    }
  }

  private failed(via: Via, error: unknown): void {
    const refused = error instanceof ApiError && [403, 404].includes(error.status);
    if (via === 'whep' && !refused) {
      if (error instanceof ApiError && error.status >= 400 && error.status < 500) mseOnly.add(this.cameraId);
      void this.open('mse');
      return;
    }
    this.drop();
    const wait = RETRY_MS[Math.min(this.attempt, RETRY_MS.length - 1)] ?? 15_000;
    this.attempt += 1;
    this.set({ phase: 'failed', error, delay_s: null, retryAt: Date.now() + wait });
    clearTimeout(this.retryTimer);
    this.retryTimer = setTimeout(() => this.retryNow(), wait);
  }

  /** Twice a second: has the picture moved, and how late is it? */
  private async look(): Promise<void> {
    const { transport, state, video } = this;
    if (!transport || state.phase === 'failed') return;
    const frames = video.getVideoPlaybackQuality?.().totalVideoFrames ?? video.currentTime;
    const now = Date.now();
    if (frames > this.lastFrames) {
      this.lastFrames = frames;
      this.lastMoveAt = now;
      const delay_s = await transport.delay_s();
      if (transport !== this.transport) return;
      this.attempt = 0;
      this.set({ phase: 'playing', delay_s: delay_s ?? this.state.delay_s });
    } else if (now - this.lastMoveAt > (state.phase === 'playing' ? STALL_MS : FIRST_PICTURE_MS[state.via])) {
      this.failed(state.via, new Error(state.phase === 'playing' ? 'no new picture' : 'no first picture'));
    }
  }
}
