import { FlaskConical } from 'lucide-react';
import { useEffect, useState } from 'react';
import type { Camera, ZoneIn } from '../api/types';
import { ErrorNotice } from '../components/ErrorNotice';
import { named, useLanguage } from '../i18n';
import { zonesApi, type Tried } from './api';
import { Strip } from './Strip';
import { messages } from './text';

interface Props {
  zone: ZoneIn;
  zoneId: number | null;
  ignored?: [number, number][][];
  disabled: boolean;
  /** Whose pictures a zone on the map can be tried in. */
  cameras: readonly Camera[];
  /** Tries at once, and again when it changes. */
  begin?: unknown;
}

const HOURS = 24;
const MOST = 1000;

/** What the zone would have fired on, from stored tracks. */
export function TryOut({ zone, zoneId, ignored, disabled, cameras, begin }: Props) {
  const t = messages.use();
  const language = useLanguage();
  const [tried, setTried] = useState<Tried | null>(null);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const [camera, setCamera] = useState<number | null>(null);
  const onMap = zone.camera_id === null;
  const where = onMap ? (cameras.find((each) => each.id === camera) ?? cameras[0]) : undefined;
  const run = async () => {
    setBusy(true);
    setError(null);
    try {
      setTried(await zonesApi.tryOut(zone, { zone_id: zoneId, camera_id: where?.id ?? null, ignored: ignored ?? [], hours: HOURS }));
    } catch (problem) {
      setError(problem);
    } finally {
      setBusy(false);
    }
  };
  useEffect(() => {
    if (begin !== undefined && !disabled) void run();
    // Once for each value of `begin`; what is tried then is what was saved.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [begin]);
  const hours = tried ? Math.max(1, Math.round((Date.parse(tried.to_at) - Date.parse(tried.from_at)) / 3.6e6)) : HOURS;
  return (
    <section className="zn-try" data-testid="try-out">
      <div className="zn-row">
        <button type="button" className="button" disabled={disabled || busy || (onMap && !where)} onClick={() => void run()} data-testid="try">
          <FlaskConical size={16} aria-hidden />
          {t(busy ? 'zones.trying' : 'zones.try')}
        </button>
        {onMap && cameras.length > 0 && (
          <select className="input" aria-label={t('zones.try_camera')} value={where?.id} onChange={(event) => setCamera(Number(event.target.value))}>
            {cameras.map((each) => (
              <option key={each.id} value={each.id}>
                {each.code} {named(language, each)}
              </option>
            ))}
          </select>
        )}
        <span className="muted zn-hint">{t('zones.try_hint')}</span>
      </div>
      {error !== null && <ErrorNotice error={error} onDismiss={() => setError(null)} />}
      {tried && (
        <p data-testid="try-count" data-count={tried.count}>
          {!tried.replayable
            ? t('zones.try_not')
            : t(tried.count === 0 ? 'zones.try_none' : tried.count >= MOST ? 'zones.try_most' : 'zones.try_some', { h: hours, count: tried.count, n: tried.tracks })}
          {tried.replayable && hours < HOURS && <span className="muted"> {t('zones.try_shorter', { h: hours })}</span>}
        </p>
      )}
      {tried && tried.firings.length > 0 && <Strip seen={tried.firings} />}
    </section>
  );
}
