import { Cloud, Folder, HardDrive } from 'lucide-react';
import { useEffect, useState } from 'react';
import { storage as routes } from '../../api/endpoints';
import type { RetentionClass, Storage, StorageDisk, Tier } from '../../api/types';
import { Dialog } from '../../components/Dialog';
import { ErrorNotice } from '../../components/ErrorNotice';
import { Age, PriorityMark } from '../../components/small';
import { serverNow } from '../../feed/clock';
import { named, useText } from '../../i18n';
import { bytes, day, duration, moment } from '../../i18n/format';
import { sentence } from '../../said';
import { AddBar, EditButton, fieldProblems, Table, TextField } from './parts';
import { Locks } from './Locks';
import { fillOf, limitBytes, nextToGo, urgency } from './storage';
import { messages } from './text';
import { TierForm } from './TierForm';

const EVERY_MS = 10_000;
const MOST_CAMERAS = 12;

/** Where footage lies, how full that is, how long what is kept, and what goes next. */
export function StorageTab() {
  const t = messages.use();
  const shared = useText();
  const [found, setFound] = useState<Storage | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [tier, setTier] = useState<Tier | 'new' | null>(null);
  const [row, setRow] = useState<RetentionClass | null>(null);
  const load = () =>
    routes.read().then(
      (next) => {
        setFound(next);
        setError(null);
      },
      (problem: unknown) => setError(problem),
    );
  useEffect(() => {
    void load();
    const timer = setInterval(() => void load(), EVERY_MS);
    return () => clearInterval(timer);
  }, []);
  if (!found) return error === null ? <p className="muted">{shared('app.loading')}</p> : <ErrorNotice error={error} onRetry={() => void load()} />;
  const done = () => {
    setTier(null);
    setRow(null);
    void load();
  };
  return (
    <div className="ad-narrow ad-storage">
      {error !== null && <ErrorNotice error={error} onRetry={() => void load()} />}
      <Level disk={found.disk} />
      <section>
        <h2>{t('storage.tiers')}</h2>
        <AddBar label={t('storage.tier_add')} onClick={() => setTier('new')} />
        <ul className="ad-tiers">
          {found.tiers.map((each) => (
            <TierRow key={each.id} tier={each} disk={each.id === 0 ? found.disk : null} onEdit={() => setTier(each)} />
          ))}
        </ul>
        {found.moves && (found.moves.moved > 0 || found.moves.failed > 0 || found.moves.not_movable > 0) && (
          <p className="muted">{t('storage.moves', { n: found.moves.moved, bytes: bytes(found.moves.moved_bytes), failed: found.moves.failed, broken: found.moves.not_movable })}</p>
        )}
      </section>
      <section>
        <h2>{t('storage.classes')}</h2>
        <p className="muted">{t('storage.classes_hint')}</p>
        <Table heads={[t('storage.class'), t('storage.days'), t('storage.limit'), t('storage.there'), t('storage.oldest'), null]}>
          {found.classes.map((each) => (
            <tr key={each.name} data-testid={`class-${each.name}`}>
              <td>{t(`storage.class.${each.name}`)}</td>
              <td>{each.days === null ? t('storage.days_camera') : t('storage.days_n', { n: each.days })}</td>
              <td>{each.limit_bytes === null ? t('storage.limit_none') : bytes(each.limit_bytes)}</td>
              <td className="ad-number">
                {bytes(each.bytes)} <span className="muted">{t('storage.files', { n: each.segments })}</span>
              </td>
              <td className="ad-number">{each.oldest_at ? moment(each.oldest_at) : '–'}</td>
              <td>
                <EditButton onClick={() => setRow(each)} />
              </td>
            </tr>
          ))}
        </Table>
        <NextToGo storage={found} />
      </section>
      <Locks active={found.holds_active} expiring={found.holds_expiring} />
      <section>
        <h2>{t('storage.cameras')}</h2>
        <ul className="ad-list">
          {found.cameras.slice(0, MOST_CAMERAS).map((camera) => (
            <li key={camera.camera_id}>
              <span className="ellipsis">
                {named(t.language, camera)} <span className="muted">{camera.code}</span>
              </span>
              <span className="ad-number muted">{t('storage.since', { day: day(camera.oldest_at), n: camera.retention_days })}</span>
              <span className="ad-number">{bytes(camera.bytes)}</span>
            </li>
          ))}
        </ul>
        {found.cameras.length > MOST_CAMERAS && <p className="muted">{t('storage.cameras_more', { n: found.cameras.length - MOST_CAMERAS })}</p>}
      </section>
      {tier && <TierForm tier={tier === 'new' ? null : tier} onClose={() => setTier(null)} onDone={done} />}
      {row && <ClassForm row={row} onClose={() => setRow(null)} onDone={done} />}
    </div>
  );
}

