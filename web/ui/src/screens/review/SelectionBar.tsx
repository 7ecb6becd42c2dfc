import { FolderPlus, Lock, PackageOpen, X, ZoomIn, ZoomOut, Maximize } from 'lucide-react';
import { clock, day, duration } from '../../i18n/format';
import { Button } from './Controls';
import { stretchOf, type Selection } from './selection';
import { messages } from './text';

interface Props {
  selection: Selection;
  onClear: () => void;
  onExport: () => void;
  onLock: () => void;
  onIncident: () => void;
  mayChange: boolean;
  some: boolean;
  onZoom: (factor: number) => void;
  onFit: () => void;
}

/** The chosen stretch and what can be done with it; teaches how to choose one while there is none. */
export function SelectionBar({ selection, onClear, onExport, onLock, onIncident, mayChange, some, onZoom, onFit }: Props) {
  const t = messages.use();
  const chosen = stretchOf(selection);
  const { inMs, outMs } = selection;
  return (
    <div className="rv-selection">
      <span className="rv-chosen" data-testid="chosen">
        {chosen ? (
          <>
            <strong>
              {day(chosen.fromMs) !== day(Date.now()) && `${day(chosen.fromMs)} `}
              {clock(chosen.fromMs)} – {clock(chosen.toMs)}
            </strong>
            <span className="muted">{duration((chosen.toMs - chosen.fromMs) / 1000, t.language)}</span>
          </>
        ) : inMs !== null ? (
          <span>{t('review.selection.from', { at: clock(inMs) })}</span>
        ) : outMs !== null ? (
          <span>{t('review.selection.to', { at: clock(outMs) })}</span>
        ) : (
          <span className="muted">{t('review.selection.none')}</span>
        )}
        {(inMs !== null || outMs !== null) && (
          <Button label={t('review.selection.clear')} keyName="Esc" onClick={onClear}>
            <X size={16} aria-hidden />
          </Button>
        )}
      </span>
      <span className="rv-acts">
        <button type="button" className="button" onClick={onExport} disabled={!some || !mayChange} data-testid="open-export">
          <PackageOpen size={16} aria-hidden />
          {t('review.export')}
          <kbd>E</kbd>
        </button>
        <button type="button" className="button" onClick={onLock} disabled={!some || !mayChange} data-testid="open-lock">
          <Lock size={16} aria-hidden />
          {t('review.lock')}
          <kbd>L</kbd>
        </button>
        <button type="button" className="button" onClick={onIncident} disabled={!some} data-testid="open-incident-note">
          <FolderPlus size={16} aria-hidden />
          {t('review.incident')}
          <kbd>I</kbd>
        </button>
      </span>
      <span className="rv-zoom">
        <Button label={t('review.zoom_in')} keyName="+" onClick={() => onZoom(0.5)}>
          <ZoomIn size={18} aria-hidden />
        </Button>
        <Button label={t('review.zoom_out')} keyName="_" onClick={() => onZoom(2)}>
          <ZoomOut size={18} aria-hidden />
        </Button>
        <Button label={t('review.fit')} keyName="F" onClick={onFit}>
          <Maximize size={18} aria-hidden />
        </Button>
      </span>
      <Legend />
    </div>
  );
}

function Legend() {
  const t = messages.use();
  return (
    <span className="rv-legend muted">
      {(['recorded', 'gap', 'motion', 'kept', 'held', 'event', 'incident'] as const).map((kind) => (
        <span key={kind} data-kind={kind}>
          {t(`review.legend.${kind}`)}
        </span>
      ))}
    </span>
  );
}
