import { Archive, LockKeyhole } from 'lucide-react';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import { useSession } from '../../app/session';
import { useTitle } from '../../app/title';
import { ScreenBar } from '../../components/ScreenBar';
import { FeedProvider, useFeed, useRows } from '../../feed';
import { serverNow } from '../../feed/clock';
import { useKeyboard } from '../../keys';
import { reveal, zoom, type Window } from './axis';
import { ReviewMap } from './ReviewMap';
import { Controls } from './Controls';
import { ChosenThing } from './ChosenThing';
import { Dialogs, type Open } from './Dialogs';
import { isGoing, useJobs } from './export/useJobs';
import { Filters, type Filter } from './Filters';
import { Builder, type Drawing } from './find/Builder';
import { FindResults } from './find/FindResults';
import { messages as findMessages } from './find/text';
import { useFinding } from './find/useFinding';
import { neighbour, ofEvent, type Item } from './item';
import { readLink } from './link';
import type { Mounted } from './Player';
import { Players } from './Players';
import { Playhead } from './playhead';
import { QueueList } from './queue/QueueList';
import { QueuePanel } from './queue/QueuePanel';
import { useActs } from './queue/useActs';
import { useQueue } from './queue/useQueue';
import { Results } from './Results';
import './review.css';
import './player.css';
import './timeline.css';
import './dialogs.css';
import { useTimelineRows } from './rows';
import { between, NOTHING, setIn, setOut, stretchOf, type Selection } from './selection';
import { SelectionBar } from './SelectionBar';
import { messages } from './text';
import { Timeline } from './Timeline';
import { useCameras } from './useCameras';
import { useChosen } from './useChosen';
import { useMotion } from './useMotion';
import { useReviewKeys } from './useReviewKeys';
import { useSearch } from './useSearch';
import { useSound } from './useSound';
import { useTransport } from './useTransport';

