import { Maximize2, VideoOff } from 'lucide-react';
import { useEffect, useRef, useState, type ReactNode } from 'react';
import { cameras } from '../api/endpoints';
import type { Camera } from '../api/types';
import { useServerNow } from '../feed/clock';
import { named, useLanguage, useText } from '../i18n';
import './live.css';
import { LiveSession, type LiveState } from './session';
import { useVisible } from './useVisible';

interface Props {
  camera: Camera;
  /** Drawn over the picture: a box, a caption. */
  children?: ReactNode;
  /** In the title bar, after the name. */
  actions?: ReactNode;
  selected?: boolean;
}

const FIRST: LiveState = { phase: 'connecting', via: 'whep', delay_s: null, error: null, retryAt: null };

/** A camera's live picture. Plays only while it can be seen; says why when it cannot. */
export function LivePlayer({ camera, children, actions, selected }: Props) {
  const t = useText();
  const language = useLanguage();
  const box = useRef<HTMLElement>(null);
  const video = useRef<HTMLVideoElement>(null);
  const session = useRef<LiveSession | null>(null);
  const visible = useVisible(box);
  const [state, setState] = useState<LiveState>(FIRST);
  const [poster, setPoster] = useState<string | null>(null);
  const now = useServerNow();
  const name = named(language, camera);
  const wanted = visible && camera.enabled && camera.state !== 'refused' && camera.state !== 'unsupported';

  useEffect(() => {
    const node = video.current;
    if (!wanted || !node) return;
    setPoster(cameras.snapshotUrl(camera.id, Date.now()));
    const live = new LiveSession(camera.id, node, setState);
    session.current = live;
    return () => {
      session.current = null;
      live.close();
      setState(FIRST);
    };
  }, [camera.id, wanted]);

  const playing = state.phase === 'playing';
  const trouble = camera.state !== 'online' && !playing;
  const wait = state.retryAt === null ? 0 : Math.max(0, Math.ceil((state.retryAt - Date.now()) / 1000));
  void now; // counts the seconds to the next try

  return (
    <figure
      ref={box}
      className="live"
      data-testid="live-video"
      data-camera-id={camera.id}
      data-phase={state.phase}
      data-via={state.via}
      data-selected={selected || undefined}
    >
      {!playing && poster && <img className="live-picture" src={poster} alt="" onError={() => setPoster(null)} />}
      <video ref={video} className="live-picture" style={{ opacity: playing ? 1 : 0 }} muted playsInline autoPlay aria-label={t('live.label', { name })} />
      {children}
      <figcaption>
        <span className="ellipsis" title={`${camera.code} ${name}`}>
          {name}
        </span>
        {playing && (
          <span className="live-badge" title={t(`live.via.${state.via}`)}>
            {state.delay_s === null ? t(`live.via.${state.via}`) : t('live.delay', { s: state.delay_s.toFixed(1) })}
          </span>
        )}
        {actions}
        <button
          type="button"
          className="button quiet icon small"
          aria-label={t('live.fullscreen')}
          title={t('live.fullscreen')}
          onClick={() => void (document.fullscreenElement ? document.exitFullscreen() : box.current?.requestFullscreen())}
        >
          <Maximize2 size={14} aria-hidden />
        </button>
      </figcaption>
      {!playing && (
        <div className="live-state" role="status">
          {trouble && <VideoOff size={20} aria-hidden />}
          <strong>{trouble ? t(`camera_state.${camera.state}`) : t(state.phase === 'failed' ? 'live.failed' : 'live.connecting')}</strong>
          {trouble && camera.reason && <span>{camera.reason}</span>}
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
