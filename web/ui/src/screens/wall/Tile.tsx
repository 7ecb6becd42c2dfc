import { History, MapPin, Maximize2, Minimize2, Siren, X } from 'lucide-react';
import { useState, type CSSProperties, type DragEvent, type ReactNode } from 'react';
import type { Camera } from '../../api/types';
import { useSession } from '../../app/session';
import { serverNow } from '../../feed/clock';
import { named, useLanguage } from '../../i18n';
import { LivePlayer } from '../../live/LivePlayer';
import type { Play } from './budget';
import { messages } from './text';

/** What is dragged onto a tile: a camera's id as text. */
export const CAMERA_TYPE = 'application/x-wanglou-camera';

export const draggedCamera = (event: DragEvent): number | null => {
  const id = Number(event.dataTransfer.getData(CAMERA_TYPE));
  return Number.isInteger(id) && id > 0 ? id : null;
};

export const mapLink = (camera: Camera) => `/?camera=${camera.id}`;
export const reviewLink = (camera: Camera) => `/review?camera=${camera.id}&at=${new Date(serverNow()).toISOString()}`;

interface Props {
  number: number;
  camera: Camera | null;
  style: CSSProperties;
  play: Play;
  still: ReactNode;
  focused: boolean;
  enlarged: boolean;
  /** Another camera is shown alone: this tile is out of sight. */
  behind: boolean;
  /** May be changed by hand: not while the wall follows or tours. */
  fixed: boolean;
  children?: ReactNode;
  onFocus: () => void;
  onEnlarge: () => void;
  onDrop: (camera: number) => void;
  onClear: () => void;
  onIncident: () => void;
  onVisible: (visible: boolean) => void;
}

/** One place on the wall. */
export function Tile(props: Props) {
  const { camera, number, enlarged, focused, fixed } = props;
  const t = messages.use();
  const language = useLanguage();
  const { has } = useSession();
  const [over, setOver] = useState(false);
  const label = camera ? t('tile.label', { n: number, name: named(language, camera) }) : t('tile.empty_label', { n: number });

  return (
    <div
      className="wall-tile"
      style={props.style}
      role="group"
      aria-label={label}
      data-testid="wall-tile"
      data-number={number}
      data-play={camera ? props.play : undefined}
      data-focused={focused || undefined}
      data-enlarged={enlarged || undefined}
      data-behind={props.behind || undefined}
      data-over={over || undefined}
      onPointerDown={props.onFocus}
      onDoubleClick={() => camera && props.onEnlarge()}
      draggable={camera !== null && !enlarged}
      onDragStart={(event) => camera && event.dataTransfer.setData(CAMERA_TYPE, String(camera.id))}
      onDragOver={(event) => {
        if (fixed || !event.dataTransfer.types.includes(CAMERA_TYPE)) return;
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        setOver(false);
        const id = draggedCamera(event);
        if (id === null || fixed) return;
        event.preventDefault();
        props.onDrop(id);
      }}
    >
      {camera ? (
        <LivePlayer
          camera={camera}
          plain
          selected={focused}
          stream={props.play === 'sub' ? 'sub' : 'main'}
          play={props.play !== 'still' && !props.behind}
          still={props.still}
          onVisible={props.onVisible}
          lead={<span className="wall-number">{number}</span>}
          actions={
            <span className="wall-actions">
              {has('dispatcher', 'commander') && (
                <button type="button" className="button quiet icon small" title={`${t('tile.incident')} (O)`} aria-label={t('tile.incident')} data-testid="tile-incident" onClick={props.onIncident}>
                  <Siren size={14} aria-hidden />
                </button>
              )}
              <a className="button quiet icon small" href={mapLink(camera)} target="wanglou-console" title={`${t('tile.map')} (G)`} aria-label={t('tile.map')}>
                <MapPin size={14} aria-hidden />
              </a>
              <a
                className="button quiet icon small"
                href={`/review?camera=${camera.id}`}
                target="_blank"
                rel="noreferrer"
                title={`${t('tile.review')} (R)`}
                aria-label={t('tile.review')}
                // The moment is the one of the click, not of the drawing.
                onPointerDown={(event) => (event.currentTarget.href = reviewLink(camera))}
                onFocus={(event) => (event.currentTarget.href = reviewLink(camera))}
              >
                <History size={14} aria-hidden />
              </a>
              {!fixed && (
                <button type="button" className="button quiet icon small" title={`${t('tile.clear')} (X)`} aria-label={t('tile.clear')} onClick={props.onClear}>
                  <X size={14} aria-hidden />
                </button>
              )}
              <button
                type="button"
                className="button quiet icon small"
                title={enlarged ? `${t('tile.shrink')} (Esc)` : `${t('tile.enlarge')} (⏎)`}
                aria-label={t(enlarged ? 'tile.shrink' : 'tile.enlarge')}
                data-testid="tile-enlarge"
                onClick={props.onEnlarge}
              >
                {enlarged ? <Minimize2 size={14} aria-hidden /> : <Maximize2 size={14} aria-hidden />}
              </button>
            </span>
          }
        >
          {props.children}
        </LivePlayer>
      ) : (
        <div className="wall-empty">
          <span className="wall-number">{number}</span>
          <span>{t(fixed ? 'tile.nothing' : 'tile.drop')}</span>
        </div>
      )}
    </div>
  );
}
