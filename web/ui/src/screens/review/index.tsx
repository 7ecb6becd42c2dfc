import {
  ChevronFirst,
  ChevronLast,
  Download,
  Film,
  Maximize,
  Pause,
  Play,
  Rewind,
  FastForward,
  SkipBack,
  SkipForward,
  ZoomIn,
  ZoomOut,
} from 'lucide-react';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { cameras as cameraRoutes, events as eventRoutes, recordings } from '../../api/endpoints';
import type { Camera, Event, Timeline as TimelineRows } from '../../api/types';
import { ScreenBar } from '../../components/ScreenBar';
import { ErrorNotice } from '../../components/ErrorNotice';
import { Empty, PriorityMark } from '../../components/small';
import { FeedProvider, useFeed, useRows } from '../../feed';
import { serverNow } from '../../feed/clock';
import { either, named } from '../../i18n';
import { clock, moment } from '../../i18n/format';
import { useCommands, useKeyboard } from '../../keys';
import { nextCovered, reveal, zoom, type Window } from './axis';
import { AreaMap } from './AreaMap';
import { Filters, type Filter } from './Filters';
import { readLink } from './link';
import { Playhead, RATES, usePlayhead } from './playhead';
import { RecordingPlayer } from './RecordingPlayer';
import './review.css';
import { messages } from './text';
import { Timeline } from './Timeline';

const PLAYERS = 4;
const BEFORE_EVENT_MS = 4000;
const PAGE = 60;
const REFRESH_MS = 10_000;
const FRAME_MS = 100;

export default function ReviewScreen() {
  return (
    <FeedProvider>
      <Review />
    </FeedProvider>
  );
}