const HOUR_MS = 3_600_000;
/** Recording is behind the clock by its open GOP; playing further than this is playing nothing. */
const NEWEST_MS = 500;
const TICK_MS = 50;

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
  const incidents = useRows(feed.incidents);
  const { has } = useSession();
  const mayChange = has('reviewer', 'commander', 'admin');
  const link = useMemo(() => readLink(location.search), []);
  const [filter, setFilter] = useState<Filter>(() => {
    const toMs = link.atMs === null ? Date.now() : Math.min(Date.now(), link.atMs + HOUR_MS / 2);
    return { fromMs: toMs - HOUR_MS, toMs, rule: null, kind: null, area: null };
  });
  const [view, setView] = useState<Window>({ fromMs: filter.fromMs, toMs: filter.toMs });
  const fit = useCallback(() => setView({ fromMs: filter.fromMs, toMs: filter.toMs }), [filter]);
  const [problem, setProblem] = useState<unknown>(null);
  const { all, chosen, setChosen, playing, tooMany } = useCameras(link, setProblem);
  const search = useSearch(filter, chosen, fit);
  const find = findMessages.use();
  const [side, setSide] = useState<'find' | 'queue'>('find');
  const finding = useFinding(chosen.size);
  const { mode, question, setQuestion, finds } = finding;
  const queue = useQueue(side === 'queue');
  const [drawing, setDrawing] = useState<Drawing>(null);
  const [selection, setSelection] = useState<Selection>(NOTHING);
  const [large, setLarge] = useState<number | null>(null);
  const sound = useSound();
  const [open, setOpen] = useState<Open>(null);
  const [rows, reloadRows] = useTimelineRows(playing.map((camera) => camera.id), view, setProblem);
  const motion = useMotion(playing.map((camera) => camera.id), view);
  const playhead = useMemo(() => new Playhead(link.atMs ?? serverNow() - 15_000), []);
  const players = useRef(new Map<number, Mounted>());

  useEffect(() => {
    if (problem !== null) search.fail(problem);
  }, [problem]);
  useEffect(() => {
    const timer = setInterval(() => playhead.tick(serverNow() - NEWEST_MS), TICK_MS);
    return () => clearInterval(timer);
  }, [playhead]);

  const seek = useCallback(
    (atMs: number) => {
      playhead.seek(Math.min(atMs, serverNow()));
      setView((held) => reveal(held, atMs));
    },
    [playhead],
  );
  const mount = useCallback((player: Mounted) => {
    players.current.set(player.camera.id, player);
    return () => {
      if (players.current.get(player.camera.id) === player) players.current.delete(player.camera.id);
    };
  }, []);
  const { item, marked, clear, choose, chooseFind, chooseQueued, openLink } = useChosen({ playhead, seek, setCameras: setChosen, onError: setProblem });
  const queued = side === 'queue' ? (queue.events?.find((event) => `event:${event.id}` === item?.key) ?? null) : null;
  const items: Item[] = useMemo(
    () =>
      side === 'queue'
        ? (queue.events ?? []).map((event) => ofEvent(event, event))
        : mode === 'events'
          ? (search.found ?? []).map((event) => ofEvent(event))
          : (finds.items ?? []),
    [side, mode, queue.events, search.found, finds.items],
  );
  const step = (by: 1 | -1) => {
    const next = neighbour(items, item?.key ?? null, by);
    // Whoever goes on has looked.
    if (by > 0 && queued && !queued.seen) queue.see(queued);
    if (next) (side === 'queue' ? chooseQueued : chooseFind)(next);
  };
  const acts = useActs({ queue, queued, next: () => step(1), open: setOpen });
  const unseen = queue.unseen?.total ?? 0;
  useTitle('review', unseen > 0 ? `(${unseen}${queue.unseen?.exact ? '' : '+'}) ` : '');
  const runSearch = () => {
    setDrawing(null);
    clear();
    if (mode === 'events') return void search.run();
    finding.run(filter, chosen);
    fit();
  };

  const jobs = useJobs(mayChange);
  const going = jobs.jobs?.find(isGoing);
  const showHold = (hold: { camera_id: number; from_at: string; to_at: string }) => {
    setOpen(null);
    setChosen(new Set([hold.camera_id]));
    const [fromMs, toMs] = [Date.parse(hold.from_at), Date.parse(hold.to_at)];
    setSelection(between(fromMs, toMs));
    setView({ fromMs: fromMs - (toMs - fromMs), toMs: toMs + (toMs - fromMs) });
    playhead.seek(fromMs);
  };
  const some = playing.length > 0;
  const enlarged = playing.some((camera) => camera.id === large) ? large : null;
  const first = playing.find((camera) => camera.id === enlarged) ?? playing[0];
  const stretch = stretchOf(selection);
  const act = useTransport({ playhead, rows, first, players: players.current, stretch, seek, setSound: sound.setOn, help: () => setOpen('keys') });
  const doZoom = (factor: number) => setView((held) => zoom(held, playhead.now(), factor));
  const hasSound = first !== undefined && sound.audible.has(first.id);
  useEffect(() => playhead.setLoop(null), [stretch?.fromMs, stretch?.toMs]);

  useReviewKeys({
    act,
    playhead,
    some,
    found: items.length > 0,
    mayChange,
    canLoop: stretch !== null,
    hasSound,
    players: playing.length,
    step,
    mark: (which) => setSelection((held) => (which === 'in' ? setIn : setOut)(held, playhead.now())),
    clear: () => setSelection(NOTHING),
    open: setOpen,
    enlarge: (position) => setLarge(position === 0 ? null : (playing[position - 1]?.id ?? null)),
    zoom: doZoom,
    fit,
    reorder: side === 'find' && mode !== 'events' && finds.items !== null ? () => finds.reorder(finds.order === 'best' ? 'newest' : 'best') : null,
    toggleQueue: () => setSide((held) => (held === 'queue' ? 'find' : 'queue')),
    queue: queued ? acts : null,
  });

  const about = item && <ChosenThing item={item} onLink={openLink} />;
  return (
    <div className="review">
      <ScreenBar>
        {mayChange && (
          <button type="button" className="button quiet" onClick={() => setOpen('jobs')} aria-label={t('review.jobs')} data-testid="open-jobs">
            <Archive size={16} aria-hidden />
            <span className="rv-word">{t('review.jobs')}</span>
            {going && <span className="rv-count">{Math.floor(going.progress * 100)} %</span>}
          </button>
        )}
        <button type="button" className="button quiet" onClick={() => setOpen('holds')} aria-label={t('review.holds')} data-testid="open-holds">
          <LockKeyhole size={16} aria-hidden />
          <span className="rv-word">{t('review.holds')}</span>
        </button>
      </ScreenBar>
      <aside className="rv-side" aria-label={t('review.side')}>
        <div className="rv-tabs" role="group">
          <button type="button" className="button" aria-pressed={side === 'find'} onClick={() => setSide('find')} data-testid="tab-find">
            {find('tab.find')}
          </button>
          <button type="button" className="button" aria-pressed={side === 'queue'} onClick={() => setSide('queue')} data-testid="tab-queue">
            {find('tab.queue')}
            {queue.unseen !== null && queue.unseen.total > 0 && (
              <span className="rv-count" data-testid="unseen">
                {queue.unseen.total}
                {!queue.unseen.exact && '+'}
              </span>
            )}
            <kbd>Q</kbd>
          </button>
        </div>
        {side === 'queue' ? (
          <QueuePanel queue={queue} cameras={all} area={filter.area} />
        ) : (
          <Filters
            filter={filter}
            onFilter={setFilter}
            cameras={all}
            chosen={chosen}
            onChosen={setChosen}
            drawing={drawing}
            onDrawing={setDrawing}
            mode={mode}
            onMode={(next) => {
              finding.setMode(next);
              setDrawing(null);
            }}
            builder={
              mode === 'events' ? null : (
                <Builder mode={mode} question={question} onQuestion={setQuestion} cameras={all} chosen={chosen} atMs={playhead.get().atMs} time={filter} drawing={drawing} onDrawing={setDrawing} />
              )
            }
            missing={finding.lacking && find(`missing.${finding.lacking}`)}
            onSearch={runSearch}
            busy={mode === 'events' ? search.busy : finds.busy}
          />
        )}
        <ReviewMap
          cameras={all}
          chosen={chosen}
          points={items.flatMap((each) => (each.place ? [{ key: each.key, place: each.place, priority: each.priority, atMs: each.atMs }] : []))}
          at={item?.key ?? null}
          selected={item?.event ?? null}
          area={mode === 'events' || side === 'queue' ? filter.area : question.shape?.on === 'map' ? question.shape.points : null}
          drawing={drawing}
          spot={mode === 'near' && side === 'find' && question.spot ? { at: question.spot, radius_m: question.radius_m } : null}
          playhead={playhead}
          onArea={(area) => {
            setDrawing(null);
            if (mode === 'events') setFilter({ ...filter, area });
            else setQuestion({ ...question, shape: { on: 'map', points: area } });
          }}
          onSpot={(spot) => {
            setDrawing(null);
            setQuestion({ ...question, spot });
          }}
          onCamera={(id) => setChosen(new Set([...chosen, id]))}
        />
      </aside>
      {side === 'queue' ? (
        <QueueList queue={queue} chosen={item?.key ?? null} onChoose={chooseQueued} acts={acts} about={about} />
      ) : mode === 'events' ? (
        <Results search={search} selected={item?.event ?? null} onChoose={choose} about={about} />
      ) : (
        <FindResults finds={finds} mode={mode} chosen={item?.key ?? null} onChoose={chooseFind} about={about} />
      )}
      <main className="rv-stage">
        <Players
          cameras={playing}
          playhead={playhead}
          rows={rows}
          large={enlarged}
          onLarge={setLarge}
          sounding={sound.on && hasSound && first ? first.id : null}
          onNext={seek}
          onAudio={sound.onAudio}
          marked={marked}
          mount={mount}
        />
        {tooMany && <p className="muted">{t('review.at_most', { n: playing.length })}</p>}
        <Controls playhead={playhead} act={act} some={some} canLoop={stretch !== null} sound={sound.on} hasSound={hasSound} />
        <SelectionBar
          selection={selection}
          onClear={() => setSelection(NOTHING)}
          onExport={() => setOpen('export')}
          onLock={() => setOpen('lock')}
          onIncident={() => setOpen('incident')}
          mayChange={mayChange}
          some={some}
          onZoom={doZoom}
          onFit={fit}
        />
        <Timeline
          rows={rows}
          motion={motion}
          cameras={playing}
          incidents={incidents}
          view={view}
          onView={setView}
          playhead={playhead}
          selection={selection}
          onSelection={setSelection}
          onSeek={seek}
          onEvent={choose}
        />
      </main>
      <Dialogs
        open={open}
        setOpen={setOpen}
        all={all}
        playing={playing}
        selection={selection}
        playhead={playhead}
        item={item}
        queued={queued}
        say={acts.say}
        jobs={jobs}
        mayChange={mayChange}
        onShowHold={showHold}
        onChanged={reloadRows}
      />
    </div>
  );
}
