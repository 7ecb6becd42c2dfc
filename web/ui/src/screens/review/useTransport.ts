/** What buttons and keys do with the moment. */
import { useRef } from 'react';
import type { Camera } from '../../api/types';
import { showError } from '../../components/toasts';
import { serverNow } from '../../feed/clock';
import type { Transport } from './Controls';
import { nextRecorded, previousRecorded } from './gaps';
import type { Mounted } from './Player';
import { stepRate, type Marks, type Playhead } from './playhead';
import type { TimelineRows } from './rows';
import { pictureName, savePicture } from './snapshot';

/** What a step means where no frame's time is known. */
const BLIND_STEP_MS = 40;
const BEFORE_END_MS = 5_000;

interface Around {
  playhead: Playhead;
  rows: TimelineRows | null;
  /** The camera that steps and pictures are about: the enlarged one, else the first. */
  first: Camera | undefined;
  players: ReadonlyMap<number, Mounted>;
  stretch: Marks | null;
  seek: (atMs: number) => void;
  setSound: (change: (on: boolean) => boolean) => void;
  help: () => void;
}

export interface FullTransport extends Transport {
  faster: (by: 1 | -1) => void;
}

export function useTransport(around: Around): FullTransport {
  const latest = useRef(around);
  latest.current = around;
  const stepping = useRef(false);
  const made = useRef<FullTransport | null>(null);
  made.current ??= build(latest, stepping);
  return made.current;
}

function build(latest: { readonly current: Around }, stepping: { current: boolean }): FullTransport {
  const recorded = () => latest.current.rows?.cameras.map((row) => row.recorded) ?? [];
  const now = () => latest.current.playhead.now();
  const frame = async (by: 1 | -1) => {
    const { playhead, first, players } = latest.current;
    const player = first && players.get(first.id);
    if (stepping.current || !player) return;
    stepping.current = true;
    try {
      playhead.play(false);
      const target = await player.engine.step(playhead.now(), by);
      playhead.seek(target ?? playhead.now() + by * BLIND_STEP_MS);
    } catch (error) {
      showError(error, first.code);
    } finally {
      stepping.current = false;
    }
  };
  return {
    play: () => {
      const { playhead } = latest.current;
      playhead.play(!playhead.get().playing);
    },
    backward: () => {
      const { playhead } = latest.current;
      const { playing, rate } = playhead.get();
      // The second press stops, and the next play goes forward again.
      if (rate > 0 || !playing) {
        playhead.setRate(rate < 0 ? rate : -1);
        playhead.play(true);
      } else {
        playhead.play(false);
        playhead.setRate(1);
      }
    },
    jump: (seconds) => latest.current.seek(now() + seconds * 1000),
    frame: (by) => void frame(by),
    setRate: (rate) => latest.current.playhead.setRate(rate),
    faster: (by) => latest.current.playhead.setRate(stepRate(latest.current.playhead.get().rate, by)),
    nextRecording: () => {
      const next = nextRecorded(recorded(), now());
      if (next !== null) latest.current.seek(next);
    },
    previousRecording: () => {
      const previous = previousRecorded(recorded(), now());
      if (previous !== null) latest.current.seek(previous);
    },
    newest: () => {
      // The rows may show another day: the present is where the newest footage is looked for.
      const ends = recorded().flatMap((spans) => spans.map((each) => Date.parse(each.end_at)));
      const newest = Math.max(...ends, 0);
      latest.current.seek((newest > serverNow() - 120_000 ? newest : serverNow() - 10_000) - BEFORE_END_MS);
    },
    toggleLoop: () => {
      const { playhead, stretch } = latest.current;
      if (playhead.get().loop) playhead.setLoop(null);
      else if (stretch) {
        playhead.setLoop(stretch);
        if (now() < stretch.fromMs || now() > stretch.toMs) latest.current.seek(stretch.fromMs);
      }
    },
    toggleSound: () => latest.current.setSound((on) => !on),
    snapshot: () => {
      const { first, players } = latest.current;
      const player = first && players.get(first.id);
      if (!player) return;
      savePicture(player.video, pictureName(first.code, player.engine.shownMs())).catch((error: unknown) => showError(error));
    },
    help: () => latest.current.help(),
  };
}
