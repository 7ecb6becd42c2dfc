import { useState } from 'react';
import { admin, cameras as cameraRoutes } from '../../api/endpoints';
import type { Camera } from '../../api/types';
import { useFetched } from '../../app/fetched';
import { Dialog } from '../../components/Dialog';
import { ErrorNotice } from '../../components/ErrorNotice';
import { useFeed, useReload } from '../../feed';
import { useText } from '../../i18n';
import { bodyOf, PLACE, ROLES, valuesOf, type Values } from './cameraValues';
import { DeviceReader } from './DeviceReader';
import { Check, fieldProblems, TextField } from './parts';
import { PresetField } from './PresetField';
import { StreamTest } from './StreamTest';
import { messages } from './text';

interface Props {
  /** Null: a new one. */
  id: number | null;
  onClose: () => void;
}

/** A camera's settings. The feed carries no addresses, so an existing one is fetched first. */
export function CameraForm({ id, onClose }: Props) {
  const shared = useText();
  const t = messages.use();
  const { data, error } = useFetched(id, (key) => cameraRoutes.read(key));
  if (id === null) return <Form camera={null} onClose={onClose} />;
  if (data) return <Form camera={data} onClose={onClose} />;
  return (
    <Dialog title={t('camera.edit', { code: '' })} onClose={onClose}>
      {error ? <ErrorNotice error={error} /> : <p className="muted">{shared('app.loading')}</p>}
    </Dialog>
  );
}

function Form({ camera, onClose }: { camera: Camera | null; onClose: () => void }) {
  const t = messages.use();
  const shared = useText();
  const feed = useFeed();
  const reload = useReload();
  const [values, setValues] = useState(() => valuesOf(camera));
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const set = <K extends keyof Values>(key: K, value: Values[K]) => setValues((held) => ({ ...held, [key]: value }));
  const problems = fieldProblems(error);

  const save = async () => {
    setBusy(true);
    setError(null);
    try {
      const saved = camera
        ? await admin.changeCamera(camera.id, { ...bodyOf(values), expected_version: camera.version })
        : await admin.addCamera({ ...bodyOf(values), code: values.code, roll_deg: 0 });
      feed.cameras.upsert([saved]);
      onClose();
    } catch (problem) {
      setError(problem);
      setBusy(false);
    }
  };
  const text = (key: 'name' | 'name_en' | 'url' | 'sub_url' | 'username' | 'onvif_profile' | (typeof PLACE)[number] | 'retention_days' | 'ptz_home_after_s', more: { type?: 'number'; required?: boolean; hint?: string } = {}) => (
    <TextField key={key} label={t(`camera.${key}`)} value={values[key]} problem={problems[key]} testid={`camera-${key}`} onChange={(value) => set(key, value)} {...more} />
  );

  return (
    <Dialog
      wide
      title={camera ? t('camera.edit', { code: camera.code }) : t('camera.add')}
      onClose={onClose}
      onSubmit={() => void save()}
      footer={
        <>
          <button type="button" className="button" onClick={onClose}>
            {shared('action.cancel')}
          </button>
          <button type="submit" className="button primary" disabled={busy} data-testid="camera-save">
            {shared('action.save')}
          </button>
        </>
      }
    >
      {error !== null && (
        <ErrorNotice
          error={error}
          {...(camera ? { thing: camera.code } : {})}
          onReload={() => {
            void reload();
            onClose();
          }}
        />
      )}
      <div className="ad-form">
        {!camera && (
          <TextField
            label={t('camera.code')}
            hint={t('camera.code_hint')}
            value={values.code}
            problem={problems['code']}
            required
            maxLength={32}
            pattern="[A-Za-z0-9][A-Za-z0-9_\-]*"
            testid="camera-code"
            onChange={(value) => set('code', value)}
          />
        )}
        {text('name', { required: true })}
        {text('name_en')}
      </div>

      <fieldset className="ad-part">
        <legend>{t('camera.part.login')}</legend>
        <div className="ad-form">
          {text('username')}
          <TextField
            label={t('camera.password')}
            {...(camera ? { hint: t('camera.password_keep') } : {})}
            type="password"
            value={values.password}
            problem={problems['password']}
            testid="camera-password"
            onChange={(value) => set('password', value)}
          />
        </div>
        <DeviceReader
          url={values.onvif_url}
          problem={problems['onvif_url']}
          login={{ username: values.username, password: values.password, camera_id: camera?.id ?? null }}
          onUrl={(value) => set('onvif_url', value)}
          onChosen={(chosen) => setValues((held) => ({ ...held, ...chosen }))}
        />
      </fieldset>

      <fieldset className="ad-part">
        <legend>{t('camera.part.streams')}</legend>
        <div className="ad-form ad-wide">
          {text('url', { required: true, hint: t('camera.url_hint') })}
          <StreamTest name={t('camera.stream.main')} url={values.url} username={values.username} password={values.password} />
          {text('sub_url', { hint: t('camera.sub_url_hint') })}
          {values.sub_url.trim() !== '' && <StreamTest name={t('camera.stream.sub')} url={values.sub_url} username={values.username} password={values.password} />}
        </div>
        {camera && values.password === '' && camera.username && <p className="muted ad-hint">{t('camera.test_password')}</p>}
        <div className="ad-roles">
          <Check label={t('camera.enabled')} checked={values.enabled} onChange={(on) => set('enabled', on)} />
          {ROLES.map(([flag, stream]) => (
            <span key={flag} className="ad-role">
              <Check label={t(`camera.${flag}`)} checked={values[flag]} onChange={(on) => set(flag, on)} />
              {values.sub_url.trim() !== '' && (
                <select className="input" aria-label={t(`camera.${stream}`)} value={values[stream]} disabled={!values[flag]} data-testid={`camera-${stream}`} onChange={(event) => set(stream, event.target.value as Values['record_stream'])}>
                  <option value="main">{t('camera.stream.main')}</option>
                  <option value="sub">{t('camera.stream.sub')}</option>
                </select>
              )}
            </span>
          ))}
          <Check label={t('camera.audio')} checked={values.audio} onChange={(on) => set('audio', on)} />
        </div>
        <div className="ad-form">{text('retention_days', { type: 'number', required: true })}</div>
      </fieldset>

      <fieldset className="ad-part">
        <legend>{t('camera.part.ptz')}</legend>
        <Check label={t('camera.ptz')} checked={values.ptz} onChange={(on) => set('ptz', on)} />
        {values.ptz && (
          <>
            {values.onvif_url.trim() === '' && <p>{t('camera.ptz_needs')}</p>}
            <div className="ad-form">
              {text('onvif_profile', { hint: t('camera.onvif_profile_hint') })}
              {camera?.ptz && (
                <PresetField camera={camera} label={t('camera.ptz_home')} none={t('camera.ptz_home_none')} value={values.ptz_home} problem={problems['ptz_home']} onChange={(token) => set('ptz_home', token)} />
              )}
              {values.ptz_home !== '' && text('ptz_home_after_s', { type: 'number', required: true })}
            </div>
          </>
        )}
      </fieldset>

      <fieldset className="ad-part">
        <legend>{t('camera.part.place')}</legend>
        <div className="ad-form">{PLACE.map((key) => text(key, { type: 'number', required: key === 'lon' || key === 'lat' }))}</div>
      </fieldset>
    </Dialog>
  );
}