function Review() {
  useKeyboard();
  const t = messages.use();
  const feed = useFeed();
  const link = useMemo(() => readLink(location.search), []);
  const all = useRows(feed.cameras);
  const cameras = useMemo(() => [...all].sort((a, b) => a.code.localeCompare(b.code)), [all]);
  const [filter, setFilter] = useState<Filter>(() => {
    const toMs = link.atMs === null ? Date.now() : Math.min(Date.now(), link.atMs + 30 * 60_000);
    return { fromMs: toMs - 60 * 60_000, toMs, rule: null, kind: null, area: null };
  });
  const [chosen, setChosen] = useState<ReadonlySet<number>>(() => new Set(link.cameras));
  const [drawing, setDrawing] = useState(false);
  const [found, setFound] = useState<Event[] | null>(null);
  const [more, setMore] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const [selected, setSelected] = useState<Event | null>(null);
  const [rows, setRows] = useState<TimelineRows | null>(null);
  const [view, setView] = useState<Window>({ fromMs: filter.fromMs, toMs: filter.toMs });
  const playhead = useMemo(() => new Playhead(link.atMs ?? serverNow() - 15_000), []);
  const head = usePlayhead(playhead);
  const shown = useMemo(() => cameras.filter((camera) => chosen.has(camera.id)), [cameras, chosen]);
  const playing = shown.slice(0, PLAYERS);
  const asked = useRef(0);

  const search = useCallback(
    async (before: string | null = null) => {
      const turn = ++asked.current;
      setBusy(true);
      setError(null);
      try {
        const page = await recordings.events({
          camera_ids: [...chosen],
          from: new Date(filter.fromMs).toISOString(),
          to: new Date(filter.toMs).toISOString(),
          rule: filter.rule,
          kind: filter.kind,
          polygon: filter.area,
          before,
          limit: PAGE,
        });
        if (turn !== asked.current) return;
        setFound((held) => (before && held ? [...held, ...page.events] : page.events));
        setMore(page.next_before);
        if (!before) setView({ fromMs: filter.fromMs, toMs: filter.toMs });
      } catch (problem) {
        if (turn === asked.current) setError(problem);
      } finally {
        if (turn === asked.current) setBusy(false);
      }
    },
    [chosen, filter],
  );

  useEffect(() => {
    void search();
    // Once at the start; afterwards a person asks by the button or Enter.
  }, []);

  // A link to a spot chooses the cameras that see it, best first.
  useEffect(() => {
    if (!link.spot) return;
    cameraRoutes.seeing(link.spot[0], link.spot[1]).then(
      (seeing) => setChosen(new Set(seeing.slice(0, PLAYERS).map((each) => each.camera_id))),
      setError,
    );
  }, [link]);

  const shownIds = playing.map((camera) => camera.id).join();
  useEffect(() => {
    if (shownIds === '') {
      setRows(null);
      return;
    }
    const abort = new AbortController();
    const load = () =>
      recordings
        .timeline(shownIds.split(',').map(Number), new Date(view.fromMs).toISOString(), new Date(view.toMs).toISOString(), abort.signal)
        .then(setRows, (problem: unknown) => {
          if (!abort.signal.aborted) setError(problem);
        });
    const soon = setTimeout(() => void load(), 200);
    const again = setInterval(() => void load(), REFRESH_MS);
    return () => {
      abort.abort();
      clearTimeout(soon);
      clearInterval(again);
    };
  }, [shownIds, view.fromMs, view.toMs]);

  const seek = useCallback(
    (atMs: number) => {
      playhead.seek(Math.min(atMs, serverNow()));
      setView((held) => reveal(held, atMs));
    },
    [playhead],
  );

  const choose = useCallback(
    (event: Event) => {
      setSelected(event);
      setChosen((held) => (held.has(event.camera_id) ? held : new Set([...held, event.camera_id])));
      seek(Date.parse(event.at) - BEFORE_EVENT_MS);
      playhead.play(true);
      eventRoutes.read(event.id).then(setSelected, () => undefined); // the list's row stays, without its path
    },
    [playhead, seek],
  );

  const step = (by: number) => {
    const list = found ?? [];
    if (list.length === 0) return;
    const index = selected ? list.findIndex((event) => event.id === selected.id) : -1;
    const next = list[Math.min(list.length - 1, Math.max(0, index + by))];
    if (next) choose(next);
  };
  const faster = (by: number) => {
    const index = RATES.findIndex((rate) => rate === head.rate);
    playhead.setRate(RATES[Math.min(RATES.length - 1, Math.max(0, index + by))] ?? 1);
  };
  const frame = (by: number) => {
    playhead.play(false);
    playhead.seek(playhead.now() + by * FRAME_MS);
  };
  const newest = () => {
    const spans = rows?.cameras.flatMap((row) => row.recorded) ?? [];
    const end = Math.max(...spans.map((each) => Date.parse(each.end_at)), 0);
    if (end > 0) seek(end - 5000);
  };
  const play = () => {
    if (!head.playing) {
      const spans = rows?.cameras.flatMap((row) => row.recorded) ?? [];
      const next = nextCovered(spans, playhead.now());
      if (next !== null && next > playhead.now()) seek(next);
    }
    playhead.play(!head.playing);
  };
  const some = playing.length > 0;

  useCommands([
    { id: 'review.play', keys: ['Space'], group: 'video', label: t('review.play'), run: play, enabled: some },
    { id: 'review.back', keys: ['ArrowLeft'], group: 'video', label: t('review.back'), run: () => seek(playhead.now() - 5000), enabled: some },
    { id: 'review.forward', keys: ['ArrowRight'], group: 'video', label: t('review.forward'), run: () => seek(playhead.now() + 5000), enabled: some },
    { id: 'review.frame_back', keys: [','], group: 'video', label: t('review.frame_back'), run: () => frame(-1), enabled: some },
    { id: 'review.frame_forward', keys: ['.'], group: 'video', label: t('review.frame_forward'), run: () => frame(1), enabled: some },
    { id: 'review.slower', keys: ['-'], group: 'video', label: t('review.slower'), run: () => faster(-1), enabled: some },
    { id: 'review.faster', keys: ['='], group: 'video', label: t('review.faster'), run: () => faster(1), enabled: some },
    { id: 'review.next', keys: ['ArrowDown', 'j'], group: 'list', label: t('review.next'), run: () => step(1), enabled: Boolean(found?.length) },
    { id: 'review.previous', keys: ['ArrowUp', 'k'], group: 'list', label: t('review.previous'), run: () => step(-1), enabled: Boolean(found?.length) },
  ]);

  return (
    <div className="review">
      <ScreenBar />
      <aside className="rv-side">
        <Filters
          filter={filter}
          onFilter={setFilter}
          cameras={cameras}
          chosen={chosen}
          onChosen={setChosen}
          drawing={drawing}
          onDrawing={setDrawing}
          onSearch={() => void search()}
          busy={busy}
        />
        <AreaMap
          cameras={cameras}
          chosen={chosen}
          events={found ?? []}
          selected={selected}
          area={filter.area}
          drawing={drawing}
          onArea={(area) => {
            setDrawing(false);
            setFilter({ ...filter, area });
          }}
          onCamera={(id) => setChosen(new Set([...chosen, id]))}
        />
      </aside>
      <section className="rv-results" aria-label={t('review.results', { n: found?.length ?? 0 })}>
        <h2>{t('review.results', { n: found?.length ?? 0 })}</h2>
        {error !== null && <ErrorNotice error={error} onRetry={() => void search()} onDismiss={() => setError(null)} />}
        {found?.length === 0 && <Empty title={t('review.empty')}>{t('review.empty_hint')}</Empty>}
        <ul className="rv-strip">
          {found?.map((event) => (
            <li key={event.id}>
              <Card event={event} camera={feed.cameras.get(event.camera_id)} selected={event.id === selected?.id} onChoose={() => choose(event)} />
            </li>
          ))}
        </ul>
        {more !== null && (
          <button type="button" className="button" disabled={busy} onClick={() => void search(more)}>
            {t('review.results_more')}
          </button>
        )}
      </section>
      <section className="rv-stage">
        <div className="rv-players" data-count={playing.length}>
          {some ? (
            playing.map((camera) => <RecordingPlayer key={camera.id} camera={camera} playhead={playhead} />)
          ) : (
            <Empty icon={<Film size={32} aria-hidden />} title={t('review.no_cameras')}>
              {t('review.no_cameras_hint')}
            </Empty>
          )}
        </div>
        <div className="rv-controls">
          <Button label={t('review.previous')} keyName="↑" onClick={() => step(-1)} disabled={!found?.length}>
            <SkipBack size={18} aria-hidden />
          </Button>
          <Button label={t('review.frame_back')} keyName="," onClick={() => frame(-1)} disabled={!some}>
            <ChevronFirst size={18} aria-hidden />
          </Button>
          <Button label={t('review.back')} keyName="←" onClick={() => seek(playhead.now() - 5000)} disabled={!some}>
            <Rewind size={18} aria-hidden />
          </Button>
          <Button label={t(head.playing ? 'review.pause' : 'review.play')} keyName="␣" primary onClick={play} disabled={!some} testId="review-play">
            {head.playing ? <Pause size={18} aria-hidden /> : <Play size={18} aria-hidden />}
          </Button>
          <Button label={t('review.forward')} keyName="→" onClick={() => seek(playhead.now() + 5000)} disabled={!some}>
            <FastForward size={18} aria-hidden />
          </Button>
          <Button label={t('review.frame_forward')} keyName="." onClick={() => frame(1)} disabled={!some}>
            <ChevronLast size={18} aria-hidden />
          </Button>
          <Button label={t('review.next')} keyName="↓" onClick={() => step(1)} disabled={!found?.length}>
            <SkipForward size={18} aria-hidden />
          </Button>
          <Moment playhead={playhead} />
          <select className="input rv-rate" aria-label={t('review.faster')} value={head.rate} onChange={(event) => playhead.setRate(Number(event.target.value))}>
            {RATES.map((rate) => (
              <option key={rate} value={rate}>
                {rate}×
              </option>
            ))}
          </select>
          <button type="button" className="button" onClick={newest} disabled={!rows}>
            {t('review.live_end')}
          </button>
          {playing[0] && (
            <button type="button" className="button" onClick={() => savePicture(playing[0] as Camera, playhead.now())}>
              <Download size={16} aria-hidden />
              {t('review.save_frame')}
            </button>
          )}
          <span className="rv-spread" />
          <Legend />
          <Button label={t('review.zoom_in')} onClick={() => setView(zoom(view, playhead.now(), 0.5))}>
            <ZoomIn size={18} aria-hidden />
          </Button>
          <Button label={t('review.zoom_out')} onClick={() => setView(zoom(view, playhead.now(), 2))}>
            <ZoomOut size={18} aria-hidden />
          </Button>
          <Button label={t('review.fit')} onClick={() => setView({ fromMs: filter.fromMs, toMs: filter.toMs })}>
            <Maximize size={18} aria-hidden />
          </Button>
        </div>
        {shown.length > PLAYERS && <p className="muted">{t('review.at_most', { n: PLAYERS })}</p>}
        <Timeline
          rows={rows}
          cameras={playing}
          view={view}
          onView={setView}
          playhead={playhead}
          onSeek={seek}
          onEvent={(id) => {
            const event = [...(found ?? []), ...(rows?.cameras.flatMap((row) => row.events) ?? [])].find((each) => each.id === id);
            if (event) choose(event);
          }}
        />
      </section>
    </div>
  );
}

