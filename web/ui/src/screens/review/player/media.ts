/** One `MediaSource` with one `SourceBuffer` whose operations stand in line, on a time line that never restarts. */
import type { Range } from './plan';

/** Seconds after 2020; the end of the time line, so that any moment can be sought. */
const LONGEST_S = 4e9;

type SourceClass = typeof MediaSource;

/** Safari on phones has the managed kind only. */
export function sourceClass(): SourceClass | null {
  return (window as unknown as { ManagedMediaSource?: SourceClass }).ManagedMediaSource ?? window.MediaSource ?? null;
}

export function canPlay(mime: string): boolean {
  return sourceClass()?.isTypeSupported(mime) ?? false;
}

export class MediaTrack {
  private readonly source: MediaSource;
  private readonly url: string;
  private buffer: SourceBuffer | null = null;
  private mime = '';
  private offset_s = 0;
  private line: Promise<void>;
  private closed = false;

  constructor(private readonly element: HTMLMediaElement) {
    const Source = sourceClass();
    if (!Source) throw new Error('this browser has no MediaSource');
    this.source = new Source();
    this.url = URL.createObjectURL(this.source);
    this.line = new Promise((resolve) => this.source.addEventListener('sourceopen', () => resolve(), { once: true }));
    element.disableRemotePlayback = true;
    element.src = this.url;
  }

  /** What the browser holds. */
  ranges(): Range[] {
    if (!this.buffer || this.source.readyState === 'closed') return [];
    const { buffered } = this.buffer;
    return Array.from({ length: buffered.length }, (_, i): Range => [buffered.start(i), buffered.end(i)]);
  }

  /** Starts a stretch of another format or another offset of its clock; `offset_s` is added to the times in the data. */
  begin(mime: string, init: Uint8Array, offset_s: number): Promise<void> {
    return this.then(async () => {
      if (!this.buffer) {
        this.buffer = this.source.addSourceBuffer(mime);
        this.source.duration = LONGEST_S;
        this.mime = mime;
      } else if (mime !== this.mime) {
        this.buffer.changeType(mime);
        this.mime = mime;
      }
      if (offset_s !== this.offset_s) {
        this.buffer.abort(); // an offset is taken only between whole fragments
        this.buffer.timestampOffset = offset_s;
        this.offset_s = offset_s;
      }
      await this.put(init);
    });
  }

  append(data: Uint8Array): Promise<void> {
    return this.then(() => this.put(data));
  }

  forget([from_s, to_s]: Range): Promise<void> {
    return this.then(async () => {
      if (!this.buffer || to_s <= from_s) return;
      await this.settled(() => this.buffer?.remove(from_s, to_s));
    });
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    URL.revokeObjectURL(this.url);
    this.element.removeAttribute('src');
    this.element.load();
  }

  private then(step: () => Promise<void>): Promise<void> {
    const done = this.line.then(() => (this.closed ? undefined : step()));
    this.line = done.catch(() => undefined); // whoever asked for the step hears of its failure; the next one goes on
    return done;
  }

  private async put(data: Uint8Array): Promise<void> {
    try {
      await this.settled(() => this.buffer?.appendBuffer(data as Uint8Array<ArrayBuffer>));
    } catch (error) {
      if (!(error instanceof DOMException) || error.name !== 'QuotaExceededError' || !this.buffer) throw error;
      // Full: what has been seen goes first, then what is far ahead.
      const now = this.element.currentTime;
      await this.settled(() => this.buffer?.remove(0, Math.max(0.1, now - 2)));
      await this.settled(() => this.buffer?.remove(now + 10, Infinity));
      await this.settled(() => this.buffer?.appendBuffer(data as Uint8Array<ArrayBuffer>));
    }
  }

  private settled(step: () => void): Promise<void> {
    const { buffer } = this;
    if (!buffer) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const ended = () => {
        buffer.removeEventListener('updateend', ended);
        buffer.removeEventListener('error', failed);
        resolve();
      };
      const failed = () => {
        buffer.removeEventListener('updateend', ended);
        buffer.removeEventListener('error', failed);
        reject(new Error(this.element.error?.message || 'the browser could not read the recording'));
      };
      buffer.addEventListener('updateend', ended);
      buffer.addEventListener('error', failed);
      try {
        step();
      } catch (error) {
        buffer.removeEventListener('updateend', ended);
        buffer.removeEventListener('error', failed);
        reject(error instanceof Error ? error : new Error(String(error)));
      }
    });
  }
}
