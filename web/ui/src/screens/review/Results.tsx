import { useEffect, useRef, type ReactNode } from 'react';
import type { Camera, Event } from '../../api/types';
import { ErrorNotice } from '../../components/ErrorNotice';
import { Empty, PriorityMark } from '../../components/small';
import { useFeed } from '../../feed';
import { either, named, noPlace, useText } from '../../i18n';
import { clock, moment } from '../../i18n/format';
import { Preview } from './Preview';
import { messages } from './text';
import type { Search } from './useSearch';

interface Props {
  search: Search;
  selected: Event | null;
  onChoose: (event: Event) => void;
  /** Beneath the chosen one: what else is known of it. */
  about: ReactNode;
}

/** What was found, newest first; a card's picture plays while the pointer rests on it. */
export function Results({ search, selected, onChoose, about }: Props) {
  const t = messages.use();
  const feed = useFeed();
  const { found, more, busy, error, run, fail } = search;
  const title = t('review.results', { n: found?.length ?? 0 });
  return (
    <section className="rv-results" aria-label={title} aria-busy={busy}>
      <h2>{title}</h2>
      {error !== null && <ErrorNotice error={error} onRetry={() => void run()} onDismiss={() => fail(null)} />}
      {found?.length === 0 && <Empty title={t('review.empty')}>{t('review.empty_hint')}</Empty>}
      <ul className="rv-strip">
        {found?.map((event) => (
          <li key={event.id}>
            <Card event={event} camera={feed.cameras.get(event.camera_id)} selected={event.id === selected?.id} onChoose={() => onChoose(event)} />
            {event.id === selected?.id && about}
          </li>
        ))}
      </ul>
      {more !== null && (
        <button type="button" className="button" disabled={busy} onClick={() => void run(more)}>
          {t('review.results_more')}
        </button>
      )}
    </section>
  );
}

interface CardProps {
  event: Event;
  camera: Camera | undefined;
  selected: boolean;
  onChoose: () => void;
}

function Card({ event, camera, selected, onChoose }: CardProps) {
  const t = messages.use();
  const shared = useText();
  const node = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (selected) node.current?.scrollIntoView({ block: 'nearest' });
  }, [selected]);
  return (
    <button ref={node} type="button" className="rv-card" aria-pressed={selected} onClick={onChoose} data-testid="event-card">
      {event.snapshot_url && <Preview cameraId={event.camera_id} at={event.at} picture={event.snapshot_url} box={event.box} />}
      <span className="rv-line1">
        <PriorityMark priority={event.priority} />
        <time dateTime={event.at}>{moment(event.at)}</time>
      </span>
      <span className="rv-why" title={either(t.language, event.why, event.why_en)}>
        {either(t.language, event.why, event.why_en)}
      </span>
      <span className="ellipsis muted">
        {camera ? named(t.language, camera) : ''} · {either(t.language, event.place, event.place_en) || t('review.no_place')}
        {event.ellipse ? ` · ${t('review.accuracy', { m: event.ellipse.major_m.toFixed(1) })}` : event.nowhere && ` · ${noPlace(shared, event)}`}
      </span>
      <span className="visually-hidden">{clock(event.at)}</span>
    </button>
  );
}
