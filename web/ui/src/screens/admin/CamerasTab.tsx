import { Pencil, Plus, Video } from 'lucide-react';
import { useState } from 'react';
import { admin, cameras as cameraRoutes } from '../../api/endpoints';
import type { Camera, CameraTest } from '../../api/types';
import { Dialog } from '../../components/Dialog';
import { ErrorNotice } from '../../components/ErrorNotice';
import { Empty } from '../../components/small';
import { useFeed, useReload, useRows } from '../../feed';
import { named, useText } from '../../i18n';
import { Check, numberOrNull, TextField } from './parts';
import { messages } from './text';

export function CamerasTab() {
  const t = messages.use();
  const shared = useText();
  const rows = [...useRows(useFeed().cameras)].sort((a, b) => a.code.localeCompare(b.code));
  const [editing, setEditing] = useState<Camera | 'new' | null>(null);
  return (
    <>
      <div className="ad-head">
        <button type="button" className="button primary" onClick={() => setEditing('new')}>
          <Plus size={16} aria-hidden />
          {t('camera.add')}
        </button>
      </div>
      {rows.length === 0 ? (
        <Empty icon={<Video size={32} aria-hidden />} title={t('camera.empty')}>
          {t('camera.empty_hint')}
        </Empty>
      ) : (
        <table className="ad-table">
          <thead>
            <tr>
              <th>{t('camera.picture')}</th>
              <th>{t('camera.code')}</th>
              <th>{t('camera.name')}</th>
              <th>{t('camera.state')}</th>
              <th>{t('camera.recorded')}</th>
              <th>{t('camera.analysed')}</th>
              <th>{t('camera.published')}</th>
              <th>{t('camera.retention_days')}</th>
              <th />
            </tr>
          </thead>
          <tbody>
            {rows.map((camera) => (
              <tr key={camera.id}>
                <td>
                  {camera.state === 'online' ? <img className="ad-thumb" src={cameraRoutes.snapshotUrl(camera.id)} alt="" loading="lazy" /> : <span className="ad-thumb" />}
                </td>
                <td>{camera.code}</td>
                <td>{named(t.language, camera)}</td>
                <td>
                  {shared(`camera_state.${camera.state}`)}
                  {camera.reason && <div className="muted ad-reason">{camera.reason}</div>}
                </td>
                <td>{t(camera.recorded ? 'admin.yes' : 'admin.no')}</td>
                <td>{t(camera.analysed ? 'admin.yes' : 'admin.no')}</td>
                <td>{t(camera.published ? 'admin.yes' : 'admin.no')}</td>
                <td className="ad-number">{camera.retention_days}</td>
                <td>
                  <button type="button" className="button small" onClick={() => setEditing(camera)}>
                    <Pencil size={14} aria-hidden />
                    {t('admin.edit')}
                  </button>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {editing && <CameraForm key={editing === 'new' ? 0 : editing.id} camera={editing === 'new' ? null : editing} onClose={() => setEditing(null)} />}
    </>
  );
}

const TEXTS = ['name', 'name_en', 'url', 'username'] as const;
const NUMBERS = ['lon', 'lat', 'height_m', 'yaw_deg', 'pitch_deg', 'hfov_deg', 'retention_days'] as const;
const FLAGS = ['enabled', 'recorded', 'analysed', 'published'] as const;
type Values = Record<(typeof TEXTS)[number] | (typeof NUMBERS)[number] | 'code' | 'password', string> & Record<(typeof FLAGS)[number], boolean>;

function start(camera: Camera | null): Values {
  const text = (value: string | number | null | undefined) => (value === null || value === undefined ? '' : String(value));
  return {
    code: camera?.code ?? '',
    password: '',
    name: text(camera?.name),
    name_en: text(camera?.name_en),
    url: text(camera?.url),
    username: text(camera?.username),
    lon: text(camera?.lon),
    lat: text(camera?.lat),
    height_m: text(camera?.height_m),
    yaw_deg: text(camera?.yaw_deg),
    pitch_deg: text(camera?.pitch_deg),
    hfov_deg: text(camera?.hfov_deg),
    retention_days: text(camera?.retention_days ?? 30),
    enabled: camera?.enabled ?? true,
    recorded: camera?.recorded ?? true,
    analysed: camera?.analysed ?? true,
    published: camera?.published ?? false,
  };
}

function CameraForm({ camera, onClose }: { camera: Camera | null; onClose: () => void }) {
  const t = messages.use();
  const shared = useText();
  const feed = useFeed();
  const reload = useReload();
  const [values, setValues] = useState(() => start(camera));
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const [tested, setTested] = useState<CameraTest | 'busy' | null>(null);
  const set = <K extends keyof Values>(key: K, value: Values[K]) => setValues((held) => ({ ...held, [key]: value }));

  const body = () => ({
    name: values.name,
    name_en: values.name_en || null,
    url: values.url,
    username: values.username || null,
    ...(values.password ? { password: values.password } : {}),
    lon: Number(values.lon),
    lat: Number(values.lat),
    height_m: numberOrNull(values.height_m),
    yaw_deg: numberOrNull(values.yaw_deg),
    pitch_deg: numberOrNull(values.pitch_deg),
    hfov_deg: numberOrNull(values.hfov_deg),
    retention_days: Number(values.retention_days),
    enabled: values.enabled,
    recorded: values.recorded,
    analysed: values.analysed,
    published: values.published,
  });
  const save = async () => {
    setBusy(true);
    setError(null);
    try {
      const saved = camera
        ? await admin.changeCamera(camera.id, { ...body(), expected_version: camera.version })
        : await admin.addCamera({ ...body(), code: values.code, roll_deg: 0 });
      feed.cameras.upsert([saved]);
      onClose();
    } catch (problem) {
      setError(problem);
      setBusy(false);
    }
  };
  const test = async () => {
    setTested('busy');
    setError(null);
    try {
      setTested(await admin.testCamera({ url: values.url, username: values.username || null, password: values.password || null }));
    } catch (problem) {
      setTested(null);
      setError(problem);
    }
  };

  return (
    <Dialog
      wide
      title={camera ? t('camera.edit', { code: camera.code }) : t('camera.add')}
      onClose={onClose}
      onSubmit={() => void save()}
      footer={
        <>
          <button type="button" className="button" disabled={tested === 'busy' || !values.url} onClick={() => void test()}>
            {t(tested === 'busy' ? 'camera.testing' : 'camera.test')}
          </button>
          <button type="button" className="button" onClick={onClose}>
            {shared('action.cancel')}
          </button>
          <button type="submit" className="button primary" disabled={busy}>
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
      {tested !== null && tested !== 'busy' && (
        <div className="notice" role="status">
          <span>
            <span className="what">
              {tested.ok
                ? t('camera.test_ok', {
                    s: (tested.first_picture_s ?? 0).toFixed(1),
                    codec: tested.codec ?? '–',
                    w: tested.width_px ?? 0,
                    h: tested.height_px ?? 0,
                    fps: Math.round(tested.fps ?? 0),
                  })
                : t('camera.test_failed', { step: tested.step })}
            </span>
            {!tested.ok && <p>{tested.message}</p>}
          </span>
        </div>
      )}
      <div className="ad-form">
        {!camera && (
          <TextField
            label={t('camera.code')}
            hint={t('camera.code_hint')}
            value={values.code}
            required
            maxLength={32}
            pattern="[A-Za-z0-9][A-Za-z0-9_\-]*"
            onChange={(value) => set('code', value)}
          />
        )}
        {TEXTS.map((key) => (
          <TextField
            key={key}
            label={t(`camera.${key}`)}
            {...(key === 'url' ? { hint: t('camera.url_hint') } : {})}
            value={values[key]}
            required={key === 'name' || key === 'url'}
            onChange={(value) => set(key, value)}
          />
        ))}
        <TextField
          label={t('camera.password')}
          {...(camera ? { hint: t('camera.password_keep') } : {})}
          type="password"
          value={values.password}
          onChange={(value) => set('password', value)}
        />
        {NUMBERS.map((key) => (
          <TextField
            key={key}
            label={t(`camera.${key}`)}
            type="number"
            value={values[key]}
            required={key === 'lon' || key === 'lat' || key === 'retention_days'}
            onChange={(value) => set(key, value)}
          />
        ))}
      </div>
      <div className="ad-flags">
        {FLAGS.map((key) => (
          <Check key={key} label={t(`camera.${key}`)} checked={values[key]} onChange={(checked) => set(key, checked)} />
        ))}
      </div>
    </Dialog>
  );
}
