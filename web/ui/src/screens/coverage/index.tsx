import { Printer, VideoOff } from 'lucide-react';
import { useMemo, useState } from 'react';
import { coverage as route } from '../../api/footage';
import { useFetched } from '../../app/fetched';
import { useTitle } from '../../app/title';
import { ErrorNotice } from '../../components/ErrorNotice';
import { ScreenBar } from '../../components/ScreenBar';
import { Empty } from '../../components/small';
import { FeedProvider, useFeed, useRows } from '../../feed';
import { serverNow } from '../../feed/clock';
import { useKeyboard } from '../../keys';
import { useText } from '../../i18n';
import { day, duration, moment } from '../../i18n/format';
import './coverage.css';
import { DayPanel } from './DayPanel';
import { DAY_MS, daysOf, lastDays, percentText, sum } from './figures';
import { Matrix, type Chosen } from './Matrix';
import { messages } from './text';

const SPANS = [7, 14, 31] as const;
/** On a phone a week fits. */
const SHORT = 7;

export default function CoverageScreen() {
  return (
    <FeedProvider>
      <Coverage />
    </FeedProvider>
  );
}

function Coverage() {
  useTitle('coverage');
  useKeyboard();
  const t = messages.use();
  const feed = useFeed();
  const rows = useRows(feed.cameras);
  const cameras = useMemo(() => [...rows].sort((a, b) => a.code.localeCompare(b.code)), [rows]);
  const [length, setLength] = useState<number>(() => (innerWidth < 720 ? SHORT : 14));
  const [only, setOnly] = useState(false);
  const [chosen, setChosen] = useState<Chosen | null>(null);
  const today = day(serverNow());
  const days = useMemo(() => lastDays(serverNow(), length), [length, today]);
  const { data, error, reload } = useCoverage(days);

  const shown = cameras.filter((camera) => {
    const found = data?.cameras.find((each) => each.camera_id === camera.id);
    return !only || found?.days.some((each) => each.gaps.length > 0);
  });
  const total = sum(daysOf(data?.cameras ?? []));
  const camera = cameras.find((each) => each.id === chosen?.cameraId);
  const cell = data?.cameras.find((each) => each.camera_id === chosen?.cameraId)?.days.find((each) => each.day === chosen?.day);

  return (
    <div className="coverage">
      <ScreenBar />
      <main className="cv-body">
        <header className="cv-head">
          <h2>{t('coverage.title')}</h2>
          <label>
            <span className="visually-hidden">{t('coverage.days')}</span>
            <select className="input" value={length} onChange={(event) => setLength(Number(event.target.value))}>
              {SPANS.map((each) => (
                <option key={each} value={each}>
                  {t('coverage.last', { n: each })}
                </option>
              ))}
            </select>
          </label>
          <label className="cv-only">
            <input type="checkbox" checked={only} onChange={(event) => setOnly(event.target.checked)} />
            {t('coverage.only')}
          </label>
          <span className="cv-space" />
          <span className="muted">{t('coverage.made', { at: moment(serverNow(), 0) })}</span>
          <button type="button" className="button" onClick={() => print()}>
            <Printer size={16} aria-hidden />
            {t('coverage.print')}
          </button>
        </header>
        {error !== null && <ErrorNotice error={error} onRetry={reload} />}
        {data && <Summary total={total} />}
        {data && cameras.length === 0 && (
          <Empty icon={<VideoOff size={28} aria-hidden />} title={t('coverage.empty')}>
            {t('coverage.empty_hint')}
          </Empty>
        )}
        {data && cameras.length > 0 && shown.length === 0 && <p className="muted">{t('coverage.whole')}</p>}
        {data && shown.length > 0 && <Matrix cameras={shown} days={days} coverage={data.cameras} chosen={chosen} onChosen={setChosen} />}
        {camera && chosen ? <DayPanel key={`${camera.id}${chosen.day}`} camera={camera} day={chosen.day} cell={cell} /> : data && shown.length > 0 && <p className="muted cv-hint">{t('coverage.hint')}</p>}
      </main>
    </div>
  );
}

function useCoverage(days: readonly number[]) {
  const [turn, setTurn] = useState(0);
  const from = days[0] as number;
  const found = useFetched(from, (fromMs, signal) => route.read(fromMs, (days[days.length - 1] as number) + DAY_MS, signal), turn);
  return { ...found, reload: () => setTurn((held) => held + 1) };
}

function Summary({ total }: { total: ReturnType<typeof sum> }) {
  const t = messages.use();
  const shared = useText();
  if (total.percent === null) return <p className="cv-total">{t('coverage.nothing_due')}</p>;
  return (
    <section className="cv-summary">
      <p className="cv-total" data-testid="coverage-total">
        {total.gaps === 0
          ? t('coverage.sum_whole', { percent: percentText(total.percent) })
          : t('coverage.sum', { percent: percentText(total.percent), gaps: total.gaps, n: total.gaps, longest: duration(total.longest_s, t.language) })}
      </p>
      {total.reasons.length > 0 && (
        <dl className="cv-reasons" aria-label={t('coverage.reasons')}>
          {total.reasons.map(({ reason, missing_s, gaps }) => (
            <div key={reason}>
              <dt>{shared.maybe(`gap_reason.${reason}`) ?? reason}</dt>
              <dd className="muted">{t('coverage.reason_line', { missing: duration(missing_s, t.language), n: gaps })}</dd>
            </div>
          ))}
        </dl>
      )}
    </section>
  );
}