interface ButtonProps {
  label: string;
  keyName?: string;
  onClick: () => void;
  disabled?: boolean;
  primary?: boolean;
  testId?: string;
  children: React.ReactNode;
}

function Button({ label, keyName, onClick, disabled, primary, testId, children }: ButtonProps) {
  return (
    <button
      type="button"
      className={`button icon${primary ? ' primary' : ''}`}
      aria-label={label}
      title={keyName ? `${label} (${keyName})` : label}
      disabled={disabled}
      onClick={onClick}
      data-testid={testId}
    >
      {children}
    </button>
  );
}

function Moment({ playhead }: { playhead: Playhead }) {
  const node = useRef<HTMLTimeElement>(null);
  useEffect(() => {
    const timer = setInterval(() => {
      if (node.current) node.current.textContent = moment(playhead.now());
    }, 100);
    return () => clearInterval(timer);
  }, [playhead]);
  return <time ref={node} className="rv-moment" data-testid="review-moment" />;
}

function Legend() {
  const t = messages.use();
  return (
    <span className="rv-legend muted">
      {(['recorded', 'held', 'event'] as const).map((kind) => (
        <span key={kind} data-kind={kind}>
          {t(`review.legend.${kind}`)}
        </span>
      ))}
    </span>
  );
}

function savePicture(camera: Camera, atMs: number): void {
  const at = new Date(atMs).toISOString();
  const link = document.createElement('a');
  link.href = recordings.frameUrl(camera.id, at);
  link.download = `${camera.code}-${at.replaceAll(':', '-')}.jpg`;
  link.click();
}

