import { Lock } from 'lucide-react';
import { useEffect, useState } from 'react';
import { holds as routes } from '../../api/endpoints';
import type { Hold } from '../../api/types';
import { ErrorNotice } from '../../components/ErrorNotice';
import { useFeed, useRow } from '../../feed';
import { named } from '../../i18n';
import { duration, moment } from '../../i18n/format';
import { Table } from './parts';
import { messages } from './text';

const MOST = 50;

/** Soonest to end first; those without an end last. */
export function byEnd(a: Hold, b: Hold): number {
  return (a.expires_at ? Date.parse(a.expires_at) : Infinity) - (b.expires_at ? Date.parse(b.expires_at) : Infinity) || a.id - b.id;
}

/** What nothing may delete, why, whose it is, and when that ends. */
export function Locks({ active, expiring }: { active: number; expiring: number }) {
  const t = messages.use();
  const [rows, setRows] = useState<Hold[]>([]);
  const [error, setError] = useState<unknown>(null);
  useEffect(() => {
    routes.list('active').then(
      (found) => {
        setRows(found.filter((hold) => hold.active).sort(byEnd));
        setError(null);
      },
      (problem: unknown) => setError(problem),
    );
  }, [active, expiring]);
  return (
    <section>
      <h2>
        {t('locks.title')} <span className="muted">{t('locks.count', { n: active, soon: expiring })}</span>
      </h2>
      {error !== null && <ErrorNotice error={error} />}
      {rows.length === 0 ? (
        <p className="muted">{t('locks.none')}</p>
      ) : (
        <Table heads={[t('locks.kind'), t('zone.camera'), t('locks.time'), t('locks.reason'), t('locks.owner'), t('locks.ends')]}>
          {rows.slice(0, MOST).map((hold) => (
            <LockRow key={hold.id} hold={hold} />
          ))}
        </Table>
      )}
      {rows.length > MOST && <p className="muted">{t('locks.more', { n: rows.length - MOST })}</p>}
    </section>
  );
}

function LockRow({ hold }: { hold: Hold }) {
  const t = messages.use();
  const camera = useRow(useFeed().cameras, hold.camera_id);
  const left_s = hold.expires_at ? (Date.parse(hold.expires_at) - Date.now()) / 1000 : null;
  return (
    <tr data-soon={hold.expires_soon || undefined}>
      <td>
        <Lock size={13} aria-hidden /> {t(`locks.kind.${hold.kind}`)}
      </td>
      <td>{camera ? named(t.language, camera) : hold.camera_id}</td>
      <td className="ad-number">
        <a href={`/review?camera=${hold.camera_id}&at=${hold.from_at}`}>{moment(hold.from_at)}</a> – {moment(hold.to_at)}
      </td>
      <td className="ad-reason">{hold.reason}</td>
      <td>{hold.owner}</td>
      <td className="ad-number">{hold.expires_at === null || left_s === null ? t('locks.for_good') : `${moment(hold.expires_at)}${hold.expires_soon ? ` · ${t('locks.left', { left: duration(left_s, t.language) })}` : ''}`}</td>
    </tr>
  );
}
