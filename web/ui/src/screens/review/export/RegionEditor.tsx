import { Plus, Trash2 } from 'lucide-react';
import { useRef, useState, type KeyboardEvent, type PointerEvent } from 'react';
import { recordings } from '../../../api/endpoints';
import type { Camera } from '../../../api/types';
import { named } from '../../../i18n';
import { messages } from '../text';
import { fromCorners, FULL, grown, MIDDLE, moved, type Region } from './regions';

interface Props {
  camera: Camera;
  /** The moment of the still that is drawn on. */
  atMs: number;
  regions: readonly Region[];
  onRegions: (regions: Region[]) => void;
}

const STEP = 10;

/** Rectangles on a still: dragged with a pointer, or added by the button and moved by the arrow keys. */
export function RegionEditor({ camera, atMs, regions, onRegions }: Props) {
  const t = messages.use();
  const box = useRef<HTMLDivElement>(null);
  const [start, setStart] = useState<[number, number] | null>(null);
  const [draft, setDraft] = useState<Region | null>(null);
  const [missing, setMissing] = useState(false);

  const at = (event: PointerEvent): [number, number] => {
    const bounds = box.current?.getBoundingClientRect();
    if (!bounds) return [0, 0];
    return [((event.clientX - bounds.left) / bounds.width) * FULL, ((event.clientY - bounds.top) / bounds.height) * FULL];
  };
  const onDown = (event: PointerEvent) => {
    if (event.button !== 0) return;
    box.current?.setPointerCapture(event.pointerId);
    setStart(at(event));
  };
  const onMove = (event: PointerEvent) => start && setDraft(fromCorners(start, at(event)));
  const onUp = () => {
    if (draft) onRegions([...regions, draft]);
    setStart(null);
    setDraft(null);
  };
  const change = (index: number, region: Region) => onRegions(regions.map((each, i) => (i === index ? region : each)));
  const onKey = (event: KeyboardEvent, index: number) => {
    const region = regions[index];
    const by = ({ ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, -STEP], ArrowDown: [0, STEP] } as Record<string, [number, number]>)[event.key];
    if (region && by) {
      event.preventDefault();
      change(index, (event.shiftKey ? grown : moved)(region, ...by));
    } else if (event.key === 'Delete' || event.key === 'Backspace') {
      event.preventDefault();
      onRegions(regions.filter((_, i) => i !== index));
    }
  };
  const style = ({ left, top, right, bottom }: Region) => ({
    left: `${left / 10}%`,
    top: `${top / 10}%`,
    width: `${(right - left) / 10}%`,
    height: `${(bottom - top) / 10}%`,
  });

  return (
    <div className="rx-editor">
      <div
        ref={box}
        className="rx-still"
        data-testid="region-still"
        onPointerDown={onDown}
        onPointerMove={onMove}
        onPointerUp={onUp}
        onPointerCancel={() => {
          setStart(null);
          setDraft(null);
        }}
      >
        {missing ? (
          <p className="muted">{t('export.still_missing')}</p>
        ) : (
          <img
            src={recordings.frameUrl(camera.id, new Date(atMs).toISOString())}
            alt={t('export.still', { name: named(t.language, camera) })}
            draggable={false}
            onError={() => setMissing(true)}
          />
        )}
        {regions.map((region, index) => (
          <button
            key={index}
            type="button"
            className="rx-region"
            style={style(region)}
            aria-label={t('export.region', { n: index + 1 })}
            title={t('export.region_keys')}
            onPointerDown={(event) => event.stopPropagation()}
            onKeyDown={(event) => onKey(event, index)}
          >
            {index + 1}
          </button>
        ))}
        {draft && <span className="rx-region draft" style={style(draft)} />}
      </div>
      <p className="rx-tools">
        <button type="button" className="button small" onClick={() => onRegions([...regions, MIDDLE])}>
          <Plus size={14} aria-hidden />
          {t('export.region_add')}
        </button>
        <button type="button" className="button small" onClick={() => onRegions([])} disabled={regions.length === 0}>
          <Trash2 size={14} aria-hidden />
          {t('export.region_clear')}
        </button>
        <span className="muted">{t('export.region_hint')}</span>
      </p>
    </div>
  );
}
