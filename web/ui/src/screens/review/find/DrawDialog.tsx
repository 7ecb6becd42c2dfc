import { useEffect, useState } from 'react';
import { recordings } from '../../../api/endpoints';
import type { Camera } from '../../../api/types';
import { Dialog } from '../../../components/Dialog';
import { named, useText } from '../../../i18n';
import { PictureEditor, problem, type Shape } from '../../../picture';
import type { Drawn } from './question';
import { messages } from './text';

type Picture = Extract<Drawn, { on: 'picture' }>;

interface Props {
  /** The cameras to choose from, those chosen already first. */
  cameras: readonly Camera[];
  closed: boolean;
  held: Picture | null;
  /** The moment whose picture is drawn on, where it was recorded; else it is the newest. */
  atMs: number;
  onClose: () => void;
  onDrawn: (drawn: Picture) => void;
}

const WAYS = ['both', 'left_to_right', 'right_to_left'] as const;

/** An area or a line, drawn on one camera's picture. */
export function DrawDialog({ cameras, closed, held, atMs, onClose, onDrawn }: Props) {
  const t = messages.use();
  const shared = useText();
  const kind = closed ? 'area' : 'line';
  const kept = held && held.closed === closed ? held : null;
  const [id, setId] = useState(kept?.cameraId ?? cameras[0]?.id ?? 0);
  const [shape, setShape] = useState<Shape>({ id: 'search', kind, points: kept?.points ?? [], across: kept?.direction ?? 'both' });
  const camera = cameras.find((each) => each.id === id);
  const [url, setUrl] = useState<string | null>(null);
  useEffect(() => {
    // Where it looks today need not be where it looked then.
    let stopped = false;
    const image = new Image();
    image.src = recordings.frameUrl(id, new Date(atMs).toISOString());
    setUrl(null);
    image.decode().then(() => !stopped && setUrl(image.src), () => undefined);
    return () => {
      stopped = true;
    };
  }, [id, atMs]);
  const ready = problem(shape) === null;
  return (
    <Dialog
      title={t(closed ? 'draw.area' : 'draw.line')}
      wide
      onClose={onClose}
      footer={
        <>
          <button type="button" className="button" onClick={onClose}>
            {shared('action.cancel')}
          </button>
          <button
            type="button"
            className="button primary"
            disabled={!ready || !camera}
            data-testid="draw-take"
            onClick={() => onDrawn({ on: 'picture', cameraId: id, points: shape.points, closed, direction: shape.across ?? 'both' })}
          >
            {t('draw.take')}
          </button>
        </>
      }
    >
      <div className="rv-pair">
        <label className="field">
          <span className="label">{t('draw.camera')}</span>
          <select
            className="input"
            value={id}
            data-testid="draw-camera"
            onChange={(event) => {
              setId(Number(event.target.value));
              setShape({ ...shape, points: [], open: false });
            }}
          >
            {cameras.map((each) => (
              <option key={each.id} value={each.id}>
                {named(t.language, each)}
              </option>
            ))}
          </select>
        </label>
        {!closed && (
          <label className="field">
            <span className="label">{t('draw.way')}</span>
            <select className="input" value={shape.across} onChange={(event) => setShape({ ...shape, across: event.target.value as Picture['direction'] })}>
              {WAYS.map((way) => (
                <option key={way} value={way}>
                  {t(`draw.way.${way}`)}
                </option>
              ))}
            </select>
          </label>
        )}
      </div>
      {camera && <PictureEditor camera={camera} shapes={[shape]} onShapes={([next]) => next && setShape(next)} active={0} url={url ?? undefined} />}
    </Dialog>
  );
}
