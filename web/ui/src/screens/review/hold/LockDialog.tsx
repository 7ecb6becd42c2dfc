import { useState } from 'react';
import { holds as routes, type HoldIn } from '../../../api/footage';
import type { Camera } from '../../../api/types';
import { useSession } from '../../../app/session';
import { Dialog } from '../../../components/Dialog';
import { ErrorNotice } from '../../../components/ErrorNotice';
import { showText } from '../../../components/toasts';
import { serverNow } from '../../../feed/clock';
import { named, useText } from '../../../i18n';
import { moment } from '../../../i18n/format';
import type { Marks } from '../playhead';
import { StretchFields } from '../StretchFields';
import { messages } from '../text';
import { expiryOf, TERMS, type Term } from './expiry';

interface Props {
  cameras: readonly Camera[];
  stretch: Marks;
  onClose: () => void;
  onLocked: () => void;
}

const LEAST_REASON = 3;

/** Keeps footage from being deleted: which, why, for whom, how long. */
export function LockDialog({ cameras, stretch, onClose, onLocked }: Props) {
  const t = messages.use();
  const shared = useText();
  const { user } = useSession();
  const [chosen, setChosen] = useState<ReadonlySet<number>>(() => new Set(cameras.map((camera) => camera.id)));
  const [range, setRange] = useState(stretch);
  const [kind, setKind] = useState<HoldIn['kind']>('lock');
  const [reason, setReason] = useState('');
  const [term, setTerm] = useState<Term>(90);
  const [problem, setProblem] = useState<{ error: unknown; camera: string } | null>(null);
  const [busy, setBusy] = useState(false);
  const left = cameras.filter((camera) => chosen.has(camera.id));
  const missing =
    left.length === 0
      ? t('export.need_camera')
      : range.toMs <= range.fromMs
        ? t('export.need_time')
        : reason.trim().length < LEAST_REASON
          ? t('lock.need_reason')
          : null;
  const expires = expiryOf(term, serverNow());

  const lock = async () => {
    if (missing || busy) return;
    setBusy(true);
    setProblem(null);
    for (const camera of left) {
      try {
        await routes.take(camera.id, range, { kind, reason: reason.trim(), expires_at: expires });
        // A second attempt after a failure is about the cameras that are left.
        setChosen((held) => new Set([...held].filter((id) => id !== camera.id)));
      } catch (error) {
        setProblem({ error, camera: named(t.language, camera) });
        setBusy(false);
        onLocked();
        return;
      }
    }
    showText(t('lock.done', { n: left.length }));
    onLocked();
    onClose();
  };

  return (
    <Dialog
      title={t('review.lock_long')}
      onClose={onClose}
      onSubmit={() => void lock()}
      footer={
        <>
          <span className="rx-missing muted" role="status">
            {missing}
          </span>
          <button type="button" className="button" onClick={onClose}>
            {shared('action.cancel')}
          </button>
          <button type="submit" className="button primary" disabled={missing !== null || busy} data-testid="lock-submit">
            {t('review.lock')}
          </button>
        </>
      }
    >
      {problem && <ErrorNotice error={problem.error} thing={problem.camera} onDismiss={() => setProblem(null)} />}
      <label className="field">
        <span className="label">{t('lock.reason')}</span>
        <textarea
          className="input"
          rows={2}
          maxLength={500}
          required
          data-autofocus
          value={reason}
          onChange={(event) => setReason(event.target.value)}
          placeholder={t('lock.reason_hint')}
          data-testid="lock-reason"
        />
      </label>
      <StretchFields range={range} onRange={setRange} />
      <fieldset className="rx-choice">
        <legend className="label">{t('review.cameras')}</legend>
        {cameras.map((camera) => (
          <label key={camera.id} className="rv-check">
            <input
              type="checkbox"
              checked={chosen.has(camera.id)}
              onChange={() => {
                const next = new Set(chosen);
                if (!next.delete(camera.id)) next.add(camera.id);
                setChosen(next);
              }}
            />
            <span className="ellipsis">{named(t.language, camera)}</span>
          </label>
        ))}
      </fieldset>
      <fieldset className="rx-choice">
        <legend className="label">{t('lock.kind')}</legend>
        {(['lock', 'legal'] as const).map((each) => (
          <label key={each} className="rv-check">
            <input type="radio" name="kind" checked={kind === each} onChange={() => {
              setKind(each);
              setTerm(each === 'legal' ? null : 90);
            }} />
            <span>
              {t(`lock.kind.${each}`)} <span className="muted">{t(`lock.kind_hint.${each}`)}</span>
            </span>
          </label>
        ))}
      </fieldset>
      <div className="rv-pair">
        <label className="field">
          <span className="label">{t('lock.term')}</span>
          <select className="input" value={term ?? ''} onChange={(event) => setTerm(event.target.value === '' ? null : (Number(event.target.value) as Term))}>
            {TERMS.map((days) => (
              <option key={days ?? 0} value={days ?? ''}>
                {days === null ? t('lock.term.open') : t('lock.term.days', { n: days })}
              </option>
            ))}
          </select>
        </label>
        <p className="rx-owner">
          <span className="label muted">{t('lock.owner')}</span>
          <span>{user.display_name}</span>
          <span className="muted">{expires ? t('lock.until', { at: moment(expires) }) : t('lock.until_released')}</span>
        </p>
      </div>
    </Dialog>
  );
}
