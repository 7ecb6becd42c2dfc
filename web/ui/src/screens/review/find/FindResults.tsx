import { ArrowDownWideNarrow, Clock } from 'lucide-react';
import { useEffect, useRef, type ReactNode } from 'react';
import type { Camera, Hit, SearchOrder } from '../../../api/types';
import { ErrorNotice } from '../../../components/ErrorNotice';
import { Empty, PriorityMark } from '../../../components/small';
import { useFeed } from '../../../feed';
import { either, named } from '../../../i18n';
import { distance, duration, moment, speed } from '../../../i18n/format';
import { Key } from '../../../keys';
import { messages as trackMessages, thing } from '../../../track';
import type { Item } from '../item';
import { Preview } from '../Preview';
import { HEADINGS, type Mode } from './question';
import { messages } from './text';
import type { Finds } from './useFinds';

interface Props {
  finds: Finds;
  mode: Exclude<Mode, 'events'>;
  chosen: string | null;
  onChoose: (item: Item) => void;
  /** Beneath the chosen one: what else is known of it. */
  about: ReactNode;
}

const ORDERS: readonly SearchOrder[] = ['newest', 'best'];

/** What a search found, newest or best first, as a filmstrip. */
export function FindResults({ finds, mode, chosen, onChoose, about }: Props) {
  const t = messages.use();
  const feed = useFeed();
  const { items, total, exact, more, busy, error, order, lookedFrom } = finds;
  const title = items === null ? t('found.ask') : t(exact ? 'found' : 'found.at_least', { n: total });
  return (
    <section className="rv-results" aria-label={title} aria-busy={busy}>
      {items !== null && <h2 data-testid="found">{title}</h2>}
      {items !== null && (
        <div className="rv-order" role="group" aria-label={t('order')}>
          {ORDERS.map((each) => (
            <button key={each} type="button" className="button small" aria-pressed={order === each} disabled={busy} onClick={() => finds.reorder(each)} data-testid={`order-${each}`}>
              {each === 'newest' ? <Clock size={14} aria-hidden /> : <ArrowDownWideNarrow size={14} aria-hidden />}
              {t(`order.${each}`)}
            </button>
          ))}
          <Key name="d" />
        </div>
      )}
      {items !== null && order === 'best' && (
        <p className="muted rv-hint" data-testid="order-means">
          {t(`order.means.${mode}`)}
          {lookedFrom !== null && ` ${t('order.since', { at: moment(lookedFrom) })}`}
        </p>
      )}
      {error !== null && <ErrorNotice error={error} onDismiss={finds.dismiss} />}
      {items === null && error === null && !busy && <Empty title={t('found.ask')}>{t('found.ask_hint')}</Empty>}
      {items?.length === 0 && <Empty title={t('found.empty')}>{t('found.empty_hint')}</Empty>}
      <ul className="rv-strip">
        {items?.map((item) => (
          <li key={item.key}>
            {item.hit && (
              <HitCard
                hit={item.hit}
                camera={item.cameraId === null ? undefined : feed.cameras.get(item.cameraId)}
                best={order === 'best' ? mode : null}
                chosen={item.key === chosen}
                onChoose={() => onChoose(item)}
              />
            )}
            {item.key === chosen && about}
          </li>
        ))}
      </ul>
      {more && (
        <button type="button" className="button" disabled={busy} onClick={finds.further}>
          {t(order === 'best' ? 'found.more_best' : 'found.more')}
        </button>
      )}
    </section>
  );
}

interface CardProps {
  hit: Hit;
  camera: Camera | undefined;
  /** The mode whose score puts it in order; null where it stands by its time. */
  best: Props['mode'] | null;
  chosen: boolean;
  onChoose: () => void;
}

function HitCard({ hit, camera, best, chosen, onChoose }: CardProps) {
  const t = messages.use();
  const track = trackMessages.use();
  const node = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (chosen) node.current?.scrollIntoView({ block: 'nearest' });
  }, [chosen]);
  return (
    <button ref={node} type="button" className="rv-card" aria-pressed={chosen} onClick={onChoose} data-testid="hit-card" data-source={hit.source}>
      {hit.camera_id !== null && <Preview cameraId={hit.camera_id} at={hit.at} picture={hit.picture_url} box={boxShown(hit)} />}
      <span className="rv-line1">
        {hit.priority !== null && <PriorityMark priority={hit.priority} />}
        <time dateTime={hit.at}>{moment(hit.at)}</time>
        {hit.source === 'motion' && <span className="muted">{t('hit.lasted', { time: lasted(hit, t.language) })}</span>}
        {best === 'motion' && <span className="rv-end rv-score">{t('hit.share', { percent: Math.round(hit.score * 100) })}</span>}
      </span>
      <span className="rv-why" title={what(hit, t, track)}>
        {what(hit, t, track)}
      </span>
      <span className="ellipsis muted">
        {[camera && named(t.language, camera), either(t.language, hit.place ?? '', hit.place_en), hit.distance_m !== null && t('hit.distance', { distance: distance(hit.distance_m) })]
          .filter(Boolean)
          .join(' · ')}
      </span>
    </button>
  );
}

type Text = ReturnType<typeof messages.use>;

const lasted = (hit: Hit, language: Text['language']) => duration((Date.parse(hit.to_at) - Date.parse(hit.from_at)) / 1000, language);

/** A track's best picture is cut out round the thing: a box belongs into a whole picture. */
export const boxShown = (hit: Pick<Hit, 'source' | 'picture_url' | 'box'>): Hit['box'] => (hit.source === 'track' && hit.picture_url !== null ? null : hit.box);

/** A find in words: its kind and look, how it went, how long it stood. */
function what(hit: Hit, t: Text, track: ReturnType<typeof trackMessages.use>): string {
  if (hit.source === 'motion') return t('hit.motion');
  if (hit.source === 'event') return either(t.language, hit.why ?? '', hit.why_en);
  const noun = hit.source === 'vehicle' ? (hit.name ?? t('hit.vehicle')) : thing(track, { kind: hit.kind ?? '', label: hit.label, colour: hit.colour });
  const heading = hit.heading_deg === null ? null : HEADINGS[Math.round(hit.heading_deg / 45) % 8];
  const parts = [
    noun,
    heading === null || heading === undefined ? null : t('hit.going', { heading: t(`heading.${heading}`) }),
    hit.speed_ms === null ? null : speed(hit.speed_ms),
    hit.standing_s && hit.standing_s >= 10 ? t('hit.standing', { time: duration(hit.standing_s, t.language) }) : null,
  ];
  return parts.filter(Boolean).join(' · ');
}
