import { Search, X } from 'lucide-react';
import { useEffect, useRef, useState, type RefObject } from 'react';
import type { Camera } from '../../api/types';
import { matches } from '../../app/match';
import { Empty } from '../../components/small';
import { named, useText } from '../../i18n';
import { CAMERA_TYPE } from './Tile';
import { messages } from './text';

interface Props {
  cameras: readonly Camera[];
  /** Cameras that hang on the wall, with their tile's number. */
  hung: ReadonlyMap<number, number>;
  field: RefObject<HTMLInputElement | null>;
  fixed: boolean;
  onChoose: (camera: number) => void;
  onClose: () => void;
}

/** All cameras by name; a click or Enter hangs one, dragging hangs it where it is dropped. */
export function CameraList({ cameras, hung, field, fixed, onChoose, onClose }: Props) {
  const t = messages.use();
  const shared = useText();
  const [query, setQuery] = useState('');
  const [at, setAt] = useState(0);
  const list = useRef<HTMLUListElement>(null);
  const found = query.trim() ? cameras.filter((camera) => matches(query, [camera.code, camera.name, camera.name_en])) : cameras;

  useEffect(() => setAt(0), [query]);
  useEffect(() => {
    list.current?.children[at]?.scrollIntoView({ block: 'nearest' });
  }, [at]);

  const choose = (camera: Camera | undefined) => {
    if (!camera) return;
    onChoose(camera.id);
    setQuery('');
    field.current?.blur();
  };
  return (
    <aside className="wall-list" aria-label={t('list.title')}>
      <header>
        <span className="wall-search">
          <Search size={15} aria-hidden />
          <input
            ref={field}
            className="input"
            data-testid="wall-search"
            placeholder={t('list.search')}
            aria-label={t('list.search')}
            value={query}
            onChange={(event) => setQuery(event.target.value)}
            onKeyDown={(event) => {
              if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
                event.preventDefault();
                setAt((held) => Math.max(0, Math.min(found.length - 1, held + (event.key === 'ArrowDown' ? 1 : -1))));
              } else if (event.key === 'Enter') {
                choose(found[at]);
              } else if (event.key === 'Escape') {
                setQuery('');
                field.current?.blur();
              }
            }}
          />
        </span>
        <button type="button" className="button quiet icon" aria-label={t('list.hide')} title={`${t('list.hide')} (C)`} onClick={onClose}>
          <X size={16} aria-hidden />
        </button>
      </header>
      {fixed && <p className="muted wall-note">{t('list.fixed')}</p>}
      {found.length === 0 ? (
        <Empty title={t(query ? 'list.none' : 'list.no_cameras')}>{t(query ? 'list.none_hint' : 'list.no_cameras_hint')}</Empty>
      ) : (
        <ul ref={list}>
          {found.map((camera, i) => {
            const tile = hung.get(camera.id);
            return (
              <li key={camera.id}>
                <button
                  type="button"
                  draggable={!fixed}
                  data-testid="wall-camera"
                  data-at={(query.trim() && i === at) || undefined}
                  aria-current={tile !== undefined || undefined}
                  disabled={fixed}
                  onDragStart={(event) => event.dataTransfer.setData(CAMERA_TYPE, String(camera.id))}
                  onClick={() => choose(camera)}
                >
                  <span className="wall-list-name">
                    <span className="ellipsis">{named(t.language, camera)}</span>
                    <span className="muted ellipsis">
                      {camera.code}
                      {camera.state !== 'online' && ` · ${shared(`camera_state.${camera.state}`)}`}
                    </span>
                  </span>
                  {tile !== undefined && <span className="wall-number">{tile}</span>}
                </button>
              </li>
            );
          })}
        </ul>
      )}
    </aside>
  );
}
