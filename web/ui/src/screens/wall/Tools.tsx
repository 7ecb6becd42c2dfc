import { ChevronLeft, ChevronRight, CircleHelp, Expand, LayoutGrid, List, Pause, Play, Radar, RefreshCw, Save, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { Dialog } from '../../components/Dialog';
import { useText } from '../../i18n';
import { age } from '../../i18n/format';
import { useServerNow } from '../../feed/clock';
import { GRIDS, type Grid } from './layout';
import type { Mode, Saved, TourOver, WallState } from './state';
import { messages } from './text';
import { PERIODS_S } from './tour';

interface Props {
  state: WallState;
  /** How many walls the tour goes over, and which is shown. */
  pages: number;
  page: number;
  onView: (view: WallState['view']) => void;
  onGrid: (grid: Grid) => void;
  onMode: (mode: Mode) => void;
  onTour: (step: 'hold' | 'go' | 1 | -1) => void;
  onPeriod: (every_s: number) => void;
  onTourOver: (over: TourOver) => void;
  onList: () => void;
  onLoad: (saved: Saved) => void;
  onSave: (name: string) => void;
  onRemove: (saved: Saved) => void;
  onHelp: () => void;
  onFullscreen: () => void;
}

/** Everything about the wall as a whole. */
export function Tools(props: Props) {
  const { state } = props;
  const t = messages.use();
  const [saving, setSaving] = useState(false);
  const wall = state.view === 'wall';
  return (
    <div className="wall-tools" role="toolbar" aria-label={t('tools.label')}>
      <button type="button" className="button icon" aria-pressed={state.listShown} title={`${t('list.title')} (C)`} aria-label={t('list.title')} onClick={props.onList}>
        <List size={16} aria-hidden />
      </button>
      <span className="wall-group" role="group" aria-label={t('tools.grid')}>
        {GRIDS.map((grid) => (
          <button key={grid} type="button" className="button" aria-pressed={wall && state.grid === grid} title={t('tools.grid_of', { n: grid })} data-testid={`grid-${grid}`} onClick={() => props.onGrid(grid)}>
            {grid}
          </button>
        ))}
        <button type="button" className="button" aria-pressed={!wall} title={`${t('tools.overview')} (V)`} data-testid="overview" onClick={() => props.onView(wall ? 'overview' : 'wall')}>
          <LayoutGrid size={16} aria-hidden />
          {t('tools.overview_short')}
        </button>
      </span>
      {wall && (
        <>
          <span className="wall-group">
            <button type="button" className="button" aria-pressed={state.mode === 'follow'} title={`${t('tools.follow_hint')} (F)`} data-testid="follow" onClick={() => props.onMode(state.mode === 'follow' ? 'manual' : 'follow')}>
              <Radar size={16} aria-hidden />
              {t('tools.follow')}
            </button>
            <button type="button" className="button" aria-pressed={state.mode === 'tour'} title={`${t('tools.tour_hint')} (P)`} data-testid="tour" onClick={() => props.onMode(state.mode === 'tour' ? 'manual' : 'tour')}>
              <RefreshCw size={16} aria-hidden />
              {t('tools.tour')}
            </button>
          </span>
          {state.mode === 'tour' && <TourTools {...props} />}
          <Layouts saved={state.saved} onLoad={props.onLoad} onRemove={props.onRemove} onSave={() => setSaving(true)} />
        </>
      )}
      <span className="wall-space" />
      <button type="button" className="button quiet icon" title={`${t('tools.keys')} (?)`} aria-label={t('tools.keys')} onClick={props.onHelp}>
        <CircleHelp size={18} aria-hidden />
      </button>
      <button type="button" className="button quiet icon" title={t('tools.fullscreen')} aria-label={t('tools.fullscreen')} onClick={props.onFullscreen}>
        <Expand size={16} aria-hidden />
      </button>
      {saving && (
        <SaveDialog
          taken={state.saved.map((saved) => saved.name)}
          onClose={() => setSaving(false)}
          onSave={(name) => {
            setSaving(false);
            props.onSave(name);
          }}
        />
      )}
    </div>
  );
}

function TourTools({ state, pages, page, onTour, onPeriod, onTourOver }: Props) {
  const t = messages.use();
  useServerNow();
  const held = state.tour !== null && state.tour.heldUntil > Date.now();
  const left_s = state.tour ? (held ? state.tour.heldUntil - Date.now() : state.tour.nextAt - Date.now()) / 1000 : 0;
  return (
    <span className="wall-group" role="group" aria-label={t('tools.tour')}>
      <button type="button" className="button icon" aria-label={t('tour.back')} title={`${t('tour.back')} ([)`} onClick={() => onTour(-1)}>
        <ChevronLeft size={16} aria-hidden />
      </button>
      <button type="button" className="button" data-testid="tour-hold" title={`${t(held ? 'tour.go' : 'tour.hold')} (␣)`} onClick={() => onTour(held ? 'go' : 'hold')}>
        {held ? <Play size={16} aria-hidden /> : <Pause size={16} aria-hidden />}
        <span className="wall-tour-state">
          {pages === 0 ? t('tour.nothing') : `${page + 1}/${pages}`}
          {pages > 1 && ` · ${held ? (Number.isFinite(left_s) ? t('tour.held_for', { age: age(left_s) }) : t('tour.held')) : age(left_s)}`}
        </span>
      </button>
      <button type="button" className="button icon" aria-label={t('tour.next')} title={`${t('tour.next')} (])`} onClick={() => onTour(1)}>
        <ChevronRight size={16} aria-hidden />
      </button>
      <select className="input" aria-label={t('tour.over')} value={state.tourOver} onChange={(event) => onTourOver(event.target.value as TourOver)}>
        <option value="cameras">{t('tour.over.cameras')}</option>
        <option value="saved" disabled={state.saved.length === 0}>
          {t('tour.over.saved')}
        </option>
      </select>
      <select className="input" aria-label={t('tour.every')} value={state.every_s} onChange={(event) => onPeriod(Number(event.target.value))}>
        {PERIODS_S.map((s) => (
          <option key={s} value={s}>
            {t('tour.every_s', { s })}
          </option>
        ))}
      </select>
    </span>
  );
}

interface LayoutsProps {
  saved: readonly Saved[];
  onLoad: (saved: Saved) => void;
  onRemove: (saved: Saved) => void;
  onSave: () => void;
}

function Layouts({ saved, onLoad, onRemove, onSave }: LayoutsProps) {
  const t = messages.use();
  const [chosen, setChosen] = useState('');
  const held = saved.find((each) => each.name === chosen);
  return (
    <span className="wall-group" role="group" aria-label={t('layouts.label')}>
      <select
        className="input"
        aria-label={t('layouts.label')}
        data-testid="layouts"
        disabled={saved.length === 0}
        value={held ? chosen : ''}
        onChange={(event) => {
          setChosen(event.target.value);
          const next = saved.find((each) => each.name === event.target.value);
          if (next) onLoad(next);
        }}
      >
        <option value="">{t(saved.length === 0 ? 'layouts.none' : 'layouts.choose')}</option>
        {saved.map((each) => (
          <option key={each.name} value={each.name}>
            {each.name}
          </option>
        ))}
      </select>
      <button type="button" className="button icon" title={t('layouts.save')} aria-label={t('layouts.save')} data-testid="layout-save" onClick={onSave}>
        <Save size={16} aria-hidden />
      </button>
      {held && (
        <button type="button" className="button icon" title={t('layouts.remove', { name: held.name })} aria-label={t('layouts.remove', { name: held.name })} onClick={() => onRemove(held)}>
          <Trash2 size={16} aria-hidden />
        </button>
      )}
    </span>
  );
}

function SaveDialog({ taken, onClose, onSave }: { taken: readonly string[]; onClose: () => void; onSave: (name: string) => void }) {
  const t = messages.use();
  const shared = useText();
  const [name, setName] = useState('');
  const wanted = name.trim();
  return (
    <Dialog
      title={t('layouts.save')}
      onClose={onClose}
      onSubmit={() => wanted && onSave(wanted)}
      footer={
        <>
          <button type="button" className="button" onClick={onClose}>
            {shared('action.cancel')}
          </button>
          <button type="submit" className="button primary" disabled={!wanted} data-testid="layout-save-submit">
            {shared('action.save')}
          </button>
        </>
      }
    >
      <label className="field">
        <span className="label">{t('layouts.name')}</span>
        <input className="input" data-autofocus data-testid="layout-name" maxLength={60} value={name} onChange={(event) => setName(event.target.value)} />
        {taken.includes(wanted) && <span className="muted">{t('layouts.replaces', { name: wanted })}</span>}
      </label>
      <p className="muted">{t('layouts.where')}</p>
    </Dialog>
  );
}
