/** The sound of one camera, kept at the common moment beside its silent picture. The server makes AAC of whatever was recorded. */
import type { Playhead } from '../playhead';
import { steer } from './follow';
import { audio } from './footage';
import { canPlay, MediaTrack } from './media';
import { toMediaS } from './pieces';
import { place } from './place';

const WINDOW_MS = 20_000;
const LEAD_S = 8;
const KEEP_S = 20;
const TICK_MS = 100;
/** After a window without sound, or a failure, the next attempt. */
const AGAIN_MS = 5_000;
/** Speech is not understood outside of this. */
const [SLOWEST, FASTEST] = [0.5, 2];

export class Sound {
  private readonly track: MediaTrack;
  private readonly timer: ReturnType<typeof setInterval>;
  private abort: AbortController | null = null;
  private notBefore = 0;
  private jump = -1;
  private serial = 0;

  constructor(
    private readonly cameraId: number,
    private readonly element: HTMLAudioElement,
    private readonly playhead: Playhead,
  ) {
    this.track = new MediaTrack(element);
    this.timer = setInterval(() => this.tick(), TICK_MS);
  }

  close(): void {
    clearInterval(this.timer);
    this.abort?.abort();
    this.track.close();
  }

  private tick(): void {
    const { element, playhead, track } = this;
    const { jump, playing, rate } = playhead.get();
    if (jump !== this.jump) {
      this.jump = jump;
      this.notBefore = 0;
    }
    const now_s = toMediaS(playhead.now());
    const range = track.ranges().find(([from, to]) => from <= now_s + 0.05 && now_s < to);
    const audible = playing && playhead.running && rate >= SLOWEST && rate <= FASTEST;
    if (!audible || !range) {
      if (!element.paused) element.pause();
    } else {
      if (element.paused) void element.play().catch(() => undefined); // a browser that wants a gesture first gets one by the next key
      const { rate: speed, jump: far } = steer(now_s - element.currentTime, rate);
      if (far && !element.seeking) element.currentTime = now_s;
      else if (!far && Math.abs(element.playbackRate - speed) > 0.01) element.playbackRate = speed;
    }
    const lead_s = range ? range[1] - now_s : 0;
    if (audible || (playing && rate === 1)) void this.load(range ? range[1] : now_s, lead_s);
  }

  private async load(from_s: number, lead_s: number): Promise<void> {
    const { track } = this;
    if (this.abort || lead_s > LEAD_S || performance.now() < this.notBefore) return;
    const abort = new AbortController();
    this.abort = abort;
    const fromMs = this.playhead.now() + lead_s * 1000;
    try {
      let init: Uint8Array | null = null;
      let begun = '';
      let any = false;
      const answer = await audio(this.cameraId, fromMs, fromMs + WINDOW_MS, abort.signal);
      for await (const part of answer && canPlay(answer.mime) ? answer.parts : []) {
        if (part.times === null) init = part.bytes;
        else if (init) {
          const at = place(part.times, part.timescale, fromMs);
          const name = `${this.serial}@${at.offsetMs}`;
          if (name !== begun) await track.begin(answer?.mime ?? '', init, at.offsetMs / 1000);
          begun = name;
          await track.append(part.bytes);
          any = true;
        }
      }
      if (!any) this.notBefore = performance.now() + AGAIN_MS;
      if (from_s > 2 * KEEP_S) await track.forget([0, Math.max(0, toMediaS(this.playhead.now()) - KEEP_S)]);
    } catch {
      // No sound is no reason to stop the picture; it is asked for again.
      this.notBefore = performance.now() + AGAIN_MS;
    } finally {
      this.serial += 1;
      this.abort = null;
    }
  }
}
