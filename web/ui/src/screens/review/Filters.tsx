import { Pentagon, Search, X } from 'lucide-react';
import type { Camera, LonLat } from '../../api/types';
import { named, useText } from '../../i18n';
import { messages } from './text';

export interface Filter {
  fromMs: number;
  toMs: number;
  rule: 'intrusion' | 'line_crossing' | null;
  kind: 'person' | 'vehicle' | 'other' | null;
  area: LonLat[] | null;
}

interface Props {
  filter: Filter;
  onFilter: (filter: Filter) => void;
  cameras: readonly Camera[];
  chosen: ReadonlySet<number>;
  onChosen: (chosen: Set<number>) => void;
  drawing: boolean;
  onDrawing: (drawing: boolean) => void;
  onSearch: () => void;
  busy: boolean;
}

const LAST_MIN = [15, 60, 360, 1440] as const;
const RULES = ['intrusion', 'line_crossing'] as const;
const KINDS = ['person', 'vehicle', 'other'] as const;

/** `datetime-local` speaks local time without a zone. */
export function toField(ms: number): string {
  const at = new Date(ms - new Date(ms).getTimezoneOffset() * 60_000);
  return at.toISOString().slice(0, 19);
}

export function Filters(props: Props) {
  const t = messages.use();
  const shared = useText();
  const { filter, onFilter, cameras, chosen, onChosen, drawing, onDrawing, onSearch, busy } = props;
  const toggle = (id: number) => {
    const next = new Set(chosen);
    if (!next.delete(id)) next.add(id);
    onChosen(next);
  };
  const time = (key: 'fromMs' | 'toMs') => (
    <label className="field">
      <span className="label">{t(key === 'fromMs' ? 'review.from' : 'review.to')}</span>
      <input
        className="input"
        type="datetime-local"
        step={1}
        value={toField(filter[key])}
        onChange={(event) => {
          const ms = Date.parse(event.target.value);
          if (!Number.isNaN(ms)) onFilter({ ...filter, [key]: ms });
        }}
      />
    </label>
  );
  return (
    <form
      className="rv-filters"
      onSubmit={(event) => {
        event.preventDefault();
        onSearch();
      }}
    >
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
              <span className="ellipsis">{named(t.language, camera)}</span>
              {camera.state !== 'online' && <span className="muted">{shared(`camera_state.${camera.state}`)}</span>}
            </label>
          ))}
        </div>
      </fieldset>
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
                {t(`review.rule.${rule}`)}
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
          <button type="button" className="button" aria-pressed={drawing} onClick={() => onDrawing(!drawing)}>
            <Pentagon size={16} aria-hidden />
            {t('review.area_draw')}
          </button>
        )}
      </div>
      {drawing && <p className="muted">{t('review.area_drawing')}</p>}
      <button type="submit" className="button primary" data-testid="review-search" disabled={busy}>
        <Search size={16} aria-hidden />
        {t('review.search')}
      </button>
    </form>
  );
}
