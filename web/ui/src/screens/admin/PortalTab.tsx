import { Globe, Power } from 'lucide-react';
import { useEffect, useState } from 'react';
import { admin } from '../../api/endpoints';
import type { Portal, PortalPatch } from '../../api/types';
import { ErrorNotice } from '../../components/ErrorNotice';
import { useFeed, useRows } from '../../feed';
import { named, useText } from '../../i18n';
import { TextField } from './parts';
import { messages } from './text';

/** What the public sees, how late, and the switch that ends it at once. */
export function PortalTab() {
  const t = messages.use();
  const shared = useText();
  const cameras = useRows(useFeed().cameras).filter((camera) => camera.published);
  const [portal, setPortal] = useState<Portal | null>(null);
  const [delay, setDelay] = useState('');
  const [notice, setNotice] = useState('');
  const [noticeEn, setNoticeEn] = useState('');
  const [error, setError] = useState<unknown>(null);
  const [saved, setSaved] = useState(false);

  const take = (found: Portal) => {
    setPortal(found);
    setDelay(String(found.delay_s));
    setNotice(found.notice);
    setNoticeEn(found.notice_en);
  };
  const load = async () => {
    try {
      take(await admin.portal());
      setError(null);
    } catch (problem) {
      setError(problem);
    }
  };
  useEffect(() => {
    void load();
  }, []);
  const change = async (patch: Omit<PortalPatch, 'expected_version'>) => {
    if (!portal) return;
    setError(null);
    setSaved(false);
    try {
      take(await admin.changePortal({ ...patch, expected_version: portal.version }));
      setSaved(true);
    } catch (problem) {
      setError(problem);
    }
  };
  if (!portal) return error === null ? <p className="muted">{shared('app.loading')}</p> : <ErrorNotice error={error} onRetry={() => void load()} />;
  return (
    <div className="ad-narrow">
      {error !== null && <ErrorNotice error={error} onReload={() => void load()} onDismiss={() => setError(null)} />}
      <section className="ad-switch" data-open={portal.open}>
        <Globe size={28} aria-hidden />
        <div>
          <h2>{t(portal.open ? 'portal.open' : 'portal.closed')}</h2>
          <p className="muted">{portal.open ? t('portal.open_hint', { s: portal.delay_s }) : t('portal.closed_hint')}</p>
        </div>
        <button
          type="button"
          className={`button large${portal.open ? '' : ' primary'}`}
          data-testid="portal-switch"
          onClick={() => void change({ open: !portal.open })}
        >
          <Power size={18} aria-hidden />
          {t(portal.open ? 'portal.switch_off' : 'portal.switch_on')}
        </button>
      </section>
      <form
        className="ad-column"
        onSubmit={(event) => {
          event.preventDefault();
          void change({ delay_s: Number(delay), notice, notice_en: noticeEn });
        }}
      >
        <TextField label={t('portal.delay')} type="number" value={delay} required onChange={setDelay} />
        <TextField label={t('portal.notice')} value={notice} maxLength={500} onChange={setNotice} />
        <TextField label={t('portal.notice_en')} value={noticeEn} maxLength={500} onChange={setNoticeEn} />
        <div className="ad-head">
          <button type="submit" className="button primary">
            {shared('action.save')}
          </button>
          {saved && (
            <span className="muted" role="status">
              {t('admin.saved')}
            </span>
          )}
        </div>
      </form>
      <section>
        <h2>{t('portal.published')}</h2>
        <ul className="ad-list">
          {cameras.map((camera) => (
            <li key={camera.id}>
              <span>
                {camera.code} {named(t.language, camera)}
              </span>
              <span className="muted">{shared(`camera_state.${camera.state}`)}</span>
            </li>
          ))}
        </ul>
      </section>
    </div>
  );
}
