import { Maximize2, VideoOff } from 'lucide-react';
import { useEffect, useRef, useState, type ReactNode } from 'react';
import { cameras } from '../api/endpoints';
import type { Camera } from '../api/types';
import { Age } from '../components/small';
import { serverOffset, useServerNow } from '../feed/clock';
import { named, useLanguage, useText } from '../i18n';
import { age, clock, day } from '../i18n/format';
import { frozenFor_s, takenAt } from './freshness';
import './live.css';
import { silent } from './problem';
import { sentence } from '../said';
import { LiveSession, NOT_BEGUN } from './session';
import type { StreamName } from './transport';
import { useVisible } from './useVisible';

interface Props {
  camera: Camera;
  /** Drawn over the picture: a box, a caption. */
  children?: ReactNode;
  /** In the title bar, after the name. */
  actions?: ReactNode;
  /** In the title bar, before the name. */
  lead?: ReactNode;
  selected?: boolean;
  /** The small stream where many pictures share a screen; a camera without one is shown by its large one. */
  stream?: StreamName;
  /** False: it does not play although it can be seen; `still` stands there instead. */
  play?: boolean;
  /** What is shown while it does not play by choice. */
  still?: ReactNode;
  /** Without a button for the whole screen, where the wall enlarges by itself. */
  plain?: boolean;
  onVisible?: (visible: boolean) => void;
}

/** A camera's live picture. Plays only while it can be seen; says why when it cannot, and how old the picture is. */
export function LivePlayer({ camera, children, actions, lead, selected, stream = 'main', play = true, still, plain, onVisible }: Props) {
  const t = useText();
  const language = useLanguage();
  const box = useRef<HTMLElement>(null);
  const video = useRef<HTMLVideoElement>(null);
  const session = useRef<LiveSession | null>(null);
  const visible = useVisible(box);
  const [state, setState] = useState(NOT_BEGUN);
  const [poster, setPoster] = useState<string | null>(null);
  useServerNow(); // counts the age of the picture and the seconds to the next try
  const name = named(language, camera);
  const able = camera.enabled && camera.state !== 'refused' && camera.state !== 'unsupported';
  const wanted = visible && able && play;

  const told = useRef(onVisible);
  told.current = onVisible;
  useEffect(() => told.current?.(visible), [visible]);

  useEffect(() => {
    const node = video.current;
    if (!wanted || !node) return;
    const live = new LiveSession(camera.id, node, setState, stream);
    session.current = live;
    return () => {
      session.current = null;
      live.close();
      setState(NOT_BEGUN);
    };
  }, [camera.id, stream, wanted]);

  // Whatever moves in the player while the camera sends nothing is not live.
  const playing = state.phase === 'playing' && !silent(camera);
  const online = camera.state === 'online';
  // While it connects, the camera's newest still; never one from before the picture was lost.
  const posterWanted = wanted && !playing && online;
  useEffect(() => {
    setPoster(posterWanted ? cameras.snapshotUrl(camera.id, Date.now()) : null);
  }, [camera.id, posterWanted]);

  const trouble = !online && !playing;
  const standing = !play && able && online;
  const frozen_s = playing ? frozenFor_s(state, Date.now()) : null;
  const taken = playing ? takenAt(state, serverOffset()) : null;
  const wait = state.retryAt === null ? 0 : Math.max(0, Math.ceil((state.retryAt - Date.now()) / 1000));

  return (
    <figure
      ref={box}
      className="live"
      data-testid="live-video"
      data-camera-id={camera.id}
      data-phase={standing ? 'still' : state.phase === 'playing' && !playing ? 'silent' : state.phase}
      data-via={state.via}
      data-selected={selected || undefined}
    >
      {poster && <img className="live-picture" src={poster} alt="" onError={() => setPoster(null)} />}
      <video ref={video} className="live-picture" style={{ opacity: playing ? 1 : 0 }} muted playsInline autoPlay aria-label={t('live.label', { name })} />
      {standing && still}
      {children}
      <figcaption>
        {lead}
        <span className="live-name ellipsis" title={`${camera.code} ${name}`}>
          {name}
        </span>
        {actions}
        {!plain && (
          <button
            type="button"
            className="button quiet icon small"
            aria-label={t('live.fullscreen')}
            title={t('live.fullscreen')}
            onClick={() => void (document.fullscreenElement ? document.exitFullscreen() : box.current?.requestFullscreen())}
          >
            <Maximize2 size={14} aria-hidden />
          </button>
        )}
      </figcaption>
      {(playing || taken !== null) && (
        <span className="live-when">
          {playing && (
            <span className="live-badge" title={t(`live.via.${state.via}`)}>
              {state.delay_s === null ? t(`live.via.${state.via}`) : t('live.delay', { s: state.delay_s.toFixed(1) })}
            </span>
          )}
          {taken !== null && (
            <time className="live-badge" dateTime={new Date(taken).toISOString()} title={t('live.taken')}>
              {clock(taken)}
            </time>
          )}
        </span>
      )}
      {frozen_s !== null && (
        <p className="live-frozen" role="status" data-testid="live-frozen">
          {t('live.frozen', { age: age(frozen_s) })}
        </p>
      )}
      {!playing && !standing && (
        <div className="live-state" role="status" data-trouble={trouble || undefined}>
          {trouble && <VideoOff size={20} aria-hidden />}
          <strong>{trouble ? t(`camera_state.${camera.state}`) : t(state.phase === 'failed' ? 'live.failed' : 'live.connecting')}</strong>
          {trouble && camera.reason && <span className="live-reason">{sentence(language, camera.reason, camera.why)}</span>}
          {trouble && camera.since && (
            <span>
              {t('live.since')} <Age at={camera.since} title={`${day(camera.since)} ${clock(camera.since)}`} />
            </span>
          )}
          {state.phase === 'failed' && (
            <span className="live-retry">
              {wait > 0 && t('live.retrying', { n: wait })}
              <button type="button" className="button small" onClick={() => session.current?.retryNow()}>
                {t('live.retry_now')}
              </button>
            </span>
          )}
        </div>
      )}
    </figure>
  );
}
