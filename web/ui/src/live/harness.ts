/**
 * The player alone on an empty page, for measurements and browser tests: the same code as on the screens, without the
 * map beside it. Bundled by `bench/live_page.py`; the interface itself does not contain it.
 */
import { createElement, useEffect, useRef } from 'react';
import { createRoot } from 'react-dom/client';
import { setCsrf } from '../api/client';
import { LiveSession, type LiveState } from './session';
import type { StreamName } from './transport';
import { useVisible } from './useVisible';

interface Watch {
  video: HTMLVideoElement;
  /** Every way that was tried, in order. */
  ways: string[];
  state: LiveState | null;
  /** From `open` to the first picture that was composed, and to the state that uncovers it; ms. */
  first_ms: number | null;
  playing_ms: number | null;
  /** From the time drawn into a picture to the moment it was composed, ms. */
  delays_ms: number[];
  frames: number;
  close: () => void;
}

type ReadClock = (video: HTMLVideoElement) => number | null;
const PERIOD_MS = 1 << 20;

function open(cameraId: number, stream: StreamName, csrf: string): Watch {
  setCsrf(csrf);
  const video = document.createElement('video');
  video.muted = video.autoplay = video.playsInline = true;
  video.width = 960;
  document.body.append(video);
  const begun = performance.now();
  const readClock = (window as unknown as { readClock?: ReadClock }).readClock;
  const watch: Watch = {
    video, ways: [], state: null, first_ms: null, playing_ms: null, delays_ms: [], frames: 0,
    close: () => {
      session.close();
      video.remove();
    },
  };
  const onFrame = () => {
    watch.first_ms ??= performance.now() - begun;
    watch.frames += 1;
    const now = Date.now();
    const drawn = readClock?.(video) ?? null;
    if (drawn !== null) watch.delays_ms.push((((now - drawn) % PERIOD_MS) + PERIOD_MS) % PERIOD_MS);
    video.requestVideoFrameCallback(onFrame);
  };
  video.requestVideoFrameCallback(onFrame);
  const session = new LiveSession(
    cameraId,
    video,
    (state) => {
      if (watch.ways.at(-1) !== state.via) watch.ways.push(state.via);
      if (state.phase === 'playing') watch.playing_ms ??= performance.now() - begun;
      watch.state = state;
    },
    stream,
  );
  return watch;
}

function Box({ cameraId, csrf }: { cameraId: number; csrf: string }) {
  const box = useRef<HTMLDivElement>(null);
  const visible = useVisible(box);
  useEffect(() => {
    if (!visible || !box.current) return;
    const watch = open(cameraId, 'sub', csrf);
    box.current.append(watch.video);
    return watch.close;
  }, [cameraId, csrf, visible]);
  return createElement('div', { ref: box, style: { height: 300, overflow: 'hidden' } });
}

/** Pictures below each other on a page that scrolls; each plays while it can be seen. */
function column(cameraIds: number[], csrf: string): void {
  const root = document.createElement('div');
  document.body.append(root);
  createRoot(root).render(cameraIds.map((cameraId, key) => createElement(Box, { key, cameraId, csrf })));
}

Object.assign(window, { wanglouLive: { open, column, watches: [] as Watch[] } });
