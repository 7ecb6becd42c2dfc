import { Check, ImageOff, RotateCcw, X } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { links, type TrackLink } from '../api/analytics_models';
import type { Camera } from '../api/types';
import { useFetched } from '../app/fetched';
import { showError } from '../components/toasts';
import { either, named, useLanguage } from '../i18n';
import { moment } from '../i18n/format';
import { Key, useCommands } from '../keys';
import './links.css';
import { following, momentOf, sides } from './order';
import { messages } from './text';

interface Props {
  /** The track whose thing was perhaps seen elsewhere. */
  track: string;
  camera: (id: number) => Camera | undefined;
  /** Goes to what the other camera saw. */
  onOpen: (link: TrackLink) => void;
}

/** Where other cameras probably saw the same thing before and after: proposals that a person confirms or rejects. */
export function SeenElsewhere({ track, camera, onOpen }: Props) {
  const t = messages.use();
  const [again, setAgain] = useState(0);
  const [all, setAll] = useState(false);
  const [currentId, setCurrentId] = useState<number | null>(null);
  const { data } = useFetched(track, (uid, signal) => links.of(uid, signal), again);
  useEffect(() => setCurrentId(null), [track]);
  const { before, after, rejected } = sides(data ?? [], all);
  const shown = [...before, ...after];
  const current = shown.find((link) => link.id === currentId) ?? null;
  const open = (link: TrackLink) => {
    setCurrentId(link.id);
    onOpen(link);
  };
  const decide = async (link: TrackLink, decision: TrackLink['decision']) => {
    try {
      await links.decide(link, decision);
    } catch (error) {
      showError(error);
    }
    setAgain((n) => n + 1);
  };
  const say = (decision: 'confirmed' | 'rejected') => current && void decide(current, current.decision === decision ? null : decision);
  const walk = () => {
    const next = following(shown, currentId);
    if (next) open(next);
  };
  useCommands([
    { id: 'links.next', keys: ['w'], group: 'list', label: t('links.next'), run: walk, enabled: shown.length > 0 },
    { id: 'links.confirm', keys: ['c'], group: 'list', label: t('links.confirm_key'), run: () => say('confirmed'), enabled: current !== null },
    { id: 'links.reject', keys: ['r'], group: 'list', label: t('links.reject_key'), run: () => say('rejected'), enabled: current !== null },
  ]);
  if (!data || data.length === 0) return null;
  const side = (title: string, found: TrackLink[]) =>
    found.length > 0 && (
      <>
        <h3>{title}</h3>
        <ul className="ln-list">
          {found.map((link) => (
            <Row key={link.id} link={link} camera={camera(link.camera_id)} current={link.id === currentId} onOpen={() => open(link)} onDecide={(decision) => void decide(link, decision)} />
          ))}
        </ul>
      </>
    );
  return (
    <section className="ln" data-testid="seen-elsewhere">
      {side(t('links.before'), before)}
      {side(t('links.after'), after)}
      <p className="muted ln-hint">
        {t('links.proposal')} <Key name="w" />{' '}
        {rejected > 0 && !all && (
          <button type="button" className="link" onClick={() => setAll(true)}>
            {t('links.rejected_n', { n: rejected })}
          </button>
        )}
      </p>
    </section>
  );
}

interface RowProps {
  link: TrackLink;
  camera: Camera | undefined;
  current: boolean;
  onOpen: () => void;
  onDecide: (decision: TrackLink['decision']) => void;
}

function Row({ link, camera, current, onOpen, onDecide }: RowProps) {
  const t = messages.use();
  const language = useLanguage();
  const node = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (current) node.current?.scrollIntoView({ block: 'nearest' });
  }, [current]);
  const name = camera ? named(language, camera) : `#${link.camera_id}`;
  return (
    <li ref={node} className="ln-row" data-decision={link.decision ?? 'open'} aria-current={current || undefined} data-testid="link">
      <Picture link={link} label={t('links.picture', { camera: name })} none={t('links.no_picture')} />
      <div className="ln-what">
        <div className="ln-head">
          <button type="button" className="link ellipsis" onClick={onOpen}>
            {name}
          </button>
          <span className="ln-likely">{t('links.likely', { percent: Math.round(link.probability * 100) })}</span>
        </div>
        <div className="ln-time">{moment(momentOf(link))}</div>
        <div className="muted ln-why" title={t('links.straight')}>{either(language, link.why, link.why_en)}</div>
        <div className="ln-actions">
          {link.decision === null ? (
            <>
              <button type="button" className="button small" onClick={() => onDecide('confirmed')}>
                <Check size={14} aria-hidden />
                {t('links.confirm')}
                {current && <Key name="c" />}
              </button>
              <button type="button" className="button small" onClick={() => onDecide('rejected')}>
                <X size={14} aria-hidden />
                {t('links.reject')}
                {current && <Key name="r" />}
              </button>
            </>
          ) : (
            <>
              <span className="ln-said">
                {link.decision === 'confirmed' ? <Check size={14} aria-hidden /> : <X size={14} aria-hidden />}
                {t(`links.${link.decision}`, { who: link.decided_by ?? '' })}
              </span>
              <button type="button" className="button small" onClick={() => onDecide(null)}>
                <RotateCcw size={14} aria-hidden />
                {t('links.undo')}
              </button>
            </>
          )}
        </div>
      </div>
    </li>
  );
}

function Picture({ link, label, none }: { link: TrackLink; label: string; none: string }) {
  const [failed, setFailed] = useState(false);
  if (!link.snapshot_url || failed) {
    return (
      <span className="ln-picture ln-none muted" title={none}>
        <ImageOff size={18} aria-label={none} />
      </span>
    );
  }
  return (
    <a className="ln-picture" href={link.snapshot_url} target="_blank" rel="noreferrer">
      <img src={link.snapshot_url} alt={label} loading="lazy" onError={() => setFailed(true)} />
    </a>
  );
}
