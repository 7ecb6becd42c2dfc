import { CircleAlert, Film, LockKeyhole } from 'lucide-react';
import { useState } from 'react';
import { holds as routes, type Hold } from '../../../api/footage';
import type { Camera } from '../../../api/types';
import { useFetched } from '../../../app/fetched';
import { useSession } from '../../../app/session';
import { Dialog } from '../../../components/Dialog';
import { ErrorNotice } from '../../../components/ErrorNotice';
import { Empty } from '../../../components/small';
import { showError } from '../../../components/toasts';
import { serverNow } from '../../../feed/clock';
import { named } from '../../../i18n';
import { clock, day, duration, moment } from '../../../i18n/format';
import { messages } from '../text';
import { byNeed, endOfDay, standing } from './expiry';

interface Props {
  cameras: readonly Camera[];
  mayChange: boolean;
  onClose: () => void;
  onShow: (hold: Hold) => void;
  onChanged: () => void;
}

/** Everything that is kept from being deleted; what ends soon stands first. */
export function HoldsList({ cameras, mayChange, onClose, onShow, onChanged }: Props) {
  const t = messages.use();
  const [all, setAll] = useState(false);
  const [turn, setTurn] = useState(0);
  const { data, error } = useFetched(all ? 'all' : 'active', (state, signal) => routes.list(state, signal), turn);
  const changed = () => {
    setTurn((held) => held + 1);
    onChanged();
  };
  return (
    <Dialog title={t('review.holds')} onClose={onClose} wide>
      <label className="rv-check rx-all">
        <input type="checkbox" checked={all} onChange={(event) => setAll(event.target.checked)} />
        <span>{t('holds.all')}</span>
      </label>
      {error !== null && <ErrorNotice error={error} onRetry={changed} />}
      {data?.length === 0 && (
        <Empty icon={<LockKeyhole size={28} aria-hidden />} title={t('holds.empty')}>
          {t('holds.empty_hint')}
        </Empty>
      )}
      <ul className="rx-jobs">
        {byNeed(data ?? [], serverNow()).map((hold) => (
          <li key={hold.id}>
            <Row hold={hold} camera={cameras.find((camera) => camera.id === hold.camera_id)} mayChange={mayChange} onShow={onShow} onChanged={changed} />
          </li>
        ))}
      </ul>
    </Dialog>
  );
}

interface RowProps {
  hold: Hold;
  camera: Camera | undefined;
  mayChange: boolean;
  onShow: (hold: Hold) => void;
  onChanged: () => void;
}

const LONGER_DAYS = 90;
const LEAST_REASON = 3;
/** From its present end on, or from today where that is past. */
const longer = (hold: Hold, nowMs: number) => endOfDay(LONGER_DAYS, Math.max(nowMs, Date.parse(hold.expires_at ?? '')));

function Row({ hold, camera, mayChange, onShow, onChanged }: RowProps) {
  const t = messages.use();
  const { has } = useSession();
  const [releasing, setReleasing] = useState(false);
  const [reason, setReason] = useState('');
  const [busy, setBusy] = useState(false);
  const now = serverNow();
  const state = standing(hold, now);
  const name = camera ? named(t.language, camera) : `#${hold.camera_id}`;
  const active = state !== 'released' && state !== 'over';
  const change = async (step: () => Promise<unknown>) => {
    setBusy(true);
    try {
      await step();
      setReleasing(false);
    } catch (error) {
      showError(error, name, onChanged);
    }
    setBusy(false);
    onChanged();
  };
  return (
    <article className="rx-job" data-testid="hold" data-standing={state}>
      {state === 'soon' ? <CircleAlert size={18} aria-hidden /> : <LockKeyhole size={18} aria-hidden />}
      <div className="rx-about">
        <p>
          <strong>{name}</strong>{' '}
          <span>
            {day(hold.from_at)} {clock(hold.from_at)} – {day(hold.to_at) === day(hold.from_at) ? clock(hold.to_at) : moment(hold.to_at, 0)}
          </span>{' '}
          <span className="muted">{duration((Date.parse(hold.to_at) - Date.parse(hold.from_at)) / 1000, t.language)}</span>
        </p>
        <p>{hold.reason}</p>
        <p className="muted">
          {t(`lock.kind.${hold.kind}`)} · {hold.owner} · {moment(hold.created_at)}
        </p>
        <p>
          {state === 'released'
            ? t('holds.released', { at: moment(hold.released_at as string), by: hold.released_by ?? '–', why: hold.release_reason ?? '–' })
            : hold.expires_at === null
              ? t('lock.until_released')
              : state === 'over'
                ? t('holds.over', { at: moment(hold.expires_at) })
                : state === 'soon'
                  ? t('holds.soon', { at: moment(hold.expires_at), left: duration((Date.parse(hold.expires_at) - now) / 1000, t.language) })
                  : t('lock.until', { at: moment(hold.expires_at) })}
        </p>
        {releasing && (
          <form
            className="rx-release"
            onSubmit={(event) => {
              event.preventDefault();
              event.stopPropagation();
              void change(() => routes.release(hold, reason.trim()));
            }}
          >
            <input className="input" autoFocus value={reason} onChange={(event) => setReason(event.target.value)} placeholder={t('holds.release_reason')} aria-label={t('holds.release_reason')} maxLength={500} data-testid="release-reason" />
            <button type="submit" className="button" disabled={busy || reason.trim().length < LEAST_REASON} data-testid="release-submit">
              {t('holds.release_now')}
            </button>
          </form>
        )}
      </div>
      <div className="rx-do">
        <button type="button" className="button" onClick={() => onShow(hold)} disabled={!camera}>
          <Film size={16} aria-hidden />
          {t('holds.show')}
        </button>
        {mayChange && active && hold.kind !== 'incident' && (
          <>
            {hold.expires_at !== null && (
              <button type="button" className="button" disabled={busy} onClick={() => void change(() => routes.extend(hold, longer(hold, now)))}>
                {t('holds.longer', { n: LONGER_DAYS })}
              </button>
            )}
            <button
              type="button"
              className="button"
              onClick={() => setReleasing(!releasing)}
              aria-expanded={releasing}
              disabled={hold.kind === 'legal' && !has('admin')}
              title={hold.kind === 'legal' && !has('admin') ? t('holds.release_admin') : undefined}
              data-testid="release"
            >
              {t('holds.release')}
            </button>
          </>
        )}
      </div>
    </article>
  );
}
