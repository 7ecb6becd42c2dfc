/** The newest key frame once a second, made into JPEG by the server: for a codec that this browser does not play. */
import { send } from '../api/client';
import { openScreen } from './screen';
import type { OnEnd, StreamName, Transport } from './transport';

const EVERY_MS = 1000;

export function openStills(cameraId: number, stream: StreamName, video: HTMLVideoElement, onEnd: OnEnd): Transport {
  const screen = openScreen(video);
  const abort = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const close = () => {
    clearTimeout(timer);
    abort.abort();
    screen.close();
  };
  const next = async () => {
    try {
      // The browser asks with If-None-Match by itself: the same picture is not made or sent twice.
      const answer = await send(`/cameras/${cameraId}/snapshot.jpg`, { query: { stream }, headers: { accept: 'image/jpeg' }, signal: abort.signal });
      await screen.show(await answer.blob());
      timer = setTimeout(() => void next(), EVERY_MS);
    } catch (error) {
      if (abort.signal.aborted) return;
      close();
      onEnd(error);
    }
  };
  void next();
  return { close, delay_s: () => Promise.resolve(null) };
}
