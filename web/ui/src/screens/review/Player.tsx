import { Camera as CameraIcon, CircleAlert, FastForward, Maximize2, Minimize2, SkipForward, Volume2 } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import type { Camera } from '../../api/types';
import { explain } from '../../app/errors';
import { serverNow } from '../../feed/clock';
import { named, useText } from '../../i18n';
import { sentence } from '../../said';
import { clock, duration, moment } from '../../i18n/format';
import { gapAt, type GapRow } from './gaps';
import type { Cell } from './grid';
import { Engine, type PlayerState } from './player/engine';
import { holeAt } from './player/pieces';
import { Sound } from './player/sound';
import type { Playhead } from './playhead';
import type { Item } from './item';
import { Marked } from './Marked';
import { messages } from './text';

export interface Mounted {
  camera: Camera;
  engine: Engine;
  video: HTMLVideoElement;
}

interface Props {
  camera: Camera;
  playhead: Playhead;
  cell: Cell;
  /** Its number on the keyboard, from 1. */
  position: number;
  large: boolean;
  alone: boolean;
  sounding: boolean;
  gaps: readonly GapRow[];
  onLarge: () => void;
  onNext: (atMs: number) => void;
  onAudio: (cameraId: number, has: boolean) => void;
  /** What was chosen, where this camera saw it: its box is drawn. */
  marked: Item | null;
  /** Tells the screen of this player, for steps and pictures; returns what takes it back. */
  mount: (player: Mounted) => () => void;
}

const TEXT_MS = 100;

/** One camera's recording, kept at the playhead. What is missing is said, with its reason, not skipped in silence. */
export function Player(props: Props) {
  const { camera, playhead, cell, position, large, alone, sounding, gaps, onLarge, onNext, onAudio, marked, mount } = props;
  const t = messages.use();
  const video = useRef<HTMLVideoElement>(null);
  const audio = useRef<HTMLAudioElement>(null);
  const time = useRef<HTMLTimeElement>(null);
  const figure = useRef<HTMLElement>(null);
  const [engine, setEngine] = useState<Engine | null>(null);
  const [state, setState] = useState<PlayerState | null>(null);

  useEffect(() => {
    const node = video.current;
    if (!node) return;
    const made: Engine = new Engine(camera.id, node, playhead, serverNow, () => setState(made.state));
    setEngine(made);
    setState(made.state);
    const unmount = mount({ camera, engine: made, video: node });
    const timer = setInterval(() => {
      if (time.current) time.current.textContent = made.state.phase === 'playing' ? clock(made.shownMs()) : '';
      if (!figure.current) return;
      figure.current.dataset['jump'] = String(made.jumpSeen);
      figure.current.dataset['seekMs'] = made.seek_ms === null ? '' : String(Math.round(made.seek_ms));
    }, TEXT_MS);
    return () => {
      clearInterval(timer);
      unmount();
      made.close();
    };
    // A player belongs to its camera for good; `mount` only hands it over.
  }, [camera.id, playhead]);

  const hasAudio = state?.audio ?? false;
  useEffect(() => {
    onAudio(camera.id, hasAudio);
    return () => onAudio(camera.id, false);
  }, [camera.id, hasAudio, onAudio]);
  useEffect(() => {
    if (!sounding || !audio.current) return;
    const sound = new Sound(camera.id, audio.current, playhead);
    return () => sound.close();
  }, [sounding, camera.id, playhead]);

  const phase = state?.phase ?? 'loading';
  const name = named(t.language, camera);
  return (
    <figure
      ref={figure}
      className="rv-player"
      data-testid="recording-video"
      data-phase={phase}
      data-camera-id={camera.id}
      data-keys={state?.keys ?? false}
      style={{ gridColumn: `${cell.column} / span ${cell.span}`, gridRow: `${cell.row} / span ${cell.span}` }}
      onDoubleClick={onLarge}
    >
      <video ref={video} muted playsInline preload="auto" aria-label={name} />
      {marked && video.current && phase === 'playing' && <Marked item={marked} playhead={playhead} video={video.current} />}
      {sounding && <audio ref={audio} data-testid="sound" />}
      <figcaption>
        {!alone && <kbd>{position}</kbd>}
        <CameraIcon size={14} aria-hidden />
        <span className="ellipsis">{name}</span>
        <time ref={time} />
        {sounding && <Volume2 size={14} aria-label={t('review.sound_on')} />}
      </figcaption>
      {!alone && (
        <button
          type="button"
          className="rv-enlarge"
          aria-pressed={large}
          aria-label={t(large ? 'review.shrink' : 'review.enlarge', { name })}
          title={`${t(large ? 'review.shrink' : 'review.enlarge', { name })} (${position})`}
          onClick={onLarge}
        >
          {large ? <Minimize2 size={16} aria-hidden /> : <Maximize2 size={16} aria-hidden />}
        </button>
      )}
      {state?.keys && phase === 'playing' && (
        <p className="rv-badge">
          <FastForward size={14} aria-hidden />
          {t(state.strained ? 'review.player.strained' : 'review.player.keys')}
        </p>
      )}
      {phase === 'gap' && engine && <Gap engine={engine} playhead={playhead} gaps={gaps} onNext={onNext} />}
      {phase === 'failed' && <Failed error={state?.error} />}
      {(phase === 'loading' || phase === 'edge') && <p className="rv-state">{t(`review.player.${phase}`)}</p>}
      {phase === 'converting' && (
        <p className="rv-state">
          {t('review.player.converting')}
          <progress max={1} value={state?.converted ?? 0} aria-label={t('review.player.converting')} />
        </p>
      )}
    </figure>
  );
}

function Gap({ engine, playhead, gaps, onNext }: { engine: Engine; playhead: Playhead; gaps: readonly GapRow[]; onNext: (atMs: number) => void }) {
  const t = messages.use();
  const shared = useText();
  const now = playhead.now();
  const gap = gapAt(gaps, holeAt(engine.pieces, now), now);
  const { fromMs, toMs } = gap;
  const reason = gap.reason && shared.maybe(`gap_reason.${gap.reason}`);
  return (
    <div className="rv-gap" role="status" data-testid="gap" data-reason={gap.reason ?? ''}>
      <strong>{t('review.player.gap')}</strong>
      {reason && <span>{reason}</span>}
      {gap.detail && <span className="detail">{sentence(shared.language, gap.detail, gap.why)}</span>}
      <span>
        {fromMs !== null && toMs !== null
          ? t('review.gap.between', { from: moment(fromMs), to: clock(toMs), length: duration((toMs - fromMs) / 1000, t.language) })
          : fromMs !== null
            ? t('review.gap.since', { from: moment(fromMs) })
            : toMs !== null
              ? t('review.gap.until', { to: moment(toMs) })
              : t('review.gap.nothing')}
      </span>
      {toMs !== null && (
        <button type="button" className="button" onClick={() => onNext(toMs)} data-testid="gap-next">
          <SkipForward size={16} aria-hidden />
          {t('review.gap.next', { at: clock(toMs) })}
          <kbd>N</kbd>
        </button>
      )}
    </div>
  );
}

function Failed({ error }: { error: unknown }) {
  const t = messages.use();
  const text = explain(error, useText());
  return (
    <div className="rv-gap" role="alert">
      <strong>
        <CircleAlert size={16} aria-hidden /> {t('review.player.failed')}
      </strong>
      <span>{text.what}</span>
      {text.thing && <span className="detail">{text.thing}</span>}
      <span>{t('review.player.failed_hint')}</span>
    </div>
  );
}
