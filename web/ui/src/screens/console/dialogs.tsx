/** The questions the console asks before it acts. */
import { useState } from 'react';
import { places } from '../../api/endpoints';
import type { Alarm, CloseIn, Incident, IncidentType, Priority } from '../../api/types';
import { Dialog } from '../../components/Dialog';
import { ErrorNotice } from '../../components/ErrorNotice';
import { either, useLanguage, useText } from '../../i18n';
import { lonLat } from '../../i18n/format';
import type { Actions } from './actions';
import { useFetched } from './fetched';
import { useConsoleText } from './messages';
import { INCIDENT_TYPES, PRIORITIES } from './panels/IncidentPanel';
import { consoleState } from './state';

const close = () => consoleState.set({ dialog: null });

export function Dialogs({ actions }: { actions: Actions }) {
  const dialog = consoleState.use((state) => state.dialog);
  switch (dialog?.kind) {
    case 'open':
      return <OpenDialog lon={dialog.lon} lat={dialog.lat} actions={actions} />;
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

function OpenDialog({ lon, lat, actions }: { lon: number; lat: number; actions: Actions }) {
  const t = useConsoleText();
  const shared = useText();
  const language = useLanguage();
  const [type, setType] = useState<IncidentType>('other');
  const [priority, setPriority] = useState<Priority>(2);
  const [title, setTitle] = useState('');
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const { data: place } = useFetched(lonLat(lon, lat), (_key, signal) => places.near(lon, lat, signal));

  const submit = async () => {
    setBusy(true);
    setError(null);
    try {
      await actions.openAt({ type, priority, title: title.trim() || null, lon, lat });
    } catch (problem) {
      setError(problem);
      setBusy(false);
    }
  };
  return (
    <Dialog
      title={t('open.title')}
      onClose={close}
      onSubmit={() => void submit()}
      footer={
        <>
          <Cancel />
          <button type="submit" className="button primary" data-testid="open-submit" disabled={busy}>
            {t('open.submit')}
          </button>
        </>
      }
    >
      <p className="muted">
        {t('open.at')}: {place ? either(language, place.name, place.name_en) : lonLat(lon, lat)}
      </p>
      <label className="field">
        <span className="label">{t('open.type')}</span>
        <select className="input" data-testid="open-type" value={type} onChange={(event) => setType(event.target.value as IncidentType)}>
          {INCIDENT_TYPES.map((name) => (
            <option key={name} value={name}>
              {shared(`incident_type.${name}`)}
            </option>
          ))}
        </select>
      </label>
      <fieldset className="choice">
        <legend className="muted">{t('open.priority')}</legend>
        {PRIORITIES.map((level) => (
          <label key={level}>
            <input type="radio" name="priority" checked={priority === level} onChange={() => setPriority(level)} />
            <span className="level" data-priority={level}>
              P{level}
            </span>
            {shared(`priority.${level}`)}
          </label>
        ))}
      </fieldset>
      <label className="field">
        <span className="label">{t('open.name')}</span>
        <input className="input" maxLength={200} value={title} onChange={(event) => setTitle(event.target.value)} />
      </label>
      {error !== null && <ErrorNotice error={error} />}
    </Dialog>
  );
}

const PRESETS = ['animal', 'staff', 'light', 'test'] as const;

function DismissDialog({ alarm, actions }: { alarm: Alarm; actions: Actions }) {
  const t = useConsoleText();
  const language = useLanguage();
  const [reason, setReason] = useState('');
  const submit = (text: string) => {
    close();
    void actions.dismiss(alarm, text);
  };
  return (
    <Dialog
      title={t('dismiss.title')}
      onClose={close}
      onSubmit={() => reason.trim() && submit(reason.trim())}
      footer={
        <>
          <Cancel />
          <button type="submit" className="button primary" data-testid="dismiss-submit" disabled={!reason.trim()}>
            {t('alarm.dismiss')}
          </button>
        </>
      }
    >
      <p>{either(language, alarm.title, alarm.title_en)}</p>
      <label className="field">
        <span className="label">{t('dismiss.reason')}</span>
        <input className="input" data-testid="dismiss-reason" data-autofocus maxLength={200} placeholder={t('dismiss.reason_hint')} value={reason} onChange={(event) => setReason(event.target.value)} />
      </label>
      <div className="panel-actions">
        {PRESETS.map((preset) => (
          <button key={preset} type="button" className="button small" onClick={() => submit(t(`dismiss.preset.${preset}`))}>
            {t(`dismiss.preset.${preset}`)}
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