/** In one sentence how the disk is; loud when only locked footage is left on it. */
function Level({ disk }: { disk: StorageDisk | null }) {
  const t = messages.use();
  if (!disk) return <p className="notice">{t('storage.unheard')}</p>;
  const priority = urgency(disk.level);
  return (
    <section className="ad-switch ad-level" data-priority={priority ?? undefined} data-testid="storage-level" data-level={disk.level} role={disk.level === 'locked' ? 'alert' : 'status'}>
      {priority ? <PriorityMark priority={priority} /> : <HardDrive size={24} aria-hidden />}
      <div>
        <h2>{t(`storage.level.${disk.level}`)}</h2>
        <p className="muted">{t(`storage.level_hint.${disk.level}`, { free: bytes(disk.free_bytes), least: bytes(disk.min_free_bytes) })}</p>
      </div>
    </section>
  );
}

function TierRow({ tier, disk, onEdit }: { tier: Tier; disk: StorageDisk | null; onEdit: () => void }) {
  const t = messages.use();
  const Icon = tier.kind === 'local' ? HardDrive : tier.kind === 'path' ? Folder : Cloud;
  const where = tier.kind === 's3' ? `${tier.endpoint ?? ''} ${tier.bucket ?? ''}/${tier.prefix}` : (tier.path ?? '');
  const rules = [
    tier.after_days !== null && t('tier.rule_days', { n: tier.after_days }),
    tier.above_percent !== null && t('tier.rule_percent', { n: tier.above_percent }),
    tier.rate_bytes_s !== null && t('tier.rule_rate', { rate: bytes(tier.rate_bytes_s) }),
  ].filter(Boolean);
  return (
    <li data-testid="tier-row" data-problem={tier.problem ? true : undefined}>
      <Icon size={20} aria-hidden />
      <div className="ad-tier">
        <p>
          <strong>{tier.kind === 'local' ? t('tier.local') : tier.name}</strong> <span className="muted">{where}</span>
          {!tier.enabled && <span> · {t('tier.off')}</span>}
        </p>
        {disk && <Fill disk={disk} />}
        <p className="muted">
          {t('tier.holds', { bytes: bytes(tier.bytes), n: tier.segments })}
          {tier.oldest_at && ` · ${t('tier.oldest', { time: moment(tier.oldest_at) })}`}
          {tier.waiting_files > 0 && ` · ${t('tier.waiting', { n: tier.waiting_files })}`}
        </p>
        {tier.kind !== 'local' && <p className="muted">{rules.length > 0 ? rules.join(' · ') : t('tier.rule_none')}</p>}
        {tier.problem && (
          <p className="ad-problem" role="alert">
            <PriorityMark priority={3} /> {sentence(t.language, tier.problem, tier.why)} {tier.problem_since && <Age at={tier.problem_since} />}
          </p>
        )}
      </div>
      {tier.kind !== 'local' && <EditButton onClick={onEdit} />}
    </li>
  );
}

