import { Check as CheckIcon, LoaderCircle, RefreshCw } from 'lucide-react';
import { useEffect, useState } from 'react';
import { admin } from '../../api/endpoints';
import type { OnvifDescribe, OnvifFound } from '../../api/types';
import { Dialog } from '../../components/Dialog';
import { ErrorNotice } from '../../components/ErrorNotice';
import { Empty } from '../../components/small';
import { useFeed, useRows } from '../../feed';
import { useText } from '../../i18n';
import { bodyOf, valuesOf } from './cameraValues';
import { Described, Profiles } from './DeviceReader';
import { chosen, codeFor, middle, type Chosen } from './onvif';
import { TextField } from './parts';
import { messages } from './text';

const MOST_KNOWN = 4;

/** One device on its way to becoming a camera. */
interface Candidate {
  found: OnvifFound;
  wanted: boolean;
  device: OnvifDescribe | null;
  chosen: Chosen | null;
  code: string;
  name: string;
  busy: boolean;
  added: boolean;
  error: unknown;
}

/** Cameras that answer on the network: choose, give their login once, read what they stream, add them all. */
export function FindCameras({ onClose }: { onClose: () => void }) {
  const t = messages.use();
  const shared = useText();
  const feed = useFeed();
  const cameras = useRows(feed.cameras);
  const [rows, setRows] = useState<Candidate[] | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [username, setUsername] = useState('');
  const [password, setPassword] = useState('');
  const [[lon, lat], setSpot] = useState(() => middle(cameras)?.map(String) ?? ['', '']);
  const [busy, setBusy] = useState(false);

  const search = async () => {
    setRows(null);
    setError(null);
    try {
      const found = await admin.discover();
      const taken = new Set(feed.cameras.all().map((camera) => camera.code));
      setRows(
        found.map((each) => {
          const code = codeFor(each, taken);
          taken.add(code);
          const known = (each.camera_codes ?? []).length > 0;
          return { found: each, wanted: !known, device: null, chosen: null, code, name: each.name || each.hardware || code, busy: false, added: false, error: null };
        }),
      );
    } catch (problem) {
      setError(problem);
      setRows([]);
    }
  };
  useEffect(() => {
    void search();
    // Once, when it opens; the button asks again.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, []);

  const change = (url: string, next: Partial<Candidate>) => setRows((held) => held?.map((row) => (row.found.url === url ? { ...row, ...next } : row)) ?? null);
  const wanted = (rows ?? []).filter((row) => row.wanted && !row.added);
  const ready = wanted.filter((row) => row.chosen?.url);

  const read = async () => {
    setBusy(true);
    for (const { found } of wanted.filter((row) => !row.chosen)) {
      change(found.url, { busy: true, error: null });
      try {
        const device = await admin.describe({ url: found.url, username: username || null, password: password || null });
        change(found.url, { busy: false, device, chosen: device.ok ? chosen(device, device.main ?? '', device.sub ?? '') : null });
      } catch (problem) {
        change(found.url, { busy: false, error: problem });
      }
    }
    setBusy(false);
  };
  const add = async () => {
    setBusy(true);
    for (const row of ready) {
      change(row.found.url, { busy: true, error: null });
      try {
        const values = { ...valuesOf(null), ...row.chosen, name: row.name, username, password, lon: lon ?? '', lat: lat ?? '' };
        // Analysis is content with the small stream; what is recorded stays whole.
        const saved = await admin.addCamera({ ...bodyOf({ ...values, analyse_stream: 'sub' }), code: row.code, roll_deg: 0 });
        feed.cameras.upsert([saved]);
        change(row.found.url, { busy: false, added: true });
      } catch (problem) {
        change(row.found.url, { busy: false, error: problem });
      }
    }
    setBusy(false);
  };

  const finished = rows !== null && rows.some((row) => row.added) && wanted.length === 0;
  return (
    <Dialog
      wide
      title={t('find.title')}
      onClose={onClose}
      onSubmit={() => void (ready.length > 0 && ready.length === wanted.length ? add() : read())}
      footer={
        <>
          <button type="button" className="button" disabled={rows === null || busy} onClick={() => void search()}>
            <RefreshCw size={15} aria-hidden />
            {t('find.again')}
          </button>
          <button type="button" className="button" onClick={onClose}>
            {shared(finished ? 'action.close' : 'action.cancel')}
          </button>
          {!finished &&
            (ready.length > 0 && ready.length === wanted.length ? (
              <button type="submit" className="button primary" disabled={busy || !lon || !lat} data-testid="find-add">
                {t('find.add', { n: ready.length })}
              </button>
            ) : (
              <button type="submit" className="button primary" disabled={busy || wanted.length === 0} data-testid="find-read">
                {t('find.read', { n: wanted.length })}
              </button>
            ))}
        </>
      }
    >
      {error !== null && <ErrorNotice error={error} onRetry={() => void search()} />}
      {rows === null && (
        <p className="muted" role="status">
          <LoaderCircle size={15} className="ad-spin" aria-hidden /> {t('find.asking')}
        </p>
      )}
      {rows?.length === 0 && error === null && <Empty title={t('find.none')}>{t('find.none_hint')}</Empty>}
      {rows !== null && rows.length > 0 && (
        <>
          <div className="ad-form">
            <TextField label={t('camera.username')} value={username} testid="find-username" onChange={setUsername} />
            <TextField label={t('camera.password')} type="password" value={password} testid="find-password" onChange={setPassword} />
            <TextField label={t('camera.lon')} type="number" required value={lon ?? ''} onChange={(value) => setSpot([value, lat ?? ''])} />
            <TextField label={t('camera.lat')} type="number" required value={lat ?? ''} onChange={(value) => setSpot([lon ?? '', value])} />
          </div>
          <p className="muted ad-hint">{t('find.hint')}</p>
          <ul className="ad-found">
            {rows.map((row) => (
              <Found key={row.found.url} row={row} onChange={(next) => change(row.found.url, next)} />
            ))}
          </ul>
        </>
      )}
    </Dialog>
  );
}

function Found({ row, onChange }: { row: Candidate; onChange: (next: Partial<Candidate>) => void }) {
  const t = messages.use();
  const { found } = row;
  const known = found.camera_codes ?? [];
  return (
    <li data-testid="found-device" data-added={row.added || undefined}>
      <label className="ad-check">
        <input type="checkbox" checked={row.wanted || row.added} disabled={row.added} onChange={(event) => onChange({ wanted: event.target.checked })} />
        <span>
          <strong>{found.name || found.hardware || found.address}</strong> <span className="muted">{[found.name ? found.hardware : '', found.address].filter(Boolean).join(' · ')}</span>
        </span>
      </label>
      {row.busy && <LoaderCircle size={15} className="ad-spin" aria-label={t('onvif.reading')} />}
      {row.added && (
        <span className="ad-done" role="status">
          <CheckIcon size={15} aria-hidden />
          {t('find.added', { code: row.code })}
        </span>
      )}
      {known.length > 0 && !row.added && <span className="muted">{t('find.known', { codes: known.length > MOST_KNOWN ? `${known.slice(0, MOST_KNOWN).join(', ')} … (${known.length})` : known.join(', ') })}</span>}
      {row.wanted && !row.added && (row.device || row.error !== null) && (
        <div className="ad-found-more">
          {row.error !== null && <ErrorNotice error={row.error} thing={found.address} />}
          {row.device && <Described device={row.device} />}
          {row.device?.ok && (
            <>
              <Profiles device={row.device} onChosen={(next) => onChange({ chosen: next })} />
              <div className="ad-form">
                <TextField label={t('camera.code')} required maxLength={32} pattern="[A-Za-z0-9][A-Za-z0-9_\-]*" value={row.code} testid="found-code" onChange={(code) => onChange({ code })} />
                <TextField label={t('camera.name')} required maxLength={100} value={row.name} testid="found-name" onChange={(name) => onChange({ name })} />
              </div>
            </>
          )}
        </div>
      )}
    </li>
  );
}
