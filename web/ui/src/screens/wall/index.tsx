import { useEffect, useMemo, useRef, useState } from 'react';
import type { Camera } from '../../api/types';
import { useSession } from '../../app/session';
import { useTitle } from '../../app/title';
import { ScreenBar } from '../../components/ScreenBar';
import { Empty } from '../../components/small';
import { showText } from '../../components/toasts';
import { FeedProvider, useConnection, useFeed, useRows } from '../../feed';
import { useServerNow } from '../../feed/clock';
import { age } from '../../i18n/format';
import { OpenIncidentDialog } from '../../incident/OpenIncidentDialog';
import { KeyHelp, useKeyboard } from '../../keys';
import { PtzControl, useTurns } from '../../ptz/PtzControl';
import { CameraList } from './CameraList';
import { fit, gridFor, hang, nextPlace, pages, type Grid, type Slots } from './layout';
import { Overview } from './Overview';
import { Stage } from './Stage';
import { isNarrow, openWall, withSaved, type Mode } from './state';
import { messages } from './text';
import { mapLink, reviewLink } from './Tile';
import { go, hold, pageOf, startTour, tick, touch, turn } from './tour';
import { Tools } from './Tools';
import { useFollow } from './useFollow';
import './wall.css';
import './overview.css';
import { useWallCommands } from './useWallCommands';

const TOUR_KEYS = [' ', '[', ']', 'p'];

export default function WallScreen() {
  const { user } = useSession();
  return (
    <FeedProvider>
      <Wall key={user.id} userId={user.id} />
    </FeedProvider>
  );
}

