/** Brings pieces of a recording into the browser's buffer and remembers the times of their frames. */
import { toMediaS, type Piece } from './pieces';
import { timesOf } from './boxes';
import * as footage from './footage';
import { FrameTable } from './frames';
import { KeyFrames, type KeyWindow } from './keyFrames';
import { canPlay, MediaTrack } from './media';
import { moved, place, placePiece } from './place';
import { isBuffered, type Range } from './plan';

const FILE_TIMESCALE = 90_000;
/** What the server converts to: H.264 High, any level that a browser accepts. */
const CONVERTED = 'avc1.640033';
const JITTER_MS = 120;
const mimeOf = (codec: string) => `video/mp4; codecs="${codec}"`;

export class Loader {
  readonly frames = new FrameTable();
  readonly keyFrames = new KeyFrames();
  /** Share of what is being converted that has arrived, 0 … 1. */
  converted = 0;
  private readonly track: MediaTrack;
  private readonly appended = new Map<string, { piece: Piece; times: number }>();
  private begun = '';
  private serial = 0;

  constructor(
    private readonly cameraId: number,
    video: HTMLVideoElement,
  ) {
    this.track = new MediaTrack(video);
  }

  /** Whether this browser can play the piece as it was recorded. */
  direct(piece: Piece): boolean {
    return canPlay(mimeOf(piece.codec));
  }

  /** Whether a piece's pictures lie ready. */
  has(piece: Piece): boolean {
    const times = this.appended.get(piece.key)?.times ?? 0;
    // A piece that is not all there after two attempts is not what the index says; what there is of it is shown.
    return times >= 2 || (times > 0 && this.held(piece));
  }

  /** Fetches pieces that lie one after another in one file. */
  async take(run: readonly Piece[], signal: AbortSignal): Promise<void> {
    const first = run[0] as Piece;
    const [init, videos] = await Promise.all([footage.initOf(first.fileId), footage.videoOf(run, signal)]);
    for (const [i, piece] of run.entries()) {
      const shown: number[] = [];
      let off: number | null = null;
      for (const bytes of videos[i] as Uint8Array[]) {
        const times = timesOf(bytes);
        // The index says when the piece begins; its further fragments follow by the file's own clock.
        off ??= placePiece(times, FILE_TIMESCALE, piece.startMs).offsetMs;
        await this.begin(`${piece.fileId}`, mimeOf(piece.codec), init, off);
        await this.track.append(bytes);
        shown.push(...moved(times, FILE_TIMESCALE, off).shownMs);
      }
      this.frames.put(piece.key, shown);
      this.count(piece);
    }
  }

  /** Has pieces converted that this browser cannot play; `progress` is called after every fragment. */
  async convert(run: readonly Piece[], signal: AbortSignal, progress: () => void): Promise<void> {
    const first = run[0] as Piece;
    const last = run[run.length - 1] as Piece;
    const left = new Set(run);
    this.converted = 0;
    for await (const at of this.stream(footage.transcoded(this.cameraId, first.startMs, last.endMs, signal), mimeOf(CONVERTED), first.startMs)) {
      this.frames.put(`converted:${this.serial++}`, at.shownMs);
      this.converted = Math.min(1, (at.endMs - first.startMs) / (last.endMs - first.startMs));
      for (const piece of left) {
        if (piece.endMs > at.endMs + JITTER_MS) break;
        this.count(piece);
        left.delete(piece);
      }
      progress();
    }
    left.forEach((piece) => this.count(piece));
  }

  /** Fetches a stretch of key frames; `codec` is the recording's. */
  async takeKeys(window: KeyWindow, codec: string, signal: AbortSignal): Promise<void> {
    for await (const at of this.stream(footage.keys(this.cameraId, window, signal), mimeOf(codec), window.fromMs)) this.keyFrames.put(at.shownMs);
    this.keyFrames.covered(window);
  }

  /** Empties the buffer, for another kind of pictures. */
  clear(): void {
    this.frames.clear();
    this.keyFrames.clear();
    this.appended.clear();
    this.begun = '';
    void this.track.forget([0, Infinity]).catch(() => undefined); // an empty buffer needs no emptying
  }

  /** The browser may have thrown pieces away for want of room: those are fetched anew. */
  retry(): void {
    for (const [key, { piece }] of this.appended) if (!this.held(piece)) this.appended.delete(key);
  }

  ranges(): Range[] {
    return this.track.ranges();
  }

  async forget(range: Range, keepFromMs: number, keepToMs: number): Promise<void> {
    this.frames.keep(keepFromMs, keepToMs);
    for (const [key, { piece }] of this.appended) {
      if (toMediaS(piece.endMs) > range[0] && toMediaS(piece.startMs) < range[1]) this.appended.delete(key);
    }
    await this.track.forget(range);
  }

  close(): void {
    this.track.close();
  }

  private async *stream(parts: Promise<AsyncIterable<footage.Part>>, mime: string, expectedMs: number) {
    let init: Uint8Array | null = null;
    let name = '';
    for await (const part of await parts) {
      if (part.times === null) {
        init = part.bytes;
        name = `stream:${this.serial++}`;
      } else if (init) {
        const at = place(part.times, part.timescale, expectedMs);
        await this.begin(name, mime, init, at.offsetMs);
        await this.track.append(part.bytes);
        yield at;
      }
    }
  }

  private async begin(name: string, mime: string, init: Uint8Array, offsetMs: number): Promise<void> {
    const begun = `${name}@${offsetMs}`;
    if (begun === this.begun) return;
    await this.track.begin(mime, init, offsetMs / 1000);
    this.begun = begun;
  }

  private held(piece: Piece): boolean {
    return isBuffered(this.track.ranges(), toMediaS(piece.startMs), toMediaS(piece.endMs));
  }

  private count(piece: Piece): void {
    this.appended.set(piece.key, { piece, times: (this.appended.get(piece.key)?.times ?? 0) + 1 });
  }
}
