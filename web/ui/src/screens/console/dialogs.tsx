/** The questions the console asks before it acts. */
import { useEffect, useRef, useState } from 'react';
import type { Alarm, CloseIn, DismissCode, Incident } from '../../api/types';
import { Dialog } from '../../components/Dialog';
import { ErrorNotice } from '../../components/ErrorNotice';
import { either, useLanguage, useText } from '../../i18n';
import { Key } from '../../keys';
import { OpenIncidentDialog } from '../../incident/OpenIncidentDialog';
import type { Actions } from './actions';
import { CODES, codeOf, keyOf } from './dismissCodes';
import { useConsoleText } from './messages';
import { consoleState } from './state';

const close = () => consoleState.set({ dialog: null });

export function Dialogs({ actions }: { actions: Actions }) {
  const dialog = consoleState.use((state) => state.dialog);
  switch (dialog?.kind) {
    case 'open':
      return (
        <OpenIncidentDialog
          lon={dialog.lon}
          lat={dialog.lat}
          onClose={close}
          onOpened={(detail) => {
            close();
            actions.opened(detail);
          }}
        />
      );
    case 'dismiss':
      return <DismissDialog alarm={dialog.alarm} actions={actions} />;
    case 'shelve':
      return <ShelveDialog alarm={dialog.alarm} actions={actions} />;
    case 'close':
      return <CloseDialog incident={dialog.incident} actions={actions} />;
    default:
      return null;
  }
}

function Cancel() {
  const shared = useText();
  return (
    <button type="button" className="button" onClick={close}>
      {shared('action.cancel')}
    </button>
  );
}

/** A reason from the list goes at once; another one needs words, and says whether the alarm was wrong. */
function DismissDialog({ alarm, actions }: { alarm: Alarm; actions: Actions }) {
  const t = useConsoleText();
  const shared = useText();
  const language = useLanguage();
  const [reason, setReason] = useState('');
  const note = reason.trim();
  const submit = (code: DismissCode, word?: string) => {
    close();
    void actions.dismiss(alarm, [word, note].filter(Boolean).join(': '), code);
  };
  const latest = useRef(submit);
  latest.current = submit;
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.target instanceof HTMLInputElement || event.ctrlKey || event.metaKey || event.altKey) return;
      const code = codeOf(event.key);
      if (!code) return;
      event.preventDefault();
      latest.current(code, shared(`dismiss_code.${code}`));
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [shared]);
  return (
    <Dialog title={t('dismiss.title')} onClose={close} footer={<Cancel />}>
      <p>{either(language, alarm.title, alarm.title_en)}</p>
      {CODES.map(({ name, codes }) => (
        <section key={name} className="dismiss-group">
          <h3>{t(`dismiss.group.${name}`)}</h3>
          <div className="panel-actions">
            {codes.map((code) => (
              <button key={code} type="button" className="button small" data-testid={`dismiss-${code}`} onClick={() => submit(code, shared(`dismiss_code.${code}`))}>
                {shared(`dismiss_code.${code}`)} <Key name={keyOf(code)} />
              </button>
            ))}
          </div>
        </section>
      ))}
      <label className="field">
        <span className="label">{t('dismiss.reason')}</span>
        <input className="input" data-testid="dismiss-reason" maxLength={160} placeholder={t('dismiss.reason_hint')} value={reason} onChange={(event) => setReason(event.target.value)} />
      </label>
      <div className="panel-actions">
        {CODES.map(({ name, other }) => (
          <button key={other} type="button" className="button" data-testid={`dismiss-${other}`} disabled={!note} onClick={() => submit(other)}>
            {t(`dismiss.other.${name}`)}
          </button>
        ))}
      </div>
    </Dialog>
  );
}

const SHELVE_MINUTES = [5, 15, 30, 60, 240] as const;

function ShelveDialog({ alarm, actions }: { alarm: Alarm; actions: Actions }) {
  const t = useConsoleText();
  const language = useLanguage();
  return (
    <Dialog title={t('shelve.title')} onClose={close} footer={<Cancel />}>
      <p>{either(language, alarm.title, alarm.title_en)}</p>
      <p className="muted">{t('shelve.hint')}</p>
      <div className="panel-actions">
        {SHELVE_MINUTES.map((minutes) => (
          <button
            key={minutes}
            type="button"
            className="button"
            data-autofocus={minutes === 15 || undefined}
            onClick={() => {
              close();
              void actions.shelve(alarm, minutes);
            }}
          >
            {t('shelve.minutes', { n: minutes })}
          </button>
        ))}
      </div>
    </Dialog>
  );
}

type Outcome = NonNullable<CloseIn['outcome']>;
const OUTCOMES: readonly Outcome[] = ['closed', 'false_alarm', 'cancelled'];

function CloseDialog({ incident, actions }: { incident: Incident; actions: Actions }) {
  const t = useConsoleText();
  const [outcome, setOutcome] = useState<Outcome>('closed');
  const [note, setNote] = useState('');
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const submit = async () => {
    setBusy(true);
    setError(null);
    try {
      await actions.close(incident, outcome, note.trim());
    } catch (problem) {
      setError(problem);
      setBusy(false);
    }
  };
  return (
    <Dialog
      title={t('close.title', { id: incident.id })}
      onClose={close}
      onSubmit={() => void submit()}
      footer={
        <>
          <Cancel />
          <button type="submit" className="button primary" data-testid="close-submit" disabled={busy}>
            {t('close.submit')}
          </button>
        </>
      }
    >
      <fieldset className="choice">
        <legend className="muted">{t('close.outcome')}</legend>
        {OUTCOMES.map((name) => (
          <label key={name}>
            <input type="radio" name="outcome" data-testid={`outcome-${name}`} checked={outcome === name} onChange={() => setOutcome(name)} />
            {t(`close.${name}`)}
          </label>
        ))}
      </fieldset>
      <label className="field">
        <span className="label">{t('close.note')}</span>
        <textarea className="input" data-testid="close-note" maxLength={2000} value={note} onChange={(event) => setNote(event.target.value)} />
      </label>
      {incident.units > 0 && <p>{t('close.units_warning', { n: incident.units })}</p>}
      {error !== null && <ErrorNotice error={error} thing={`#${incident.id}`} onReload={close} />}
    </Dialog>
  );
}
