import { Check, Clock3, Copy, Download, Loader, PackageOpen, TriangleAlert, X } from 'lucide-react';
import { useEffect, useState } from 'react';
import { exports as routes, type ExportJob } from '../../../api/footage';
import type { Camera } from '../../../api/types';
import { useSession } from '../../../app/session';
import { Dialog } from '../../../components/Dialog';
import { ErrorNotice } from '../../../components/ErrorNotice';
import { Empty } from '../../../components/small';
import { showError, showText } from '../../../components/toasts';
import { named } from '../../../i18n';
import { bytes, day, duration, moment } from '../../../i18n/format';
import { messages } from '../text';
import { sentence } from '../../../said';
import { isGoing, type Jobs } from './useJobs';

interface Props {
  jobs: Jobs;
  cameras: readonly Camera[];
  onClose: () => void;
}

/** Every export: how far it is, where its package is, and how anyone can check it. */
export function JobsTray({ jobs, cameras, onClose }: Props) {
  const t = messages.use();
  const [fingerprint, setFingerprint] = useState<string | null>(null);
  const list = jobs.jobs;
  const anyDone = list?.some((job) => job.state === 'done') ?? false;
  useEffect(() => {
    if (!anyDone) return;
    const abort = new AbortController();
    // Without the fingerprint the packages can still be fetched and checked; only the comparison by eye is missing.
    routes.key(abort.signal).then((key) => setFingerprint(key.fingerprint), () => undefined);
    return () => abort.abort();
  }, [anyDone]);
  return (
    <Dialog title={t('review.jobs')} onClose={onClose} wide>
      {jobs.error !== null && <ErrorNotice error={jobs.error} onRetry={jobs.reload} />}
      {list?.length === 0 && (
        <Empty icon={<PackageOpen size={28} aria-hidden />} title={t('jobs.empty')}>
          {t('jobs.empty_hint')}
        </Empty>
      )}
      <ul className="rx-jobs">
        {list?.map((job) => (
          <li key={job.id}>
            <Job job={job} cameras={cameras} onChanged={jobs.reload} />
          </li>
        ))}
      </ul>
      {anyDone && (
        <section className="rx-verify">
          <h3>{t('jobs.verify')}</h3>
          <p>{t('jobs.verify_hint')}</p>
          <Copyable text={`wanglou verify wanglou-….zip${fingerprint ? ` --key ${fingerprint}` : ''}`} label={t('jobs.command')} testId="verify-command" />
          {fingerprint && <p className="muted">{t('jobs.fingerprint_hint')}</p>}
        </section>
      )}
    </Dialog>
  );
}

const SIGNS = { waiting: Clock3, running: Loader, done: Check, failed: TriangleAlert, cancelled: X, expired: Clock3 } as const;

function Job({ job, cameras, onChanged }: { job: ExportJob; cameras: readonly Camera[]; onChanged: () => void }) {
  const t = messages.use();
  const { user, has } = useSession();
  const [busy, setBusy] = useState(false);
  const Sign = SIGNS[job.state];
  const names = job.camera_ids.map((id) => {
    const camera = cameras.find((each) => each.id === id);
    return camera ? named(t.language, camera) : `#${id}`;
  });
  const length_s = (Date.parse(job.to_at) - Date.parse(job.from_at)) / 1000;
  const cancel = async () => {
    setBusy(true);
    try {
      await routes.cancel(job);
    } catch (error) {
      showError(error, t('jobs.number', { id: job.id }));
    }
    setBusy(false);
    onChanged();
  };
  return (
    <article className="rx-job" data-testid="export-job" data-state={job.state}>
      <Sign size={18} aria-hidden />
      <div className="rx-about">
        <p>
          <strong>{t('jobs.number', { id: job.id })}</strong> <span>{t(`jobs.state.${job.state}`)}</span>
          {job.bytes !== null && <span className="muted"> {bytes(job.bytes)}</span>}
        </p>
        <p>
          {names.join(t.language === 'en' ? ', ' : '、')} · {day(job.from_at)} {moment(job.from_at, Date.parse(job.from_at))} ·{' '}
          {duration(length_s, t.language)}
        </p>
        <p className="muted">
          {job.reason} — {job.created_by}, {moment(job.created_at)}
          {job.mask && ` · ${t('jobs.masked')}`}
        </p>
        {isGoing(job) && (
          <p className="rx-progress">
            <progress max={1} value={job.progress} aria-label={t('jobs.progress')} />
            <span>{Math.floor(job.progress * 100)} %</span>
          </p>
        )}
        {job.message && <p>{sentence(t.language, job.message, job.why)}</p>}
        {job.altered !== null && job.altered > 0 && <p role="alert">{t('jobs.altered', { n: job.altered })}</p>}
        {job.unavailable !== null && job.unavailable > 0 && <p role="alert">{t('jobs.unavailable', { n: job.unavailable })}</p>}
        {job.state === 'done' && job.manifest_sha256 && <Copyable text={job.manifest_sha256} label={t('jobs.manifest')} />}
        {job.state === 'done' && job.expires_at && <p className="muted">{t('jobs.kept_until', { at: moment(job.expires_at) })}</p>}
      </div>
      <div className="rx-do">
        {isGoing(job) && (job.created_by === user.name || has('commander', 'admin')) && (
          <button type="button" className="button" onClick={() => void cancel()} disabled={busy}>
            {t('jobs.cancel')}
          </button>
        )}
        {job.state === 'done' && (
          <a className="button primary" href={routes.downloadUrl(job)} download data-testid="export-download">
            <Download size={16} aria-hidden />
            {t('jobs.download')}
          </a>
        )}
      </div>
    </article>
  );
}

function Copyable({ text, label, testId }: { text: string; label: string; testId?: string }) {
  const t = messages.use();
  const copy = () =>
    navigator.clipboard.writeText(text).then(
      () => showText(t('jobs.copied')),
      (error: unknown) => showError(error),
    );
  return (
    <p className="rx-copy">
      <span className="muted">{label}</span>
      <code data-testid={testId}>{text}</code>
      {/* Only a page on a secure address may write to the clipboard; elsewhere the text is selected by hand. */}
      {isSecureContext && (
        <button type="button" className="button quiet icon small" aria-label={t('jobs.copy', { label })} title={t('jobs.copy', { label })} onClick={() => void copy()}>
          <Copy size={14} aria-hidden />
        </button>
      )}
    </p>
  );
}
