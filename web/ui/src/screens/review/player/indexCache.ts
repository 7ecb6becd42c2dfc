/** The part of a camera's index around the moment, fetched again when the moment leaves it or new footage is due. */
import { lastBefore, pieceAt, type Piece } from './pieces';

const BEFORE_MS = 180_000;
const AFTER_MS = 600_000;
const MARGIN_MS = 60_000;
const NEAR_END_MS = 20_000;
const AGAIN_MS = 1_500;
const RETRY_MS = 5_000;
/** Recording is behind the clock by its open GOP and a little; longer than this it is a gap. */
const LIVE_MS = 45_000;

export type LoadIndex = (fromMs: number, toMs: number, signal: AbortSignal) => Promise<Piece[]>;

export class IndexCache {
  pieces: readonly Piece[] = [];
  /** Whether the pieces around the moment asked for last are known. */
  known = false;
  error: unknown = null;
  private fromMs = 0;
  private toMs = 0;
  private loadedAtMs = 0;
  private loading: { fromMs: number; toMs: number; abort: AbortController } | null = null;

  constructor(
    private readonly load: LoadIndex,
    private readonly serverNow: () => number,
    private readonly changed: () => void,
  ) {}

  /** Sees to it that the index around `atMs` is there or on its way. */
  ensure(atMs: number): void {
    const now = this.serverNow();
    const inside = this.fromMs <= atMs && atMs < this.toMs;
    this.known = inside;
    const onTheWay = this.loading && this.loading.fromMs <= atMs && atMs < this.loading.toMs;
    if (onTheWay) return;
    if (inside && !this.stale(atMs, now) && !this.leaving(atMs, now)) return;
    void this.fetch(atMs - BEFORE_MS, atMs + AFTER_MS);
  }

  at(atMs: number): Piece | null {
    return pieceAt(this.pieces, atMs);
  }

  /** Whether the moment is where recording has only just been: nothing yet, but soon. */
  atLiveEnd(atMs: number): boolean {
    const index = lastBefore(this.pieces, atMs);
    if (index !== this.pieces.length - 1) return false;
    const last = this.pieces[index];
    return last !== undefined && atMs >= last.endMs && this.serverNow() - last.endMs < LIVE_MS;
  }

  /** Whether the index may have grown where it matters, or has to be asked for again after a failure. */
  private stale(atMs: number, now: number): boolean {
    const age = now - this.loadedAtMs;
    if (this.error !== null) return age > RETRY_MS;
    const last = this.pieces[this.pieces.length - 1];
    const mayGrow = this.loadedAtMs < this.toMs;
    return mayGrow && age > AGAIN_MS && (!last || atMs > last.endMs - NEAR_END_MS);
  }

  private leaving(atMs: number, now: number): boolean {
    return atMs < this.fromMs + MARGIN_MS || (atMs > this.toMs - MARGIN_MS && this.toMs < now);
  }

  close(): void {
    this.loading?.abort.abort();
    this.loading = null;
  }

  private async fetch(fromMs: number, toMs: number): Promise<void> {
    this.loading?.abort.abort();
    const mine = { fromMs, toMs, abort: new AbortController() };
    this.loading = mine;
    const askedAt = this.serverNow();
    try {
      const pieces = await this.load(fromMs, toMs, mine.abort.signal);
      if (this.loading !== mine) return;
      this.pieces = pieces;
      this.error = null;
    } catch (error) {
      if (this.loading !== mine) return;
      this.error = error;
      this.pieces = [];
    }
    this.loading = null;
    this.fromMs = fromMs;
    this.toMs = toMs;
    this.loadedAtMs = askedAt;
    this.changed();
  }
}
