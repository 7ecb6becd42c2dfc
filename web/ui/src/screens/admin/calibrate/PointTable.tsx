import { Trash2 } from 'lucide-react';
import type { Calibrate } from '../../../api/types';
import { changed, colour, complete, without, type Draft } from './points';
import { messages } from './text';

interface Props {
  drafts: readonly Draft[];
  fit: Calibrate | null;
  chosen: number | null;
  /** Null: none, the arrows move the cross and the map again. */
  onChoose: (number: number | null) => void;
  onDrafts: (drafts: Draft[]) => void;
}

/** The control points: how far each lies off, and how well the others foretell it. */
export function PointTable({ drafts, fit, chosen, onChoose, onDrafts }: Props) {
  const t = messages.use();
  return (
    <table className="ad-table" data-testid="cal-points">
      <thead>
        <tr>
          <th>{t('calibrate.number')}</th>
          <th>{t('calibrate.off_px')}</th>
          <th>{t('calibrate.off_m')}</th>
          <th title={t('calibrate.held_hint')}>{t('calibrate.held_m')}</th>
          <th>{t('calibrate.up')}</th>
          <td />
        </tr>
      </thead>
      <tbody>
        {drafts.map((draft) => {
          const off = fit?.residuals.find((each) => each.number === draft.number);
          return (
            <tr key={draft.number} aria-selected={draft.number === chosen} onClick={() => onChoose(draft.number)}>
              <td>
                <button
                  type="button"
                  className="cal-number"
                  style={{ background: colour(draft.number) }}
                  aria-pressed={draft.number === chosen}
                  title={t('calibrate.choose', { n: draft.number })}
                  aria-label={t('calibrate.choose', { n: draft.number })}
                  onClick={(event) => {
                    event.stopPropagation();
                    onChoose(draft.number === chosen ? null : draft.number);
                  }}
                >
                  {draft.number}
                </button>{' '}
                {!complete(draft) ? <span className="muted">{t('calibrate.half')}</span> : off?.wrong ? <strong>{t('calibrate.left_out')}</strong> : null}
              </td>
              <td className="ad-number">{complete(draft) && off ? off.px.toFixed(1) : ''}</td>
              <td className="ad-number">{complete(draft) && off?.m != null ? off.m.toFixed(2) : ''}</td>
              <td className="ad-number">{complete(draft) && off?.held_m != null ? off.held_m.toFixed(2) : ''}</td>
              <td>
                <input
                  className="input cal-up"
                  type="number"
                  step="0.1"
                  aria-label={`${t('calibrate.up')} ${draft.number}`}
                  value={draft.up_m}
                  onChange={(event) => onDrafts(changed(drafts, draft.number, { up_m: Number(event.target.value) || 0 }))}
                />
              </td>
              <td>
                <button
                  type="button"
                  className="button quiet icon small"
                  aria-label={t('calibrate.remove', { n: draft.number })}
                  title={t('calibrate.remove', { n: draft.number })}
                  onClick={(event) => {
                    event.stopPropagation();
                    onDrafts(without(drafts, draft.number));
                  }}
                >
                  <Trash2 size={15} aria-hidden />
                </button>
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