interface CardProps {
  event: Event;
  camera: Camera | undefined;
  selected: boolean;
  onChoose: () => void;
}

function Card({ event, camera, selected, onChoose }: CardProps) {
  const t = messages.use();
  const [x, y, w, h] = event.box;
  const node = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (selected) node.current?.scrollIntoView({ block: 'nearest' });
  }, [selected]);
  return (
    <button ref={node} type="button" className="rv-card" aria-pressed={selected} onClick={onChoose} data-testid="event-card">
      <span className="rv-picture">
        {event.snapshot_url ? <img src={event.snapshot_url} alt={t('review.snapshot')} loading="lazy" /> : <Film size={24} aria-hidden />}
        {event.snapshot_url && (
          <span className="rv-box" style={{ left: `${x * 100}%`, top: `${y * 100}%`, width: `${w * 100}%`, height: `${h * 100}%` }} />
        )}
      </span>
      <span className="rv-line1">
        <PriorityMark priority={event.priority} />
        <time dateTime={event.at}>{moment(event.at)}</time>
      </span>
      <span className="ellipsis">{either(t.language, event.why, event.why_en)}</span>
      <span className="ellipsis muted">
        {camera ? named(t.language, camera) : ''} · {either(t.language, event.place, event.place_en) || t('review.no_place')}
        {event.ellipse && ` · ${t('review.accuracy', { m: event.ellipse.major_m.toFixed(1) })}`}
      </span>
      <span className="visually-hidden">{clock(event.at)}</span>
    </button>
  );
}
