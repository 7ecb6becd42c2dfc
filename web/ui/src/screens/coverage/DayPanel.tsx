import { Film } from 'lucide-react';
import { useEffect, useRef, type MouseEvent } from 'react';
import { recordings } from '../../api/endpoints';
import type { CoverageDay } from '../../api/footage';
import type { Camera } from '../../api/types';
import { useFetched } from '../../app/fetched';
import { navigate } from '../../app/router';
import { useSession } from '../../app/session';
import { named, useText } from '../../i18n';
import { sentence } from '../../said';
import { clock, duration } from '../../i18n/format';
import { DAY_MS, percentText } from './figures';
import { messages } from './text';

interface Props {
  camera: Camera;
  day: string;
  cell: CoverageDay | undefined;
}

/** A little of what is there before the gap is shown with it. */
const BEFORE_GAP_MS = 5_000;
const LEAST_PERCENT = 0.25;
const HOURS = [0, 3, 6, 9, 12, 15, 18, 21];

/** One camera's day: the bar of 24 hours, and every gap with its reason and the way into the review. */
export function DayPanel({ camera, day, cell }: Props) {
  const t = messages.use();
  const shared = useText();
  const { has } = useSession();
  const node = useRef<HTMLElement>(null);
  const startMs = new Date(`${day}T00:00:00`).getTime();
  const name = named(t.language, camera);
  useEffect(() => {
    node.current?.scrollIntoView({ block: 'nearest' });
  }, []);

  const { data } = useFetched(`${camera.id} ${startMs}`, (_, signal) => recordings.timeline([camera.id], new Date(startMs).toISOString(), new Date(startMs + DAY_MS).toISOString(), signal));
  const recorded = data?.cameras[0]?.recorded ?? [];

  const share = (ms: number) => Math.min(100, Math.max(0, ((ms - startMs) / DAY_MS) * 100));
  const review = (atMs: number) => `/review?camera=${camera.id}&at=${new Date(atMs).toISOString()}`;
  const go = (to: string) => (event: MouseEvent) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    navigate(to);
  };
  const mayReview = has('reviewer', 'dispatcher', 'commander', 'admin');
  return (
    <section ref={node} className="cv-day" aria-label={`${name} ${day}`} data-testid="coverage-day">
      <h2>
        {name} · {day}
        {cell && cell.percent !== null && <span className="muted"> {percentText(cell.percent)} %</span>}
      </h2>
      <div className="cv-hours" role="img" aria-label={t('coverage.bar')}>
        <div className="cv-track">
          {recorded.map((each) => (
            <span
              key={each.start_at}
              className="recorded"
              style={{ left: `${share(Date.parse(each.start_at))}%`, width: `${share(Date.parse(each.end_at)) - share(Date.parse(each.start_at))}%` }}
            />
          ))}
          {cell?.gaps.map((gap) => (
            <span
              key={gap.start_at}
              className="gap"
              title={`${clock(gap.start_at)} – ${clock(gap.end_at)} ${shared.maybe(`gap_reason.${gap.reason}`) ?? gap.reason}`}
              style={{
                left: `${share(Date.parse(gap.start_at))}%`,
                width: `${Math.max(LEAST_PERCENT, share(Date.parse(gap.end_at)) - share(Date.parse(gap.start_at)))}%`,
              }}
            />
          ))}
        </div>
        {HOURS.map((hour) => (
          <small key={hour} className="muted" style={{ left: `${(hour / 24) * 100}%` }}>
            {String(hour).padStart(2, '0')}
          </small>
        ))}
      </div>
      {!cell || cell.percent === null ? (
        <p className="muted">{t('coverage.nothing_due')}</p>
      ) : cell.gaps.length === 0 ? (
        <p>{t('coverage.day_whole')}</p>
      ) : (
        <table className="cv-gaps">
          <thead>
            <tr>
              <th scope="col">{t('coverage.from')}</th>
              <th scope="col">{t('coverage.to')}</th>
              <th scope="col">{t('coverage.length')}</th>
              <th scope="col">{t('coverage.reason')}</th>
              <th scope="col" />
            </tr>
          </thead>
          <tbody>
            {cell.gaps.map((gap) => {
              const to = review(Date.parse(gap.start_at) - BEFORE_GAP_MS);
              return (
                <tr key={gap.start_at} data-testid="coverage-gap">
                  <td>{clock(gap.start_at)}</td>
                  <td>{clock(gap.end_at)}</td>
                  <td>{duration((Date.parse(gap.end_at) - Date.parse(gap.start_at)) / 1000, t.language)}</td>
                  <td>
                    {shared.maybe(`gap_reason.${gap.reason}`) ?? gap.reason}
                    {gap.detail && <span className="muted"> {sentence(t.language, gap.detail, gap.why)}</span>}
                  </td>
                  <td>
                    {mayReview && (
                      <a href={to} onClick={go(to)} title={t('coverage.open')}>
                        <Film size={14} aria-hidden />
                        <span>{t('coverage.open')}</span>
                      </a>
                    )}
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      )}
      {mayReview && cell && cell.recorded_s > 0 && cell.gaps.length === 0 && (
        <a href={review(startMs + DAY_MS / 2)} onClick={go(review(startMs + DAY_MS / 2))}>
          {t('coverage.open_day')}
        </a>
      )}
    </section>
  );
}
