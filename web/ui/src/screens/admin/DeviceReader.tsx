import { LoaderCircle } from 'lucide-react';
import { useState } from 'react';
import { admin } from '../../api/endpoints';
import type { OnvifDescribe } from '../../api/types';
import { ErrorNotice } from '../../components/ErrorNotice';
import { sentence } from '../../said';
import { chosen, profileText, type Chosen } from './onvif';
import { Field, TextField } from './parts';
import { messages } from './text';

interface Props {
  url: string;
  problem: string | undefined;
  login: { username: string; password: string; camera_id: number | null };
  onUrl: (url: string) => void;
  onChosen: (chosen: Chosen) => void;
}

/** Asks one device by ONVIF what it streams, and fills the fields with what is chosen of it. */
export function DeviceReader({ url, problem, login, onUrl, onChosen }: Props) {
  const t = messages.use();
  const [device, setDevice] = useState<OnvifDescribe | 'busy' | null>(null);
  const [error, setError] = useState<unknown>(null);
  const read = async () => {
    setDevice('busy');
    setError(null);
    try {
      const kept = login.camera_id !== null && !login.password; // the password that is kept serves for its own host only
      const found = await admin.describe({ url: url.trim(), username: login.username || null, password: login.password || null, camera_id: kept ? login.camera_id : null });
      setDevice(found);
      if (found.ok) onChosen(chosen(found, found.main ?? '', found.sub ?? ''));
    } catch (problem) {
      setDevice(null);
      setError(problem);
    }
  };
  const known = device !== null && device !== 'busy' ? device : null;
  return (
    <div className="ad-device">
      <div className="ad-beside">
        <TextField label={t('camera.onvif_url')} hint={t('camera.onvif_url_hint')} value={url} problem={problem} testid="camera-onvif_url" onChange={onUrl} />
        <button type="button" className="button" disabled={device === 'busy' || !url.trim()} data-testid="onvif-read" onClick={() => void read()}>
          {device === 'busy' && <LoaderCircle size={14} className="ad-spin" aria-hidden />}
          {t(device === 'busy' ? 'onvif.reading' : 'onvif.read')}
        </button>
      </div>
      {error !== null && <ErrorNotice error={error} thing={url} />}
      {known && <Described device={known} />}
      {known?.ok && <Profiles device={known} onChosen={onChosen} />}
    </div>
  );
}

/** Who the device is, or the step at which asking it failed. */
export function Described({ device }: { device: OnvifDescribe }) {
  const t = messages.use();
  const ahead_s = device.clock_ahead_s ?? 0;
  return (
    <div role="status" data-testid="onvif-described" data-ok={device.ok}>
      {device.ok ? (
        <p>
          {[device.maker, device.model].filter(Boolean).join(' ')} <span className="muted">{[device.firmware, device.serial].filter(Boolean).join(' · ')}</span>
        </p>
      ) : (
        <p>
          <strong>{t(`onvif.step.${device.step}` as 'onvif.step.connect')}</strong> {sentence(t.language, device.message, device.why)}
        </p>
      )}
      {device.ok && Math.abs(ahead_s) > 60 && <p>{t(ahead_s > 0 ? 'onvif.clock_ahead' : 'onvif.clock_behind', { n: Math.round(Math.abs(ahead_s) / 60) })}</p>}
      {device.notes?.map((note) => (
        <p key={note} className="muted">
          {note}
        </p>
      ))}
    </div>
  );
}

interface ProfilesProps {
  device: OnvifDescribe;
  onChosen: (chosen: Chosen) => void;
}

/** Which of the device's profiles is the main stream and which the second one. */
export function Profiles({ device, onChosen }: ProfilesProps) {
  const t = messages.use();
  const [main, setMain] = useState(device.main ?? '');
  const [sub, setSub] = useState(device.sub ?? '');
  const streams = (device.profiles ?? []).filter((profile) => profile.stream_url);
  const take = (nextMain: string, nextSub: string) => {
    setMain(nextMain);
    setSub(nextSub);
    onChosen(chosen(device, nextMain, nextSub));
  };
  return (
    <div className="ad-form">
      <Field label={t('onvif.main')}>
        <select className="input" value={main} data-testid="onvif-main" onChange={(event) => take(event.target.value, sub)}>
          {streams.map((profile) => (
            <option key={profile.token} value={profile.token}>
              {profileText(profile)}
            </option>
          ))}
        </select>
      </Field>
      <Field label={t('onvif.sub')}>
        <select className="input" value={sub} data-testid="onvif-sub" onChange={(event) => take(main, event.target.value)}>
          <option value="">{t('onvif.sub_none')}</option>
          {streams
            .filter((profile) => profile.token !== main)
            .map((profile) => (
              <option key={profile.token} value={profile.token}>
                {profileText(profile)}
              </option>
            ))}
        </select>
      </Field>
    </div>
  );
}
