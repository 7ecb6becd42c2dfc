/** Fragmented MP4 over a WebSocket into Media Source Extensions: any codec the browser knows, no UDP. */
import { pace, targetFor, type Range } from './pacing';
import type { OnEnd, Transport } from './transport';

const KEEP_BEHIND_S = 8;

type SourceClass = typeof MediaSource;

/** Safari on phones has the managed kind only. */
function sourceClass(): SourceClass {
  const managed = (window as unknown as { ManagedMediaSource?: SourceClass }).ManagedMediaSource;
  const found = managed ?? window.MediaSource;
  if (!found) throw new Error('this browser has no MediaSource');
  return found;
}

function rangesOf(buffered: TimeRanges): Range[] {
  return Array.from({ length: buffered.length }, (_, i): Range => [buffered.start(i), buffered.end(i)]);
}

export function openMse(cameraId: number, video: HTMLVideoElement, onEnd: OnEnd): Transport {
  const Source = sourceClass();
  const socket = new WebSocket(`${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/api/v1/cameras/${cameraId}/mse`);
  socket.binaryType = 'arraybuffer';
  let source: MediaSource | null = null;
  let buffer: SourceBuffer | null = null;
  let url = '';
  let queue: ArrayBuffer[] = [];
  let fragment_s = 1;
  let lastEnd_s: number | null = null;
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
  };

  const feed = () => {
    if (!buffer || buffer.updating || source?.readyState !== 'open') return;
    const ranges = rangesOf(buffer.buffered);
    const first = ranges[0];
    if (first && first[0] < video.currentTime - KEEP_BEHIND_S * 2) {
      buffer.remove(0, video.currentTime - KEEP_BEHIND_S);
      return;
    }
    const next = queue.shift();
    if (!next) return;
    try {
      buffer.appendBuffer(next);
    } catch (error) {
      if (error instanceof DOMException && error.name === 'QuotaExceededError') {
        queue.unshift(next);
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
      lastEnd_s = newest;
      steer(ranges);
    }
    feed();
  };

  const steer = (ranges: Range[]) => {
    const { rate, seek_s } = pace(video.currentTime, ranges, targetFor(fragment_s));
    if (seek_s !== null && !video.seeking) video.currentTime = seek_s;
    if (video.playbackRate !== rate) video.playbackRate = rate;
    if (video.paused) void video.play().catch(() => undefined); // muted video may play; a refusal leaves the still picture
  };

  /** A stream that changed starts from scratch: its times need not go on from the old ones. */
  const begin = (mime: string) => {
    if (!Source.isTypeSupported(mime)) {
      end(new Error(`this browser cannot play ${mime}`));
      return;
    }
    release();
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
      const { mime } = JSON.parse(event.data) as { mime?: string };
      if (mime) begin(mime);
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
      return Promise.resolve(newest ? Math.max(0, newest - video.currentTime) : null);
    },
  };
}