function Wall({ userId }: { userId: number }) {
  useTitle('wall');
  useKeyboard();
  const t = messages.use();
  const { has } = useSession();
  const turns = useTurns();
  const feed = useFeed();
  const rows = useRows(feed.cameras);
  const cameras = useMemo(() => [...rows].sort((a, b) => a.code.localeCompare(b.code)), [rows]);
  const [{ store, fresh }] = useState(() => openWall(userId));
  const state = store.use((value) => value);
  const [incidentAt, setIncidentAt] = useState<Camera | null>(null);
  const page = useRef<HTMLDivElement>(null);
  const field = useRef<HTMLInputElement>(null);
  const first = useRef(fresh);
  const now = useServerNow();

  // The first time, the wall is not empty: it shows what there is.
  useEffect(() => {
    if (!first.current || cameras.length === 0) return;
    first.current = false;
    const grid = gridFor(cameras.length);
    store.keep({ grid, slots: fit(cameras.slice(0, grid).map((camera) => camera.id), grid) });
  });

  const walls = useMemo<{ grid: Grid; slots: Slots }[]>(
    () =>
      state.tourOver === 'saved' && state.saved.length > 0
        ? [...state.saved]
        : pages(cameras.map((camera) => camera.id), state.grid).map((slots) => ({ grid: state.grid, slots })),
    [cameras, state.grid, state.saved, state.tourOver],
  );
  const followed = useFollow(state.mode === 'follow', state.grid);
  const at = state.tour ? pageOf(state.tour, walls.length) : 0;
  const toured = state.mode === 'tour' ? walls[at] : undefined;
  const grid = toured?.grid ?? state.grid;
  const slots = toured?.slots ?? followed ?? state.slots;
  const fixed = state.mode !== 'manual';
  const focus = Math.min(state.focus, grid - 1);
  const overview = state.view === 'overview';
  const enlarged = state.enlarged !== null && (overview || slots.includes(state.enlarged)) ? state.enlarged : null;
  const focused = feed.cameras.get(overview ? (enlarged ?? 0) : (slots[focus] ?? 0)) ?? null;
  const hung = new Map(slots.flatMap((id, i) => (id === null ? [] : [[id, i + 1] as const])));

  useEffect(() => {
    const { tour } = store.get();
    if (!tour) return;
    const next = tick(tour, Date.now());
    if (next !== tour) store.set({ tour: next });
  }, [now, store]);
  // An enlarged picture holds the tour as long as it is looked at.
  const touched = () => {
    const { tour } = store.get();
    if (tour) store.set({ tour: touch(tour, Date.now()) });
  };

  const setMode = (mode: Mode) =>
    store.set({ mode, enlarged: null, tour: mode === 'tour' ? startTour(Date.now(), state.every_s) : null });
  const setGrid = (next: Grid) => {
    store.set({ view: 'wall', enlarged: null });
    store.keep({ grid: next, slots: fit(state.slots, next) });
  };
  const put = (camera: number, place: number) => {
    store.keep({ slots: hang(state.slots, camera, place) });
    store.set({ focus: place });
  };
  const clear = (place: number) => store.keep({ slots: state.slots.map((id, i) => (i === place ? null : id)) });
  const enlarge = (camera: number | null) => {
    touched();
    store.set({ enlarged: camera });
  };
  const steer = (step: 'hold' | 'go' | 1 | -1) => {
    const { tour } = store.get();
    if (!tour) return;
    const time = Date.now();
    store.set({ tour: step === 'hold' ? hold(tour) : step === 'go' ? go(tour, time) : turn(tour, step, time) });
  };
  const fullscreen = () => void (document.fullscreenElement ? document.exitFullscreen() : page.current?.requestFullscreen());
  const openList = () => {
    store.keep({ listShown: true });
    requestAnimationFrame(() => field.current?.focus());
  };

  useWallCommands({
    state: { ...state, grid, focus, enlarged },
    focused,
    fixed,
    mayOpen: has('dispatcher', 'commander'),
    onFocus: (place) => store.set({ focus: place }),
    onEnlarge: enlarge,
    onClear: () => clear(focus),
    onIncident: () => setIncidentAt(focused),
    onMap: () => focused && window.open(mapLink(focused), 'wanglou-console'),
    onReview: () => focused && window.open(reviewLink(focused), '_blank', 'noreferrer'),
    onSearch: openList,
    onList: () => store.keep({ listShown: !state.listShown }),
    onView: () => store.set({ view: state.view === 'wall' ? 'overview' : 'wall', enlarged: null }),
    onMode: (mode) => setMode(state.mode === mode ? 'manual' : mode),
    onTour: steer,
    onHelp: () => store.set({ help: true }),
  });

  return (
    <div
      className="wall"
      ref={page}
      data-list={state.listShown || undefined}
      // What steers the tour does not hold it as well.
      onPointerDown={(event) => !(event.target as Element).closest('.wall-tools') && touched()}
      onKeyDown={(event) => !TOUR_KEYS.includes(event.key) && touched()}
    >
      <ScreenBar />
      <Away />
      <Tools
        state={state}
        pages={walls.length}
        page={at}
        onView={(view) => store.set({ view, enlarged: null })}
        onGrid={setGrid}
        onMode={setMode}
        onTour={steer}
        onPeriod={(every_s) => {
          store.keep({ every_s });
          const { tour } = store.get();
          if (tour) store.set({ tour: go({ ...tour, every_s }, Date.now()) });
        }}
        onTourOver={(tourOver) => store.keep({ tourOver })}
        onList={() => store.keep({ listShown: !state.listShown })}
        onLoad={(saved) => {
          store.set({ mode: 'manual', tour: null, enlarged: null });
          store.keep({ grid: saved.grid, slots: saved.slots });
        }}
        onSave={(name) => {
          store.keep({ saved: withSaved(state.saved, { name, grid, slots }) });
          showText(t('layouts.saved', { name }));
        }}
        onRemove={(saved) => store.keep({ saved: state.saved.filter((each) => each !== saved) })}
        onHelp={() => store.set({ help: true })}
        onFullscreen={fullscreen}
      />
      {state.listShown && (
        <CameraList
          cameras={cameras}
          hung={hung}
          field={field}
          fixed={fixed && !overview}
          onChoose={(camera) => {
            if (overview) store.set({ enlarged: camera });
            else put(camera, nextPlace(state.slots, focus));
            if (isNarrow()) store.set({ listShown: false });
          }}
          onClose={() => store.keep({ listShown: false })}
        />
      )}
      <main className="wall-main">
        {overview && enlarged === null ? (
          <Overview cameras={cameras} onChoose={(camera) => store.set({ enlarged: camera.id })} />
        ) : !overview && state.mode === 'follow' && hung.size === 0 ? (
          <Empty title={t('follow.calm')}>{t('follow.calm_hint')}</Empty>
        ) : (
          <Stage
            grid={overview ? 1 : grid}
            slots={overview ? [enlarged] : slots}
            focus={overview ? 0 : focus}
            enlarged={enlarged}
            fixed={fixed || overview}
            over={(camera) => turns(camera) && <PtzControl key={camera.id} camera={camera} />}
            onFocus={(place) => store.set({ focus: place })}
            onEnlarge={enlarge}
            onHang={put}
            onClear={clear}
            onIncident={setIncidentAt}
          />
        )}
      </main>
      {incidentAt && (
        <OpenIncidentDialog
          lon={incidentAt.lon}
          lat={incidentAt.lat}
          onClose={() => setIncidentAt(null)}
          onOpened={(detail) => {
            setIncidentAt(null);
            feed.takeDetail(detail);
            showText(t('incident.opened', { id: detail.incident.id }));
          }}
        />
      )}
      {state.help && <KeyHelp onClose={() => store.set({ help: false })} />}
    </div>
  );
}

/** The pictures come on their own ways; what is written beside them may be old while the feed is away. */
function Away() {
  const t = messages.use();
  const { state, since } = useConnection();
  useServerNow();
  if (state !== 'away') return null;
  return (
    <p className="away-banner" role="alert">
      {t('wall.away', { age: age((Date.now() - since) / 1000) })}
    </p>
  );
}