/** How full the disk is, with the two marks at which it warns. */
function Fill({ disk }: { disk: StorageDisk }) {
  const t = messages.use();
  const used = Math.min(100, Math.max(0, disk.used_percent));
  const text = t('storage.used', { percent: Math.round(disk.used_percent), free: bytes(disk.free_bytes), total: bytes(disk.total_bytes) });
  return (
    <div className="ad-fill" data-fill={fillOf(disk.used_percent, disk.warn_percent, disk.alarm_percent)} data-testid="disk-fill">
      <div role="meter" aria-valuemin={0} aria-valuemax={100} aria-valuenow={Math.round(used)} aria-label={text}>
        <i style={{ width: `${used}%` }} />
        <b style={{ left: `${disk.warn_percent}%` }} title={t('storage.warn_at', { percent: disk.warn_percent })} />
        <b style={{ left: `${disk.alarm_percent}%` }} title={t('storage.alarm_at', { percent: disk.alarm_percent })} />
      </div>
      <p>
        {text} <span className="muted">{t('storage.marks', { warn: disk.warn_percent, alarm: disk.alarm_percent })}</span>
      </p>
    </div>
  );
}

/** In words: what is deleted next, and in which order when room runs out. */
function NextToGo({ storage }: { storage: Storage }) {
  const t = messages.use();
  const next = nextToGo(storage);
  const now = serverNow();
  if (next.length === 0) return <p className="muted">{t('next.nothing')}</p>;
  return (
    <div className="ad-next" data-testid="next-to-go">
      <h3>{t('next.title')}</h3>
      <ol>
        {next.map(({ name, oldestAt, dueAt, over_bytes }) => (
          <li key={name}>
            <strong>{t(`storage.class.${name}`)}</strong> {t('next.oldest', { time: moment(oldestAt, now) })}
            {over_bytes > 0 ? t('next.over', { bytes: bytes(over_bytes) }) : dueAt === null ? '' : dueAt <= now ? t('next.now') : t('next.in', { left: duration((dueAt - now) / 1000, t.language), day: day(dueAt) })}
          </li>
        ))}
      </ol>
      <p className="muted">{t('next.order', { least: storage.disk ? bytes(storage.disk.min_free_bytes) : '–' })}</p>
    </div>
  );
}

function ClassForm({ row, onClose, onDone }: { row: RetentionClass; onClose: () => void; onDone: () => void }) {
  const t = messages.use();
  const shared = useText();
  const [days, setDays] = useState(row.days === null ? '' : String(row.days));
  const [limit, setLimit] = useState(row.limit_bytes === null ? '' : String(row.limit_bytes / 1e9));
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const problems = fieldProblems(error);
  const wanted = limitBytes(limit);
  const save = async () => {
    setBusy(true);
    setError(null);
    try {
      await routes.changeClass(row, { limit_bytes: wanted, ...(row.days === null ? {} : { days: Number(days) }) });
      onDone();
    } catch (problem) {
      setError(problem);
      setBusy(false);
    }
  };
  const less = wanted !== null && wanted < row.bytes;
  return (
    <Dialog
      title={t(`storage.class.${row.name}`)}
      onClose={onClose}
      onSubmit={() => void save()}
      footer={
        <>
          <button type="button" className="button" onClick={onClose}>
            {shared('action.cancel')}
          </button>
          <button type="submit" className="button primary" disabled={busy || Number.isNaN(wanted)}>
            {shared('action.save')}
          </button>
        </>
      }
    >
      {error !== null && <ErrorNotice error={error} onReload={onDone} />}
      {row.days === null ? <p className="muted">{t('storage.days_camera_hint')}</p> : <TextField label={t('storage.days_edit')} type="number" required value={days} problem={problems['days']} onChange={setDays} />}
      <TextField
        label={t('storage.limit_edit')}
        hint={t('storage.limit_hint')}
        value={limit}
        problem={Number.isNaN(wanted) ? t('storage.limit_wrong') : problems['limit_bytes']}
        onChange={setLimit}
      />
      {less && <p role="status">{t('storage.limit_less', { bytes: bytes(row.bytes - wanted) })}</p>}
    </Dialog>
  );
}
