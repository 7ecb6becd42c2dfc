import { useEffect, useState } from 'react';
import { admin } from '../../api/endpoints';
import type { Audit } from '../../api/types';
import { ErrorNotice } from '../../components/ErrorNotice';
import { Empty } from '../../components/small';
import { useFeed, useRows } from '../../feed';
import { named, useText } from '../../i18n';
import { moment } from '../../i18n/format';
import { subjectOf } from './auditWords';
import { Table } from './parts';
import { messages } from './text';

const PAGE = 100;

/** Every change and every viewing, newest first. */
export function AuditTab() {
  const t = messages.use();
  const shared = useText();
  const [rows, setRows] = useState<Audit[]>([]);
  const [actor, setActor] = useState('');
  const [subject, setSubject] = useState('');
  const [ended, setEnded] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const cameras = useRows(useFeed().cameras);
  /** What it was done to, in words; a camera by its name. */
  const subjectText = (text: string): string => {
    const { kind, id } = subjectOf(text);
    const camera = kind === 'camera' && cameras.find((each) => String(each.id) === id);
    return camera ? named(t.language, camera) : (t.maybe(`audit.of.${kind}`, { id }) ?? text);
  };
  const load = async (before: number | null, wanted = subject) => {
    try {
      const page = await admin.audit(before, actor.trim() || null, wanted.trim() || null, PAGE);
      setRows((held) => (before === null ? page : [...held, ...page]));
      setEnded(page.length < PAGE);
      setError(null);
    } catch (problem) {
      setError(problem);
    }
  };
  useEffect(() => {
    void load(null);
  }, []);
  return (
    <>
      <form
        className="ad-head"
        onSubmit={(event) => {
          event.preventDefault();
          void load(null);
        }}
      >
        <input className="input" placeholder={t('audit.actor')} aria-label={t('audit.actor')} value={actor} onChange={(event) => setActor(event.target.value)} />
        <input className="input" placeholder={t('audit.subject_example')} aria-label={t('audit.subject')} value={subject} onChange={(event) => setSubject(event.target.value)} />
        <button type="submit" className="button">
          {shared('action.search')}
        </button>
      </form>
      {error !== null && <ErrorNotice error={error} onRetry={() => void load(null)} />}
      {rows.length === 0 && error === null ? (
        <Empty title={t('audit.empty')}>{t('audit.empty_hint')}</Empty>
      ) : (
        <Table heads={[t('audit.at'), t('audit.actor'), t('audit.action'), t('audit.subject'), t('audit.detail'), t('audit.address')]}>
          {rows.map((row) => (
            <tr key={row.id}>
              <td className="ad-number">
                <time dateTime={row.at}>{moment(row.at)}</time>
              </td>
              <td>{row.actor}</td>
              <td title={row.action}>{t.maybe(`audit.did.${row.action}`) ?? row.action}</td>
              <td>
                <button
                  type="button"
                  className="link"
                  title={t('audit.only', { subject: row.subject })}
                  onClick={() => {
                    setSubject(row.subject);
                    void load(null, row.subject);
                  }}
                >
                  {subjectText(row.subject)}
                </button>
              </td>
              <td className="muted ad-detail">
                {Object.entries(row.detail)
                  .map(([key, value]) => `${key}: ${typeof value === 'object' ? JSON.stringify(value) : String(value)}`)
                  .join(', ')}
              </td>
              <td className="muted">{row.address ?? ''}</td>
            </tr>
          ))}
        </Table>
      )}
      {!ended && rows.length > 0 && (
        <button type="button" className="button" onClick={() => void load(rows[rows.length - 1]?.id ?? null)}>
          {t('audit.older')}
        </button>
      )}
    </>
  );
}
