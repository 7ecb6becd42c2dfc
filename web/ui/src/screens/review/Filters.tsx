import { Pentagon, Search, X } from 'lucide-react';
import type { ReactNode } from 'react';
import type { Camera, LonLat } from '../../api/types';
import { MomentField } from '../../components/MomentField';
import { named, useText } from '../../i18n';
import type { Drawing } from './find/Builder';
import { MODES, type Mode } from './find/question';
import { RULES } from './find/rules';
import { messages as findMessages } from './find/text';
import { messages } from './text';

export interface Filter {
  fromMs: number;
  toMs: number;
  rule: (typeof RULES)[number] | null;
  kind: 'person' | 'vehicle' | 'other' | null;
  area: LonLat[] | null;
}

interface Props {
  filter: Filter;
  onFilter: (filter: Filter) => void;
  cameras: readonly Camera[];
  chosen: ReadonlySet<number>;
  onChosen: (chosen: Set<number>) => void;
  drawing: Drawing;
  onDrawing: (drawing: Drawing) => void;
  mode: Mode;
  onMode: (mode: Mode) => void;
  /** What stands in the place of rule, kind and area for what is not events. */
  builder: ReactNode;
  /** What has still to be said. */
  missing: string | null;
  onSearch: () => void;
  busy: boolean;
}

const LAST_MIN = [15, 60, 360, 1440] as const;
const KINDS = ['person', 'vehicle', 'other'] as const;

export function Filters(props: Props) {
  const t = messages.use();
  const shared = useText();
  const { filter, onFilter, cameras, chosen, onChosen, drawing, onDrawing, mode, onMode, builder, missing, onSearch, busy } = props;
  const find = findMessages.use();
  const toggle = (id: number) => {
    const next = new Set(chosen);
    if (!next.delete(id)) next.add(id);
    onChosen(next);
  };
  const time = (key: 'fromMs' | 'toMs') => (
    <MomentField label={t(key === 'fromMs' ? 'review.from' : 'review.to')} ms={filter[key]} onMs={(ms) => onFilter({ ...filter, [key]: ms })} />
  );
  return (
    <form
      className="rv-filters"
      onSubmit={(event) => {
        event.preventDefault();
        if (!missing) onSearch();
      }}
    >
      <div className="rv-modes" role="group" aria-label={find('mode.label')}>
        {MODES.map((each) => (
          <button key={each} type="button" className="button small" aria-pressed={mode === each} onClick={() => onMode(each)} data-testid={`mode-${each}`}>
            {find(`mode.${each}`)}
          </button>
        ))}
      </div>
      <fieldset>
        <legend>{t('review.time')}</legend>
        <div className="rv-row">
          {LAST_MIN.map((minutes) => (
            <button
              key={minutes}
              type="button"
              className="button small"
              onClick={() => onFilter({ ...filter, fromMs: Date.now() - minutes * 60_000, toMs: Date.now() })}
            >
              {t(`review.last.${minutes}`)}
            </button>
          ))}
        </div>
        {time('fromMs')}
        {time('toMs')}
      </fieldset>
      <fieldset>
        <legend>{t('review.cameras')}</legend>
        <div className="rv-row">
          <button type="button" className="button small" onClick={() => onChosen(new Set(cameras.map((camera) => camera.id)))}>
            {t('review.cameras_all')}
          </button>
          <button type="button" className="button small" onClick={() => onChosen(new Set())}>
            {t('review.cameras_none')}
          </button>
        </div>
        <div className="rv-cameras">
          {cameras.map((camera) => (
            <label key={camera.id} className="rv-check">
              <input type="checkbox" checked={chosen.has(camera.id)} onChange={() => toggle(camera.id)} />
              <span className="ellipsis" title={named(t.language, camera)}>
                {named(t.language, camera)}
              </span>
              {camera.state !== 'online' && <span className="muted">{shared(`camera_state.${camera.state}`)}</span>}
            </label>
          ))}
        </div>
      </fieldset>
      {builder}
      {mode === 'events' && (
        <>
          <div className="rv-pair">
            <label className="field">
              <span className="label">{t('review.rule')}</span>
              <select
                className="input"
                value={filter.rule ?? ''}
                onChange={(event) => onFilter({ ...filter, rule: (event.target.value || null) as Filter['rule'] })}
              >
                <option value="">{t('review.rule.any')}</option>
                {RULES.map((rule) => (
                  <option key={rule} value={rule}>
                    {shared.maybe(`alarm_kind.${rule}`) ?? rule}
                  </option>
                ))}
              </select>
            </label>
            <label className="field">
              <span className="label">{t('review.kind')}</span>
              <select
                className="input"
                value={filter.kind ?? ''}
                onChange={(event) => onFilter({ ...filter, kind: (event.target.value || null) as Filter['kind'] })}
              >
                <option value="">{t('review.kind.any')}</option>
                {KINDS.map((kind) => (
                  <option key={kind} value={kind}>
                    {t(`review.kind.${kind}`)}
                  </option>
                ))}
              </select>
            </label>
          </div>
          <div className="rv-row">
            {filter.area ? (
              <button type="button" className="button" onClick={() => onFilter({ ...filter, area: null })}>
                <X size={16} aria-hidden />
                {t('review.area_clear')}
              </button>
            ) : (
              <button type="button" className="button" aria-pressed={drawing === 'area'} onClick={() => onDrawing(drawing === 'area' ? null : 'area')}>
                <Pentagon size={16} aria-hidden />
                {t('review.area_draw')}
              </button>
            )}
          </div>
        </>
      )}
      {drawing === 'area' && <p className="muted">{t('review.area_drawing')}</p>}
      {missing && <p className="muted" role="status">{missing}</p>}
      <button type="submit" className="button primary" data-testid="review-search" disabled={busy || missing !== null}>
        <Search size={16} aria-hidden />
        {t('review.search')}
      </button>
    </form>
  );
}
