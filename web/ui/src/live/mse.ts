/**
 * Fragmented MP4 over a WebSocket into Media Source Extensions: any codec the browser knows, no UDP. A camera that sends
 * single JPEG pictures sends them over the same socket, and they are drawn one by one.
 */
import { serverOffset } from '../feed/clock';
import { pace, targetFor, type Range } from './pacing';
import { openScreen, type Screen } from './screen';
import { plausibleAge, type OnEnd, type StreamName, type Transport } from './transport';

const KEEP_BEHIND_S = 8;
/** After a beginning the picture jumps to now rather than hurries: a replayed GOP comes in several pieces. */
const SETTLE_MS = 1500;
const SETTLE_JUMP_S = 0.3;
const JPEG = 'image/jpeg';

/** The browser does not know the stream's codec: another try is of no use. */
export class UnplayableError extends Error {}

type SourceClass = typeof MediaSource;

/** Safari on phones has the managed kind only. */
function sourceClass(): SourceClass {
  const managed = (window as unknown as { ManagedMediaSource?: SourceClass }).ManagedMediaSource;
  const found = managed ?? window.MediaSource;
  if (!found) throw new UnplayableError('this browser has no MediaSource');
  return found;
}

function rangesOf(buffered: TimeRanges): Range[] {
  return Array.from({ length: buffered.length }, (_, i): Range => [buffered.start(i), buffered.end(i)]);
}

function joined(pieces: ArrayBuffer[]): ArrayBuffer {
  const only = pieces[0];
  if (only && pieces.length === 1) return only;
  const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.byteLength, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(new Uint8Array(piece), at);
    at += piece.byteLength;
  }
  return whole.buffer;
}

export function openMse(cameraId: number, stream: StreamName, video: HTMLVideoElement, onEnd: OnEnd): Transport {
  const Source = sourceClass();
  const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
  const socket = new WebSocket(`${scheme}://${location.host}/api/v1/cameras/${cameraId}/mse?stream=${stream}`);
  socket.binaryType = 'arraybuffer';
  let source: MediaSource | null = null;
  let buffer: SourceBuffer | null = null;
  let screen: Screen | null = null;
  let url = '';
  let queue: ArrayBuffer[] = [];
  let fragment_s = 1;
  let lastEnd_s: number | null = null;
  let begunAt = 0;
  let zero_ms: number | null = null;
  let closed = false;

  const end = (reason: unknown) => {
    if (closed) return;
    close();
    onEnd(reason);
  };

  const release = () => {
    if (url) URL.revokeObjectURL(url);
    url = '';
    source = null;
    buffer = null;
    queue = [];
    lastEnd_s = null;
    screen?.close();
    screen = null;
  };

  const feed = () => {
    if (!buffer || buffer.updating || source?.readyState !== 'open') return;
    const ranges = rangesOf(buffer.buffered);
    const first = ranges[0];
    if (first && first[0] < video.currentTime - KEEP_BEHIND_S * 2) {
      buffer.remove(0, video.currentTime - KEEP_BEHIND_S);
      return;
    }
    if (!queue.length) return;
    const pieces = queue;
    queue = [];
    try {
      buffer.appendBuffer(joined(pieces));
    } catch (error) {
      if (error instanceof DOMException && error.name === 'QuotaExceededError') {
        queue = pieces;
        buffer.remove(0, Math.max(0.1, video.currentTime - 1));
      } else {
        end(error);
      }
    }
  };

  const appended = () => {
    if (!buffer) return;
    const ranges = rangesOf(buffer.buffered);
    const newest = ranges.at(-1)?.[1];
    if (newest !== undefined) {
      if (lastEnd_s !== null && newest > lastEnd_s) fragment_s += (Math.min(10, newest - lastEnd_s) - fragment_s) * 0.3;
      else if (lastEnd_s === null) begunAt = performance.now();
      lastEnd_s = newest;
      steer(ranges);
    }
    feed();
  };

  const steer = (ranges: Range[]) => {
    const settling = performance.now() - begunAt < SETTLE_MS;
    const { rate, seek_s } = pace(video.currentTime, ranges, targetFor(fragment_s), settling ? SETTLE_JUMP_S : undefined);
    if (seek_s !== null && !video.seeking) video.currentTime = seek_s;
    if (video.playbackRate !== rate) video.playbackRate = rate;
    if (video.paused) void video.play().catch(() => undefined); // muted video may play; a refusal leaves the still picture
  };

  /** A stream that changed starts from scratch: its times need not go on from the old ones. */
  const begin = (mime: string) => {
    if (mime !== JPEG && !Source.isTypeSupported(mime)) {
      end(new UnplayableError(`this browser cannot play ${mime}`));
      return;
    }
    release();
    if (mime === JPEG) {
      video.removeAttribute('src');
      screen = openScreen(video);
      return;
    }
    const fresh = new Source();
    source = fresh;
    url = URL.createObjectURL(fresh);
    video.disableRemotePlayback = true;
    video.src = url;
    fresh.addEventListener(
      'sourceopen',
      () => {
        if (source !== fresh) return;
        buffer = fresh.addSourceBuffer(mime);
        buffer.addEventListener('updateend', appended);
        buffer.addEventListener('error', () => end(new Error('the fragments could not be read')));
        feed();
      },
      { once: true },
    );
  };

  socket.onmessage = (event: MessageEvent<string | ArrayBuffer>) => {
    if (typeof event.data === 'string') {
      const head = JSON.parse(event.data) as { mime?: string; zero_ms?: number };
      zero_ms = head.zero_ms ?? null;
      if (head.mime) begin(head.mime);
    } else if (screen) {
      screen.show(new Blob([event.data], { type: JPEG })).catch(() => undefined); // a broken picture; the next one comes
    } else {
      queue.push(event.data);
      feed();
    }
  };
  socket.onclose = (event) => end(new Error(event.reason || `connection closed (${event.code})`));

  const steering = setInterval(() => buffer && !buffer.updating && steer(rangesOf(buffer.buffered)), 500);

  function close(): void {
    if (closed) return;
    closed = true;
    clearInterval(steering);
    socket.onmessage = null;
    socket.onclose = null;
    socket.close();
    release();
    video.removeAttribute('src');
    video.load();
  }

  return {
    close,
    delay_s: () => {
      const newest = buffer && rangesOf(buffer.buffered).at(-1)?.[1];
      if (!newest) return Promise.resolve(null);
      const age_s = zero_ms === null ? null : plausibleAge((Date.now() + serverOffset() - zero_ms) / 1000 - video.currentTime);
      return Promise.resolve(age_s ?? Math.max(0, newest - video.currentTime));
    },
  };
}
