import { Crosshair, Map as MapIcon, Pentagon, Slash, X } from 'lucide-react';
import { useState } from 'react';
import type { Camera } from '../../../api/types';
import { named } from '../../../i18n';
import { distance, duration } from '../../../i18n/format';
import { Dial } from './Dial';
import { DrawDialog } from './DrawDialog';
import { Labels } from './Labels';
import { clockOf, COLOURS, KINDS, minutesOf, RADII_M, STAND_S, toggled, type Mode, type Question } from './question';
import { messages } from './text';

export type Drawing = 'area' | 'spot' | null;

interface Props {
  mode: Exclude<Mode, 'events'>;
  question: Question;
  onQuestion: (question: Question) => void;
  cameras: readonly Camera[];
  chosen: ReadonlySet<number>;
  /** A moment of the time searched. */
  atMs: number;
  /** The time searched. */
  time: { fromMs: number; toMs: number };
  /** What is being drawn on the map. */
  drawing: Drawing;
  onDrawing: (drawing: Drawing) => void;
}

/** What the search is about, beside its time and its cameras. */
export function Builder({ mode, question, onQuestion, cameras, chosen, atMs, time, drawing, onDrawing }: Props) {
  const t = messages.use();
  const [draw, setDraw] = useState<'area' | 'line' | null>(null);
  const change = (patch: Partial<Question>) => onQuestion({ ...question, ...patch });
  const { shape, daily } = question;
  const first = [...cameras].sort((a, b) => Number(chosen.has(b.id)) - Number(chosen.has(a.id)));
  const camera = shape?.on === 'picture' ? cameras.find((each) => each.id === shape.cameraId) : undefined;
  const looks = mode === 'passing' || mode === 'standing';
  return (
    <>
      <p className="muted rv-hint">{t(`mode.hint.${mode}`)}</p>
      {looks && (
        <fieldset>
          <legend>{t('look.kinds')}</legend>
          <div className="rv-row">
            {KINDS.map((kind) => (
              <button
                key={kind}
                type="button"
                className="button small"
                aria-pressed={question.kinds.includes(kind)}
                data-testid={`kind-${kind}`}
                onClick={() => change({ kinds: toggled(question.kinds, kind) })}
              >
                {t(`kind.${kind}`)}
              </button>
            ))}
          </div>
        </fieldset>
      )}
      {looks && <Labels chosen={question.labels} onChosen={(labels) => change({ labels })} cameras={chosen} time={time} />}
      {looks && (
        <fieldset>
          <legend>{t('look.colours')}</legend>
          <div className="rv-row">
            {COLOURS.map((colour) => (
              <button
                key={colour}
                type="button"
                className="button small rv-colour"
                aria-pressed={question.colours.includes(colour)}
                data-testid={`colour-${colour}`}
                onClick={() => change({ colours: toggled(question.colours, colour) })}
              >
                <span className="rv-swatch" data-colour={colour} />
                {t(`colour.${colour}`)}
              </button>
            ))}
          </div>
        </fieldset>
      )}
      {mode === 'passing' && <Dial value={question.heading_deg} onChange={(heading_deg) => change({ heading_deg })} />}
      {mode !== 'near' && (
        <fieldset>
          <legend>{t('where')}</legend>
          {shape ? (
            <p className="rv-drawn" data-testid="drawn">
              <span className="ellipsis">
                {shape.on === 'map' ? t('where.on_map') : t(shape.closed ? 'where.picture' : 'where.picture_line', { name: camera ? named(t.language, camera) : '' })}
              </span>
              <button type="button" className="button quiet icon small" aria-label={t('where.clear')} title={t('where.clear')} onClick={() => change({ shape: null })}>
                <X size={16} aria-hidden />
              </button>
            </p>
          ) : (
            <p className="muted">{t('where.anywhere')}</p>
          )}
          <div className="rv-row">
            <button type="button" className="button small" disabled={cameras.length === 0} onClick={() => setDraw('area')} data-testid="draw-area">
              <Pentagon size={14} aria-hidden />
              {t('where.area')}
            </button>
            {mode === 'passing' && (
              <button type="button" className="button small" disabled={cameras.length === 0} onClick={() => setDraw('line')} data-testid="draw-line">
                <Slash size={14} aria-hidden />
                {t('where.line')}
              </button>
            )}
            {looks && (
              <button type="button" className="button small" aria-pressed={drawing === 'area'} onClick={() => onDrawing(drawing === 'area' ? null : 'area')}>
                <MapIcon size={14} aria-hidden />
                {t('where.map')}
              </button>
            )}
          </div>
        </fieldset>
      )}
      {mode === 'standing' && (
        <label className="field">
          <span className="label">{t('stand.least')}</span>
          <select className="input" value={question.least_s} onChange={(event) => change({ least_s: Number(event.target.value) })}>
            {STAND_S.map((seconds) => (
              <option key={seconds} value={seconds}>
                {duration(seconds, t.language)}
              </option>
            ))}
          </select>
        </label>
      )}
      {mode === 'near' && (
        <fieldset>
          <legend>{t('near.spot')}</legend>
          <div className="rv-row">
            <button type="button" className="button small" aria-pressed={drawing === 'spot'} onClick={() => onDrawing(drawing === 'spot' ? null : 'spot')} data-testid="pick-spot">
              <Crosshair size={14} aria-hidden />
              {t('near.pick')}
            </button>
            <label className="rv-inline">
              <span className="muted">{t('near.radius')}</span>
              <select className="input" value={question.radius_m} onChange={(event) => change({ radius_m: Number(event.target.value) })}>
                {RADII_M.map((metres) => (
                  <option key={metres} value={metres}>
                    {distance(metres)}
                  </option>
                ))}
              </select>
            </label>
          </div>
          {drawing === 'spot' && <p className="muted">{t('near.picking')}</p>}
        </fieldset>
      )}
      <fieldset>
        <label className="rv-check">
          <input type="checkbox" checked={daily !== null} onChange={(event) => change({ daily: event.target.checked ? { fromMin: 22 * 60, toMin: 5 * 60 } : null })} />
          <span>{t('daily')}</span>
        </label>
        {daily && (
          <div className="rv-row rv-inline">
            {(['fromMin', 'toMin'] as const).map((side) => (
              <label key={side} className="rv-inline">
                <span className="muted">{t(side === 'fromMin' ? 'daily.from' : 'daily.to')}</span>
                <input
                  className="input rv-clock"
                  type="text"
                  autoComplete="off"
                  placeholder="22:00"
                  defaultValue={clockOf(daily[side] % 1440)}
                  onFocus={(event) => event.target.select()}
                  onChange={(event) => {
                    const minutes = minutesOf(event.target.value);
                    if (minutes !== null) change({ daily: { ...daily, [side]: minutes } });
                  }}
                  onBlur={(event) => {
                    event.target.value = clockOf(daily[side] % 1440); // what is in force, where the text is none
                  }}
                />
              </label>
            ))}
          </div>
        )}
      </fieldset>
      {draw && (
        <DrawDialog
          cameras={first}
          closed={draw === 'area'}
          atMs={atMs}
          held={shape?.on === 'picture' ? shape : null}
          onClose={() => setDraw(null)}
          onDrawn={(drawn) => {
            setDraw(null);
            change({ shape: drawn });
          }}
        />
      )}
    </>
  );
}
