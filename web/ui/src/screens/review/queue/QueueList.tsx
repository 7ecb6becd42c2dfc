import { Eye, EyeOff, FolderPlus, MessageSquareText, Star, ThumbsDown } from 'lucide-react';
import { useEffect, useRef, type ReactNode } from 'react';
import type { Camera, QueueEvent } from '../../../api/types';
import { ErrorNotice } from '../../../components/ErrorNotice';
import { Empty, PriorityMark } from '../../../components/small';
import { useFeed } from '../../../feed';
import { either, named, useText } from '../../../i18n';
import { moment } from '../../../i18n/format';
import { messages } from '../find/text';
import { ofEvent, type Item } from '../item';
import { Preview } from '../Preview';
import type { QueueState } from './useQueue';

export interface QueueActs {
  important: () => void;
  false: () => void;
  seen: () => void;
  unsee: () => void;
  note: () => void;
  incident: () => void;
}

interface Props {
  queue: QueueState;
  chosen: string | null;
  onChoose: (item: Item) => void;
  acts: QueueActs;
  /** Beneath the chosen one: what else is known of it. */
  about: ReactNode;
}

/** The queue, newest first; what can be said of the chosen one stands above it. */
export function QueueList({ queue, chosen, onChoose, acts, about }: Props) {
  const t = messages.use();
  const feed = useFeed();
  const { events, unseen, busy, error, more, filter } = queue;
  const title = t(unseen?.exact === false ? 'queue.at_least' : 'queue.unseen', { n: unseen?.total ?? 0 });
  const current = events?.find((event) => `event:${event.id}` === chosen);
  return (
    <section className="rv-results" aria-label={title} aria-busy={busy}>
      <h2 data-testid="queue-title">{title}</h2>
      {error !== null && <ErrorNotice error={error} onRetry={queue.reload} onDismiss={queue.dismiss} />}
      {current && (
        <div className="rv-queue-acts" role="toolbar" aria-label={t('queue.actions')}>
          <Act icon={<Star size={16} aria-hidden />} label={t('queue.important')} keyName="Y" onClick={acts.important} pressed={current.mark?.mark === 'important'} testId="mark-important" />
          <Act icon={<ThumbsDown size={16} aria-hidden />} label={t('queue.false')} keyName="X" onClick={acts.false} pressed={current.mark?.mark === 'false'} testId="mark-false" />
          {current.seen ? (
            <Act icon={<EyeOff size={16} aria-hidden />} label={t('queue.unsee')} keyName="U" onClick={acts.unsee} testId="unsee" />
          ) : (
            <Act icon={<Eye size={16} aria-hidden />} label={t('queue.seen')} keyName="V" onClick={acts.seen} testId="mark-seen" />
          )}
          <Act icon={<MessageSquareText size={16} aria-hidden />} label={t('queue.note')} keyName="T" onClick={acts.note} />
          <Act icon={<FolderPlus size={16} aria-hidden />} label={t('act.incident')} keyName="I" onClick={acts.incident} />
        </div>
      )}
      {events?.length === 0 &&
        (filter.show === 'unseen' ? <Empty title={t('queue.empty')}>{t('queue.empty_hint')}</Empty> : <Empty title={t('queue.empty_other')} />)}
      <ul className="rv-strip">
        {events?.map((event) => (
          <li key={event.id}>
            <Card event={event} camera={feed.cameras.get(event.camera_id)} chosen={`event:${event.id}` === chosen} onChoose={() => onChoose(ofEvent(event, event))} />
            {`event:${event.id}` === chosen && about}
          </li>
        ))}
      </ul>
      {more && (
        <button type="button" className="button" disabled={busy} onClick={queue.further}>
          {t('found.more')}
        </button>
      )}
    </section>
  );
}

interface ActProps {
  icon: React.ReactNode;
  label: string;
  keyName: string;
  onClick: () => void;
  pressed?: boolean;
  testId?: string;
}

function Act({ icon, label, keyName, onClick, pressed, testId }: ActProps) {
  return (
    <button type="button" className="button small" onClick={onClick} aria-pressed={pressed} data-testid={testId}>
      {icon}
      {label}
      <kbd>{keyName}</kbd>
    </button>
  );
}

function Card({ event, camera, chosen, onChoose }: { event: QueueEvent; camera: Camera | undefined; chosen: boolean; onChoose: () => void }) {
  const t = messages.use();
  const shared = useText();
  const node = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (chosen) node.current?.scrollIntoView({ block: 'nearest' });
  }, [chosen]);
  const { mark } = event;
  return (
    <button ref={node} type="button" className="rv-card" aria-pressed={chosen} data-seen={event.seen} onClick={onChoose} data-testid="queue-card">
      <Preview cameraId={event.camera_id} at={event.at} picture={event.snapshot_url} box={event.box} />
      <span className="rv-line1">
        <PriorityMark priority={event.priority} />
        <time dateTime={event.at}>{moment(event.at)}</time>
        <span className="ellipsis muted">{shared.maybe(`alarm_kind.${event.rule}`) ?? event.rule}</span>
        {event.seen ? <Eye size={14} aria-label={t('queue.seen')} className="rv-end" /> : <span className="rv-new rv-end" title={t('queue.show.unseen')} />}
      </span>
      <span className="rv-why" title={either(t.language, event.why, event.why_en)}>
        {either(t.language, event.why, event.why_en)}
      </span>
      <span className="ellipsis muted">{[camera && named(t.language, camera), either(t.language, event.place ?? '', event.place_en)].filter(Boolean).join(' · ')}</span>
      {mark && (
        <span className="rv-said" data-mark={mark.mark ?? 'note'} data-testid="said">
          {mark.mark === 'important' ? <Star size={13} aria-hidden /> : mark.mark === 'false' ? <ThumbsDown size={13} aria-hidden /> : <MessageSquareText size={13} aria-hidden />}
          <span>
            {t(`mark.${mark.mark ?? 'note'}`, { by: mark.marked_by, at: moment(mark.marked_at), reason: mark.reason ? (t.maybe(`reason.${mark.reason}`) ?? mark.reason) : '' })}
            {mark.note && ` “${mark.note}”`}
          </span>
        </span>
      )}
    </button>
  );
}
