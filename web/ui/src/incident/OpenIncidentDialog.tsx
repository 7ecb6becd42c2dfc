import { useState } from 'react';
import { incidents, places } from '../api/endpoints';
import type { IncidentDetail, IncidentType, Priority } from '../api/types';
import { useFetched } from '../app/fetched';
import { Dialog } from '../components/Dialog';
import { ErrorNotice } from '../components/ErrorNotice';
import { either, useLanguage, useText } from '../i18n';
import { lonLat } from '../i18n/format';

export const INCIDENT_TYPES: readonly IncidentType[] = ['intrusion', 'fire', 'flood', 'traffic', 'medical', 'pipe_burst', 'pollution', 'panic', 'other'];
export const PRIORITIES: readonly Priority[] = [1, 2, 3, 4];

interface Props {
  lon: number;
  lat: number;
  /** What is done with the incident once it is open; the dialog is closed by whoever shows it. */
  onOpened: (detail: IncidentDetail) => void;
  onClose: () => void;
}

/** Opens an incident at a spot: what it is, how urgent, and a title if one wants to give it. */
export function OpenIncidentDialog({ lon, lat, onOpened, onClose }: Props) {
  const t = useText();
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
      onOpened(await incidents.open({ type, priority, title: title.trim() || null, lon, lat }));
    } catch (problem) {
      setError(problem);
      setBusy(false);
    }
  };
  return (
    <Dialog
      title={t('open.title')}
      onClose={onClose}
      onSubmit={() => void submit()}
      footer={
        <>
          <button type="button" className="button" onClick={onClose}>
            {t('action.cancel')}
          </button>
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
              {t(`incident_type.${name}`)}
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
            {t(`priority.${level}`)}
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
