import Hls from 'hls.js';
import { Camera as CameraIcon } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { recordings } from '../../api/endpoints';
import type { Camera } from '../../api/types';
import { named } from '../../i18n';
import { clock } from '../../i18n/format';
import { messages } from './text';
import type { Playhead } from './playhead';
import { usePlayhead } from './playhead';

/** A playlist covers this much around the moment; a jump beyond it loads another. */
const BEFORE_MS = 120_000;
const AFTER_MS = 600_000;
const FOLLOW_EVERY_MS = 200;
const DRIFT_S = 0.25;
const JUMP_S = 1.5;

interface Props {
  camera: Camera;
  playhead: Playhead;
}

type Phase = 'loading' | 'playing' | 'gap' | 'failed';

/** One camera's recording, kept at the playhead. Gaps in the recording are said, not skipped in silence. */
export function RecordingPlayer({ camera, playhead }: Props) {
  const t = messages.use();
  const video = useRef<HTMLVideoElement>(null);
  const hls = useRef<Hls | null>(null);
  const covers = useRef({ fromMs: 0, toMs: 0 });
  const [phase, setPhase] = useState<Phase>('loading');
  const [shownMs, setShownMs] = useState<number | null>(null);
  const { jump, playing, rate } = usePlayhead(playhead);

  const load = (atMs: number) => {
    const node = video.current;
    if (!node) return;
    hls.current?.destroy();
    covers.current = { fromMs: atMs - BEFORE_MS, toMs: atMs + AFTER_MS };
    setPhase('loading');
    const player = new Hls({ maxBufferLength: 20, backBufferLength: 60, enableWorker: false, startPosition: -1, autoStartLoad: false });
    hls.current = player;
    player.on(Hls.Events.LEVEL_LOADED, (_name, { details }) => {
      const position = positionOf(details.fragments, playhead.now());
      if (position === null) setPhase('gap');
      else {
        player.startLoad(position);
        node.currentTime = position;
      }
    });
    player.on(Hls.Events.ERROR, (_name, data) => {
      if (!data.fatal) return;
      const nothing = data.response?.code === 404;
      setPhase(nothing ? 'gap' : 'failed');
    });
    player.loadSource(
      recordings.playlistUrl(camera.id, new Date(covers.current.fromMs).toISOString(), new Date(covers.current.toMs).toISOString()),
    );
    player.attachMedia(node);
  };

  useEffect(() => {
    load(playhead.now());
    return () => {
      hls.current?.destroy();
      hls.current = null;
    };
    // A new camera or a jump; the playlist is loaded anew only when the jump leaves it.
  }, [camera.id]);

  useEffect(() => {
    if (jump === 0) return;
    const atMs = playhead.now();
    const { fromMs, toMs } = covers.current;
    const fragments = currentFragments(hls.current);
    const position = fragments && positionOf(fragments, atMs);
    if (atMs < fromMs || atMs > toMs - 5000 || !fragments) load(atMs);
    else if (position === null) setPhase('gap');
    else if (video.current) {
      video.current.currentTime = position ?? 0;
      setPhase('playing');
    }
  }, [jump]);

  useEffect(() => {
    const node = video.current;
    if (!node) return;
    const follow = () => {
      const atMs = playhead.now();
      const fragments = currentFragments(hls.current);
      if (!fragments) return;
      if (atMs > covers.current.toMs - 10_000) {
        load(atMs);
        return;
      }
      const position = positionOf(fragments, atMs);
      if (position === null) {
        node.pause();
        setPhase('gap');
        return;
      }
      setPhase(node.readyState >= 2 ? 'playing' : 'loading');
      setShownMs(momentOf(fragments, node.currentTime));
      const behind = position - node.currentTime;
      if (!playhead.get().playing) {
        if (!node.paused) node.pause();
        if (Math.abs(behind) > 0.04 && !node.seeking) node.currentTime = position;
        return;
      }
      if (node.paused) void node.play().catch(() => undefined); // a play that a seek interrupts is repeated by the next round
      if (Math.abs(behind) > JUMP_S * Math.max(1, playhead.get().rate)) {
        if (!node.seeking) node.currentTime = position;
      } else {
        node.playbackRate = Math.min(16, playhead.get().rate * (behind > DRIFT_S ? 1.1 : behind < -DRIFT_S ? 0.9 : 1));
      }
    };
    const timer = setInterval(follow, FOLLOW_EVERY_MS);
    return () => clearInterval(timer);
  }, [camera.id, playing, rate]);

  // While a picture is being fetched the clock waits, so that a slow disk never skips what somebody wants to see.
  useEffect(() => (phase === 'loading' && playing ? playhead.hold() : undefined), [phase, playing]);

  return (
    <figure className="rv-player" data-testid="recording-video" data-phase={phase} data-camera-id={camera.id}>
      <video ref={video} muted playsInline aria-label={named(t.language, camera)} />
      <figcaption>
        <CameraIcon size={14} aria-hidden />
        <span className="ellipsis">{named(t.language, camera)}</span>
        {shownMs !== null && phase !== 'gap' && <time>{clock(shownMs)}</time>}
      </figcaption>
      {phase !== 'playing' && <p className="rv-state">{t(`review.player.${phase}`)}</p>}
    </figure>
  );
}

interface Piece {
  start: number;
  duration: number;
  programDateTime: number | null;
}

function currentFragments(player: Hls | null): readonly Piece[] | null {
  const details = player?.levels[Math.max(0, player.currentLevel)]?.details ?? player?.latestLevelDetails;
  return details ? details.fragments : null;
}

/** Playlist seconds of a moment, or null where nothing was recorded then. */
export function positionOf(fragments: readonly Piece[], atMs: number): number | null {
  for (const piece of fragments) {
    const start = piece.programDateTime;
    if (start !== null && start <= atMs && atMs < start + piece.duration * 1000) {
      return piece.start + (atMs - start) / 1000;
    }
  }
  return null;
}

/** The moment that a playlist second shows. */
export function momentOf(fragments: readonly Piece[], second: number): number | null {
  for (const piece of fragments) {
    if (piece.programDateTime !== null && piece.start <= second && second < piece.start + piece.duration) {
      return piece.programDateTime + (second - piece.start) * 1000;
    }
  }
  return null;
}
